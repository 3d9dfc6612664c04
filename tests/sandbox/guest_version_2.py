"""The first process of a machine that has control groups of version 2 only: tries them, says what it saw, and stops it.

Run by ``test_cgroups_version_2.py`` on a kernel of its own, whose file system is this machine's, to be read only. Each
line that begins with ``seen:`` is a name and a result, as JSON.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from grader.course.model import Limits
from grader.sandbox import cgroups, wire
from grader.sandbox.lease import Stopped, open_worker
from grader.sandbox.levels import probe

ATTACK = Path(__file__).with_name("attacks") / "exhaust.py"
SCRATCH = Path("/dev/shm")
ROOT = Path("/sys/fs/cgroup")
POWER_OFF = 0x4321FEDC
USER = 1000
SLEEP_S = 600
PATIENCE_S = 20
GROUP_BYTES = 64 * 2**20
HOARD_BYTES = 20 * 2**20
"""Of one process. Two fit into a group, four do not."""
LIMITS = ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")
IN_A_SESSION = "from grader.sandbox import cgroups; print(cgroups.find().parents[0])"


def tell(name, value):
    print("seen:", json.dumps([name, value]), flush=True)


def mount(kind, at):
    library = ctypes.CDLL(None, use_errno=True)
    if library.mount(kind.encode(), str(at).encode(), kind.encode(), 0, None):
        raise OSError(ctypes.get_errno(), f"{kind} cannot be mounted at {at}")


def scope(name, *, delegated=True, owner=0):
    """Make a group as the manager of a machine would."""
    folder = ROOT / name
    folder.mkdir()
    if owner:
        for path in (folder, folder / "cgroup.procs", folder / "cgroup.subtree_control"):
            os.chown(path, owner, owner)
    elif delegated:
        os.setxattr(folder, "trusted.delegate", b"1")
    return folder


def inside(folder, action, *, user=0):
    """Return what ``action`` returns in a process that is in ``folder`` and belongs to ``user``."""
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            (folder / "cgroup.procs").write_text(str(os.getpid()))
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            told = action()
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        os.write(go, json.dumps(told).encode())
        os._exit(0)
    os.close(go)
    with os.fdopen(come, "rb") as answers:
        told = json.loads(answers.read())
    os.waitpid(child, 0)
    return told


def use_groups():
    """Do what a session does with groups."""
    works, why = cgroups.trial()
    if not works:
        return why
    place = cgroups.find()
    group = cgroups.Group(place, memory_bytes=GROUP_BYTES, processes=5)
    seen = {
        "version": place.version,
        "parent": str(place.parents[0]),
        "own group": Path("/proc/self/cgroup").read_text().strip(),
        "limits": {name: (group.folders[0] / name).read_text().strip() for name in LIMITS},
        "two have what they asked for": take(group) == 2,
        "ran out with two": group.ran_out_of_memory,
        "four have what they asked for": take(group) == 2,
        "ran out with four": group.ran_out_of_memory,
        "left of four": count(group),
    }
    group.end()
    return {**seen, "started": start_many(place), "groups left": [*map(str, place.parents[0].glob("grader-worker-*"))]}


def take(group):
    """Start two processes in ``group`` that take memory and keep it; return how many get it."""
    taken, tell_taken = os.pipe()
    for _ in range(2):
        moved, tell_moved = os.pipe()
        child = os.fork()
        if child == 0:
            os.read(moved, 1)
            hoard = bytearray(HOARD_BYTES)
            os.write(tell_taken, bytes(bool(hoard)))
            time.sleep(SLEEP_S)
        group.admit(child)
        os.write(tell_moved, b"x")
    os.close(tell_taken)
    had = 0
    while had < 2 and os.read(taken, 1):
        had += 1
    return had


def count(group):
    """Return how many processes are in ``group``, after the time that it takes to end them."""
    deadline = time.monotonic() + PATIENCE_S
    while (members := (group.folders[0] / "cgroup.procs").read_text().split()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return len(members)


def start_many(place):
    """Return how many processes one can start that is in a group for five."""
    group = cgroups.Group(place, memory_bytes=GROUP_BYTES, processes=5)
    started, tell_started = os.pipe()
    moved, tell_moved = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(moved, 1)
        number = 0
        try:
            while os.fork():
                number += 1
        except BlockingIOError:
            os.write(tell_started, bytes([number]))
        time.sleep(SLEEP_S)
    group.admit(child)
    os.write(tell_moved, b"x")
    number = os.read(started, 1)[0]
    group.end()
    return number


def find_again():
    """Find the place from the leaf that this process has moved to, as session processes do."""
    works, why = cgroups.trial()
    told = subprocess.run([sys.executable, "-c", IN_A_SESSION], capture_output=True, text=True, check=True).stdout
    return told.strip() if works else why


def hide_memory():
    """Let a worker take more than it may; return its walls and how it ended."""
    with open_worker(probe(), Limits(memory_bytes=2**28)) as worker:
        worker.deliver({"exhaust.py": ATTACK.read_bytes()})
        try:
            worker.request(wire.Load("exhaust.py", ()), wall_s=PATIENCE_S)
            worker.request(wire.Call("exhaust.py", "memory_made_read_only", ((wire.Text("1024"),),)), wall_s=100)
        except Stopped as stopped:
            return [worker.hello.walls, stopped.verdict, stopped.message]
    return "it was not stopped"


def beside_another(folder):
    with subprocess.Popen(["sleep", str(SLEEP_S)]) as other:
        (folder / "cgroup.procs").write_text(str(other.pid))
        told = inside(folder, cgroups.trial)
        other.kill()
    return told


def main():
    SCRATCH.mkdir(exist_ok=True)
    for kind, at in (("proc", "/proc"), ("sysfs", "/sys"), ("cgroup2", ROOT), ("tmpfs", SCRATCH)):
        mount(kind, at)
    os.environ["TMPDIR"] = str(SCRATCH)
    (ROOT / "cgroup.subtree_control").write_text("+memory +pids")
    tell("super-user", inside(scope("root.scope"), use_groups))
    tell("ordinary user", inside(scope("user.scope", owner=USER), use_groups, user=USER))
    tell("session process", inside(scope("again.scope"), find_again))
    tell("worker", inside(scope("worker.scope"), hide_memory))
    tell("beside another", beside_another(scope("shared.scope")))
    tell("without delegation", inside(scope("foreign.scope", delegated=False), cgroups.trial))


if __name__ == "__main__":
    try:
        main()
    finally:
        sys.stdout.flush()
        ctypes.CDLL(None).reboot(POWER_OFF)
