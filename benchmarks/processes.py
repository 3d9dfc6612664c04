"""What the processes below this one use: memory, descriptors, threads, children. From /proc, so for Linux only."""

import ctypes
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
_PR_SET_CHILD_SUBREAPER = 36


class Process(NamedTuple):
    """A process, told apart from a later one with the same number by its start (in clock ticks since the boot)."""

    number: int
    started: int


class Usage(NamedTuple):
    """What one process has at one moment.

    ``pss_kib`` is its share of its memory, each page divided by how many processes have it mapped. ``anonymous_kib``
    are the pages that belong to no file, whole, whoever shares them: forks and ends of other processes do not move it.
    """

    role: str
    pss_kib: int
    anonymous_kib: int
    descriptors: int
    threads: int
    children: int


def adopt_orphans() -> None:
    """Make this process the parent of every process below it whose own parent ends."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def below(number: int) -> dict[Process, int]:
    """Return the processes below process ``number``, without it and without ended ones, each with its parent."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))) is not None and stat[0] not in "ZX":
            parents[Process(int(folder.name), stat[2])] = stat[1]
    found: dict[Process, int] = {}
    reached = {number}
    while more := {p: parent for p, parent in parents.items() if parent in reached and p not in found}:
        found |= more
        reached |= {process.number for process in more}
    return found


def _stat(number: int) -> tuple[str, int, int] | None:
    """Return state, parent and start of a process, or ``None`` if it is gone."""
    try:
        text = (PROC / str(number) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields[0], int(fields[1]), int(fields[19])


def usage(process: Process, all_below: dict[Process, int]) -> Usage | None:
    """Return what ``process`` uses, or ``None`` if it is gone, or another user's that may not be looked into."""
    folder = PROC / str(process.number)
    try:
        memory = _numbers(folder / "smaps_rollup")
        status = _numbers(folder / "status")
        descriptors = sum(1 for _ in (folder / "fd").iterdir())
    except OSError:
        return None
    if "Pss" not in memory:
        return None
    children = sum(parent == process.number for parent in all_below.values())
    command = command_of(process)
    # a session starts as a copy of its coordinator, under the same command
    is_copy = any(parent.number == all_below.get(process) and command_of(parent) == command for parent in all_below)
    return Usage(
        "session" if is_copy and role(command) == "coordinator" else role(command),
        memory["Pss"],
        memory.get("Anonymous", 0),
        descriptors,
        status.get("Threads", 0),
        children,
    )


def command_of(process: Process) -> str:
    """Return a process's command line, empty if it is gone."""
    try:
        return (PROC / str(process.number) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def role(command: str) -> str:
    """Say in a word or two what a command line is."""
    known = {
        "resource_tracker": "resource tracker",
        "spawn_main": "session",
        "--one-order": "coordinator",
        "grader.sandbox": "template or worker",
        "bwrap": "bubblewrap",
    }
    return next((name for mark, name in known.items() if mark in command), command.strip()[:40] or "unnamed")


def _numbers(path: Path) -> dict[str, int]:
    found = {}
    for line in path.read_text(errors="replace").splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[name] = int(words[0])
    return found
