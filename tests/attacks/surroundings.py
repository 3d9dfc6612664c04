"""What is around a run: processes that stay, files that change, sockets that somebody reaches."""

import contextlib
import ctypes
import hashlib
import os
import select
import signal
import socket
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_MANY_FILES = 5000
_LONG_PATH = 2000
_LARGE_BYTES = 2**20


def adopt_orphans() -> None:
    """Make processes that lose their parent children of this one, instead of disappearing from view."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def processes_left(*known: int, grace_s: float) -> list[str]:
    """Say which processes are still there that were started by what has been run, and end them.

    The kernel may take a moment, at most ``grace_s`` seconds, to be done with one that was ended. ``known`` may stay.
    """
    deadline = time.monotonic() + grace_s
    while True:
        left = [pid for pid in children() if pid not in known and not _is_over(pid)]
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    told = [f"the process {pid} was left: {_command(pid)}" for pid in left]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return told


def _is_over(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return True


def children() -> list[int]:
    """Return the numbers of this process's children."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[1]) == os.getpid():
                    found.append(int(entry.name))
    return found


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")[:200]
    return "(already over)"


def contents(folder: Path) -> dict[str, str]:
    """Return what lies below ``folder``: its kind, mode, size and content by its path.

    Of folders with as many files, or as deep, as only an attack makes them, the number of files is all.
    """
    found: dict[str, str] = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        if len(files) > _MANY_FILES or len(place) > _LONG_PATH:
            found[place] = f"{len(files)} files"
            folders.clear()
            continue
        for name in (*folders, *files):
            path = Path(place, name)
            seen = path.lstat()
            content = ""
            if not path.is_symlink() and path.is_file() and seen.st_size < _LARGE_BYTES and os.access(path, os.R_OK):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = f"mode {seen.st_mode:o}, {seen.st_size} bytes, {content}"
    return found


def changes(before: dict[str, str], after: dict[str, str], expected: set[str]) -> list[str]:
    """Say what changed between two :func:`contents`, except below folders whose names are ``expected`` to change."""
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return [
        f"{path!a} was {before.get(path, 'not there')} and is {after.get(path, 'not there')}"
        for path in paths
        if not expected.intersection(Path(path).parts)
    ]


class Doors:
    """Sockets that wait for somebody to knock who should not be able to."""

    def __init__(self, path: Path) -> None:
        """Open one with a path, one with an abstract name, a TCP and a UDP one."""
        self.path = path
        self.name = f"attacked-{os.getpid()}-{time.monotonic_ns()}"
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        abstract, named = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        abstract.bind("\0" + self.name)
        named.bind(str(path))
        path.chmod(0o777)
        for listening in (abstract, named):
            listening.listen()
        self._all = {"TCP": self.tcp, "UDP": self.udp, "abstract": abstract, "named": named}

    def __enter__(self) -> "Doors":
        return self

    def __exit__(self, *_: object) -> None:
        for door in self._all.values():
            door.close()
        self.path.unlink()

    def entered(self) -> list[str]:
        """Say at which of the sockets somebody has been."""
        ready = select.select(list(self._all.values()), [], [], 0)[0]
        return [f"somebody reached the {kind} socket" for kind, door in self._all.items() if door in ready]
