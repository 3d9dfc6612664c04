"""Looks for a way out. Every function returns what it could do as JSON text; an empty list means that it could not."""

import ctypes
import itertools
import json
import mmap
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path


def tried(attempts):
    """Return the names of the attempts that raised nothing."""
    done = []
    for name, attempt in attempts.items():
        try:
            attempt()
        except BaseException as error:
            if not isinstance(error, Exception):
                done.append(f"{name}: {type(error).__name__}")
        else:
            done.append(name)
    return json.dumps(done)


def read(*paths):
    return tried({path: Path(path).read_bytes for path in paths})


def read_through_descriptors(*paths):
    """Paths that lead back to the machine's root, if anything does."""
    roots = [f"/proc/{pid}/root" for pid in ("self", "1", str(os.getppid()))]
    roots += [f"/proc/self/fd/{n}" for n in range(64)] + [f"/proc/self/fd/{n}/.." for n in range(64)]
    return read(*(root + path for root in roots for path in paths))


def open_sockets():
    kinds = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET)
    return tried(
        {
            f"family {family}, kind {int(kind)}": lambda family=family, kind=kind: socket.socket(family, kind).close()
            for family, kind in itertools.product(range(46), kinds)
        }
    )


def reach(tcp_port, abstract_name, socket_path):
    def udp():
        # refused at once by anything that keeps networks apart
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("192.0.2.1", 53))
            udp.send(b"x")

    def datagram_pair(address):
        ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.sendto(b"x", address)

    def unix(address):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)

    return tried(
        {
            "tcp": lambda: socket.create_connection(("127.0.0.1", int(tcp_port)), timeout=1).close(),
            "udp": udp,
            "abstract": lambda: unix("\0" + abstract_name),
            "path": lambda: unix(socket_path),
            "datagram to abstract": lambda: datagram_pair("\0" + abstract_name + "-datagram"),
        }
    )


def signal_everything(victim):
    """Kill the victim, the parent, the session's whole group, everybody."""
    attempts = {
        "victim": lambda: os.kill(int(victim), signal.SIGKILL),
        "victim's limits": lambda: ctypes_prlimit(int(victim)),
        "victim's processors": lambda: os.sched_setaffinity(int(victim), {0}),
    }
    if os.getppid() > 1:
        attempts["parent"] = lambda: os.kill(os.getppid(), signal.SIGKILL)
    return tried(attempts)


def ctypes_prlimit(pid):
    import resource

    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))


def trace(victim):
    library = ctypes.CDLL(None, use_errno=True)

    def call(name, *arguments):
        if getattr(library, name)(*arguments) < 0:
            raise OSError(ctypes.get_errno(), name)

    memory = ctypes.create_string_buffer(8)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(memory), 8)
    return tried(
        {
            "attach": lambda: call("ptrace", 16, int(victim), None, None),
            "environment": lambda: Path(f"/proc/{int(victim)}/environ").read_bytes(),
            "memory": lambda: open(f"/proc/{int(victim)}/mem", "rb").close(),
            "read": lambda: call("process_vm_readv", int(victim), local, 1, local, 1, 0),
        }
    )


def environments_of_others():
    mine = {"self", "thread-self", str(os.getpid())}
    try:
        found = [name for name in os.listdir("/proc") if name.isdigit() and name not in mine]
    except OSError:
        found = [str(number) for number in range(1, 5000) if str(number) not in mine]
    return tried({name: Path(f"/proc/{name}/environ").read_bytes for name in found})


def write_everywhere(*folders):
    places = ["/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/etc", "/usr", "/proc/self", "/worker", "/root", "/home"]
    places += ["/run", "/mnt", "/sys", sys.prefix, sys.base_prefix, str(Path(os.__file__).parent), *folders]
    attempts = {}
    for place in places:
        attempts[f"create in {place}"] = lambda place=place: Path(place, "student-was-here").write_bytes(b"x")
        attempts[f"folder in {place}"] = lambda place=place: Path(place, "student-was-here-too").mkdir()
    attempts["change the standard library"] = lambda: open(os.__file__, "r+b").close()
    attempts["spare me"] = lambda: Path("/proc/self/oom_score_adj").write_text("-1000")
    return tried(attempts)


def write_scratch():
    Path("folder").mkdir()
    Path("folder", "a").write_text("x")
    Path("folder", "a").rename("b")
    Path("b").unlink()
    Path("folder").rmdir()
    return json.dumps("written")


def start_processes():
    """A started process ends at once, with a code of its own."""

    def fork():
        if os.fork() == 0:
            os._exit(0)

    def vfork():
        library = ctypes.CDLL(None, use_errno=True)
        flags = 0x11  # SIGCHLD, and nothing shared
        pid = library.syscall(56 if os.uname().machine == "x86_64" else 220, flags, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        if pid < 0:
            raise OSError(ctypes.get_errno(), "clone")

    return tried(
        {
            "fork": fork,
            "clone": vfork,
            "subprocess": lambda: subprocess.run(["/bin/true"], check=True),
            "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
            "multiprocessing": lambda: multiprocessing.get_context("fork").Process(target=int).start(),
        }
    )


def execute():
    """Become another program: this would end the conversation, so it is the last thing to try."""
    return tried({"exec": lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"])})


def rights():
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    wanted = ("CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp", "Groups", "Uid")
    # gVisor shows fewer of them
    return json.dumps({name: status[name].strip() for name in wanted if name in status})


def become_root():
    return tried(
        {
            "setuid": lambda: os.setuid(0),
            "setresuid": lambda: os.setresuid(0, 0, 0),
            "user namespace": lambda: unshare(0x10000000),
            "mount": mount,
            "chroot": lambda: os.chroot("/proc"),
            "undo the parent-death signal": lambda: ctypes_call("prctl", 1, 0, 0, 0, 0),
        }
    )


def ctypes_call(name, *arguments):
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def unshare(flags):
    ctypes_call("unshare", flags)


def mount():
    ctypes_call("mount", b"none", os.fsencode(os.getcwd()), b"tmpfs", 0, None)


def uncounted_memory():
    size = 2**20
    return tried(
        {
            "shared": lambda: mmap.mmap(-1, size),
            "memory file": lambda: os.memfd_create("x"),
            "growing": lambda: mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100),
            "device": lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), size),
            "system v": lambda: ctypes_call("shmget", 0, size, 0o1600),
        }
    )


def import_grader(*names):
    return tried({name: lambda name=name: __import__(name, fromlist=["x"]) for name in names})


def surroundings():
    descriptors = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        descriptors.append(number)
    return json.dumps(
        {
            "environment": dict(os.environ),
            "descriptors": descriptors,
            "arguments": sys.orig_argv,
            "standard input": sys.stdin.read(),
            "threads": threading.active_count(),
            "user": os.getuid(),
        }
    )


def needed():
    """What has to work all the same."""
    import asyncio
    import concurrent.futures
    import tempfile

    import numpy as np

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(int, "123")) == 6
    asyncio.run(asyncio.sleep(0))
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder, "a.npy"), np.eye(3))
        assert np.load(Path(folder, "a.npy"), mmap_mode="r").sum() == 3
    assert np.linalg.eigvalsh(np.eye(200) @ np.eye(200)).sum() == 200
    os.sched_getaffinity(0)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    os.kill(os.getpid(), signal.SIGALRM)
    return json.dumps("works")
