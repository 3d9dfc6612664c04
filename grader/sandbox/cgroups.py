"""Control groups: what a worker and everything it starts may use together, and one way to end all of it.

Limits of a process (``setrlimit``) hold for each process alone, and count neither what was written and then made
read-only nor what the kernel keeps for it. A control group counts all of it, for all processes of one worker together.

A group is made for one worker, and removed with whatever is left in it. Where groups can be made is found elsewhere.
"""

import itertools
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from grader.sandbox.cgroup_files import counts_of, members_of, stat_of, write
from grader.sandbox.cgroup_places import Place, Unavailable, mounted, place_among

_GROUP = "grader-worker-"
_ENDING_S = 2.0
_PAUSE_S = 0.0005
_NEARLY_ALL = 0.9
_TRIAL_BYTES = 2**28
_TRIAL_PROCESSES = 8


class Setting(msgspec.Struct, frozen=True):
    """One file of a group and what to write into it. Not every kernel has those that are not ``required``."""

    controller: str
    file: str
    value: str
    required: bool = True


def settings(version: int, memory_bytes: int, processes: int) -> tuple[Setting, ...]:
    """Return the limits of a group, in the order in which they can be written. Nothing is swapped out."""
    if version == 1:
        return (
            Setting("memory", "memory.limit_in_bytes", str(memory_bytes)),
            # of memory and swap together, which cannot be less than that of memory
            Setting("memory", "memory.memsw.limit_in_bytes", str(memory_bytes), required=False),
            Setting("pids", "pids.max", str(processes)),
        )
    return (
        Setting("memory", "memory.max", str(memory_bytes)),
        Setting("memory", "memory.swap.max", "0", required=False),
        # a family that has lost one of its processes cannot go on as if nothing had happened
        Setting("memory", "memory.oom.group", "1", required=False),
        Setting("pids", "pids.max", str(processes)),
    )


def find() -> Place:
    """Return where groups can be made, and remove those of sessions that are no more.

    In version 2 this may move this process and its children into a leaf of their own group, if it is delegated to them.

    Raises:
        Unavailable: nowhere.
    """
    try:
        texts = Path("/proc/self/mountinfo").read_text(), Path("/proc/self/cgroup").read_text()
    except OSError as error:
        raise Unavailable(str(error)) from None
    place = place_among(mounted(*texts))
    _sweep(place)
    return place


def trial() -> tuple[bool, str]:
    """Make a group, limit it, move a process in, end it and remove it: whether that works, and what was seen.

    Takes some 20 ms: the kernel waits for every processor before it moves a process.
    """
    try:
        place = find()
        group = Group(place, memory_bytes=_TRIAL_BYTES, processes=_TRIAL_PROCESSES)
    except (Unavailable, OSError) as error:
        return False, str(error)
    try:
        with subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as moved:
            try:
                group.admit(moved.pid)
                group.kill()
            finally:
                moved.kill()
    except OSError as error:
        return False, str(error)
    finally:
        group.end()
    if left := [folder for folder in group.folders if folder.exists()]:
        return False, f"{left[0]} cannot be removed"
    return True, f"version {place.version} ({', '.join(map(str, place.parents))})"


_count = itertools.count()


class Group:
    """The group of one worker. Its limits hold for all processes in it together."""

    def __init__(self, place: Place, *, memory_bytes: int, processes: int) -> None:
        """Make it and set its limits.

        Raises:
            OSError: the kernel refuses.
        """
        name = f"{_GROUP}{_identity(os.getpid())}-{next(_count)}"
        self._place = place
        self._memory_bytes = memory_bytes
        self.folders = tuple(parent / name for parent in place.parents)
        try:
            for folder in self.folders:
                folder.mkdir()
            for setting in settings(place.version, memory_bytes, processes):
                try:
                    write(place.folders[setting.controller] / name / setting.file, setting.value)
                except FileNotFoundError:
                    if setting.required:
                        raise
        except OSError:
            self.end()
            raise

    def admit(self, process_id: int) -> None:
        """Move a process in. What it starts from now on is in there too; what it has used so far is not counted.

        Raises:
            ProcessLookupError: it is over.
            OSError: the kernel refuses.
        """
        if process_id < 1:
            # what the kernel calls a process that is over; it would take 0 for this one
            raise ProcessLookupError(f"no process has the number {process_id}")
        for folder in self.folders:
            write(folder / "cgroup.procs", str(process_id))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process in it because of its own limit, not because the machine was full."""
        return has_lost_a_process(self.folders[0], self._place.version, self._memory_bytes)

    def kill(self) -> None:
        """End everything in it, whatever it does to escape: what it starts meanwhile is in there too."""
        _kill(self.folders[0])

    def end(self) -> None:
        """End everything in it and remove it. Safe to call twice."""
        for folder in self.folders:
            _remove(folder)


def has_lost_a_process(folder: Path, version: int, memory_bytes: int) -> bool:
    """Whether the kernel has ended a process of the group ``folder`` because of its limit of ``memory_bytes``."""
    try:
        if version == 1:
            if not counts_of(folder / "memory.oom_control").get("oom_kill"):
                return False
            return int((folder / "memory.max_usage_in_bytes").read_text()) >= _NEARLY_ALL * memory_bytes
        events = counts_of(folder / "memory.events")
    except OSError:
        return False
    return bool(events.get("oom") and events.get("oom_kill"))


def _kill(folder: Path) -> None:
    with suppress(OSError):
        # at once, in version 2 from Linux 5.14
        write(folder / "cgroup.kill", "1")
        return
    deadline = time.monotonic() + _ENDING_S
    while (members := members_of(folder)) and time.monotonic() < deadline:
        handles = {}
        for process_id in members:
            with suppress(OSError):
                handles[process_id] = os.pidfd_open(process_id)
        # one that is still in there is the one that the handle is of, and no stranger with the number of the dead
        still = members_of(folder)
        for process_id, handle in handles.items():
            with suppress(OSError):
                if process_id in still:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
        time.sleep(_PAUSE_S)


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + _ENDING_S
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            # busy: somebody is still in there, or on the way out
            if time.monotonic() > deadline:
                return
            _kill(folder)
            time.sleep(_PAUSE_S)
        else:
            return


def _sweep(place: Place) -> None:
    """Remove the groups of sessions that were killed, with whatever is left in them."""
    for parent in place.parents:
        for folder in parent.glob(f"{_GROUP}*"):
            owner, _, _ = folder.name.removeprefix(_GROUP).rpartition("-")
            number = owner.partition("-")[0]
            if number.isdigit() and _identity(int(number)) != owner:
                _remove(folder)


def _identity(process_id: int) -> str:
    """Return the number of a process and when it started, which no other process has; nothing if it is over."""
    try:
        return f"{process_id}-{stat_of(Path('/proc', str(process_id)))[19]}"
    except OSError:
        return ""
