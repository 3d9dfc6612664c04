"""Raises the walls around this process, in the order in which each can still be raised.

Runs before a single byte of a student has been read. Each wall that was asked for and cannot be raised is an error:
the session decides beforehand what this machine can do, and never gets less than it was told.
"""

import os
import resource
from collections.abc import Callable
from pathlib import Path

from grader.sandbox.worker import kernel, landlock, system_calls
from grader.sandbox.worker.configuration import Configuration, Wall

_SIGKILL = 9
_FIRST_SPARE_DESCRIPTOR = 4
OPEN_FILES = 256
"""How many descriptors a worker may have."""
_READABLE_DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")
# of all of /proc, what TensorFlow and PyTorch look at to find themselves, the processor and the memory
_READABLE_PROCESS_FILES = ("self", "cpuinfo", "meminfo", "stat", "version", "filesystems", "sys/vm")


def raise_walls(wanted: Configuration, *, is_copy: bool = False) -> tuple[Wall, ...]:
    """Raise the walls of ``wanted`` and return them. A copy of another process leaves its namespaces first.

    Raises:
        OSError: the kernel refuses one of them.
    """
    order: dict[Wall, Callable[[Configuration], None]] = {
        Wall.OWN_KERNEL: check_kernel,
        Wall.NAMESPACES: _check_namespaces,
        Wall.SCRATCH: _scratch_wall(wanted, is_copy=is_copy),
        Wall.RESOURCE_LIMITS: _limit_resources,
        Wall.CGROUP: _leave_to_the_session,
        Wall.USER: _change_user,
        Wall.NO_CAPABILITIES: _give_up_capabilities,
        Wall.LANDLOCK: _confine_files,
        Wall.SECCOMP: _confine_calls,
    }
    os.closerange(_FIRST_SPARE_DESCRIPTOR, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    if is_copy:
        separate(wanted.scratch, _scratch_options(wanted), own_user=wanted.user_id is None)
    raised = []
    for wall, put_up in order.items():
        if wall in wanted.walls:
            put_up(wanted)
            raised.append(wall)
    return tuple(raised)


def separate(scratch: str, options: str, *, own_user: bool) -> None:
    """Leave the namespaces of the process that this one is a copy of. That of processes was left by being copied, and
    the network's is empty already. ``options`` are those of the file system at ``scratch``.

    Raises:
        OSError: the kernel refuses.
    """
    kernel.call("unshare", kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS | kernel.CLONE_NEWCGROUP)
    kernel.keep_mounts()
    kernel.mount_scratch(scratch, f"{options},mode=0777", again=False)
    kernel.mount_processes()
    if own_user:
        user, group = os.geteuid(), os.getegid()
        kernel.call("unshare", kernel.CLONE_NEWUSER)
        for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            Path("/proc/self", name).write_text(line)


def check_kernel(_: Configuration | None = None) -> None:
    """See that system calls are answered by gVisor. Raises ``OSError`` if they are not."""
    if b"gVisor" not in kernel.messages():
        raise OSError("the kernel beneath this process is not gVisor")


def _check_namespaces(_: Configuration) -> None:
    # bubblewrap made them, or the template; the first process of a namespace sees itself as number 1
    if os.getpid() != 1:
        raise OSError("this process has no namespace of its own")
    kernel.prctl(kernel.PR_SET_PDEATHSIG, _SIGKILL)


def _scratch_wall(wanted: Configuration, *, is_copy: bool) -> Callable[[Configuration], None]:
    if Wall.OWN_KERNEL in wanted.walls:
        return _check_scratch_bytes
    return _check_scratch if is_copy else _bound_scratch


def _bound_scratch(wanted: Configuration) -> None:
    # bubblewrap can bound a file system's bytes, but not its number of files, which take memory too
    kernel.mount_scratch(wanted.scratch, _scratch_options(wanted), again=True)


def _check_scratch(wanted: Configuration) -> None:
    found = os.statvfs(wanted.scratch)
    if (found.f_blocks * found.f_frsize, found.f_files) != (wanted.scratch_bytes, wanted.scratch_files):
        raise OSError(f"the file system at {wanted.scratch} is not bounded")


def _check_scratch_bytes(wanted: Configuration) -> None:
    # gVisor does not count files: their number is bounded by the time they take, and by the memory that it may have
    found = os.statvfs(wanted.scratch)
    if found.f_blocks * found.f_frsize != wanted.scratch_bytes:
        raise OSError(f"the file system at {wanted.scratch} is not bounded")


def _scratch_options(wanted: Configuration) -> str:
    return f"size={wanted.scratch_bytes},nr_inodes={wanted.scratch_files}"


def _limit_resources(wanted: Configuration) -> None:
    """Set limits that cannot be raised again.

    Memory is limited by ``RLIMIT_DATA``: what the process can write to and shares with nobody. ``RLIMIT_AS`` would
    count the gigabytes of address space that TensorFlow and PyTorch reserve and never touch. What ``RLIMIT_DATA`` does
    not count, shared anonymous memory, is refused by the system call filter. gVisor does not keep ``RLIMIT_DATA``:
    there it has to be the addresses, counted from what the libraries have reserved by now.
    """
    # the first to go if the whole machine runs out of memory
    Path("/proc/self/oom_score_adj").write_text("1000")
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: wanted.processor_s,
        resource.RLIMIT_DATA: wanted.memory_bytes,
        resource.RLIMIT_FSIZE: wanted.scratch_bytes,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_STACK: 8 * 2**20,
    }
    if wanted.processes is not None:
        limits[resource.RLIMIT_NPROC] = wanted.processes
    if Wall.OWN_KERNEL in wanted.walls:
        kernel.share_one_arena()
        limits[resource.RLIMIT_AS] = _reserved_bytes() + wanted.memory_bytes
        # unknown to gVisor; nobody gets as far as a queue, which the system call filter refuses
        del limits[resource.RLIMIT_MSGQUEUE]
    for number, value in limits.items():
        hard = resource.getrlimit(number)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (allowed, allowed))


def _leave_to_the_session(_: Configuration) -> None:
    """The session moves this process into a group meanwhile, and has done so before it listens to it."""


def _reserved_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _change_user(wanted: Configuration) -> None:
    if wanted.user_id is not None:
        os.setgroups([])
        os.setresgid(wanted.user_id, wanted.user_id, wanted.user_id)
        os.setresuid(wanted.user_id, wanted.user_id, wanted.user_id)
        # both were reset by the change: /proc/self has to stay readable, and the session's end has to be ours
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, _SIGKILL)
    if os.getuid() == 0:
        raise OSError("this process still belongs to the super-user")


def _give_up_capabilities(_: Configuration) -> None:
    kernel.clear_capabilities()
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def _confine_files(wanted: Configuration) -> None:
    readable = [*wanted.readable, *_READABLE_DEVICES]
    processes = [Path("/proc", name).resolve() for name in _READABLE_PROCESS_FILES]
    landlock.restrict(
        readable=[*map(Path, readable), *processes],
        listable=[*map(Path, wanted.listable), *processes],
        writable=[Path(wanted.scratch), Path(os.devnull)],
    )


def _confine_calls(_: Configuration) -> None:
    system_calls.confine()
