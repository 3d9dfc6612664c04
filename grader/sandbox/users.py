"""Which user a worker runs as, and what that takes. Only the super-user has a choice."""

import os
from collections.abc import Collection
from pathlib import Path

from grader.sandbox.mounts import interpreter
from grader.sandbox.worker.configuration import Wall

_FIRST_USER_ID = 2_000_000_000
_FIRST_SMALL_USER_ID = 40_000
_SMALL_USER_IDS = 20_000
_COUNTS_PER_NAMESPACE = (5, 14)


def unused(process_id: int) -> int:
    """Return a user id for the worker ``process_id`` alone: the number of a process is its own while it lives.

    In a container whose ids end at 65,536, the number wraps around after 20,000 processes.
    """
    known = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    end = max(int(first) + int(length) for first, _, length in known)
    if _FIRST_USER_ID + process_id < end:
        return _FIRST_USER_ID + process_id
    return _FIRST_SMALL_USER_ID + process_id % _SMALL_USER_IDS


def can_change() -> bool:
    """Whether a worker without namespaces can become another user: only the super-user can, and only if that other
    user can still read Python (which may live in the super-user's own home folder)."""
    return os.geteuid() == 0 and _anyone_can_read(interpreter())


def _anyone_can_read(path: Path) -> bool:
    resolved = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in resolved.parents) and bool(resolved.stat().st_mode & 0o004)


def counts_own_processes(walls: Collection[Wall]) -> bool:
    """Whether a limit on processes would count those of one worker only.

    Otherwise every process of the person who grades would count, and starting a program break a student's threads.
    """
    if Wall.USER not in walls:
        return False
    if Wall.OWN_KERNEL in walls:
        return True
    return os.geteuid() == 0 or _kernel_release() >= _COUNTS_PER_NAMESPACE


def hand_over(folder: Path, scratch: Path, user_id: int | None) -> None:
    """Make ``scratch`` in ``folder`` and give it to the worker's user; everything else in ``folder`` stays ours."""
    scratch.mkdir(mode=0o700)
    if user_id is not None:
        folder.chmod(0o711)
        os.chown(scratch, user_id, user_id)


def _kernel_release() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(character for character in minor if character.isdigit()))
