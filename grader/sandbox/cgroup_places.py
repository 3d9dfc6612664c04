"""Where a process may make control groups.

In version 1: below its own group. In version 2 only in a group that was delegated to it and holds nobody else, because
there a group that holds processes cannot hand controllers on: this process then moves to a leaf of its own. No other
group is changed, no other process moved.
"""

import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from grader.sandbox.cgroup_files import members_of, stat_of, words_of, write

CONTROLLERS = ("memory", "pids")
"""What a group is needed for. All of them, or there is no such wall."""

_LEAF = "grader-session"
_OWN_SCOPE = "`systemd-run --user --scope -p Delegate=yes` in front of the command gives it one"
_DELEGATED = ("user.delegate", "trusted.delegate")


class Unavailable(Exception):
    """No group can be made here, and why."""


class Mounted(msgspec.Struct, frozen=True):
    """This process's own groups: ``unified`` in the hierarchy of version 2, if that is mounted, and ``by_controller``
    in those of version 1."""

    unified: Path | None
    by_controller: Mapping[str, Path]


class Place(msgspec.Struct, frozen=True):
    """Where groups are made, by controller: the same folder for all of them in version 2."""

    version: int
    folders: Mapping[str, Path]

    @property
    def parents(self) -> tuple[Path, ...]:
        """Each folder once."""
        return tuple(dict.fromkeys(self.folders.values()))


def mounted(mounts: str, membership: str) -> Mounted:
    """Return the groups that this process can reach, from the texts of ``/proc/self/mountinfo`` and
    ``/proc/self/cgroup``. Those outside its namespace, or whose hierarchy is not mounted, are left out."""
    unified: Path | None = None
    by_controller: dict[str, Path] = {}
    paths = _memberships(membership)
    for line in mounts.splitlines():
        fields = line.split()
        kind, options = fields[fields.index("-") + 1], fields[-1].split(",")
        root, at = Path(_unescaped(fields[3])), Path(_unescaped(fields[4]))
        if kind == "cgroup2" and unified is None and "" in paths:
            unified = _below(root, at, paths[""])
        elif kind == "cgroup":
            for controller in set(options) & set(CONTROLLERS) & set(paths):
                if (folder := _below(root, at, paths[controller])) is not None:
                    by_controller.setdefault(controller, folder)
    return Mounted(unified, by_controller)


def place_among(found: Mounted) -> Place:
    """Return where groups can be made among this process's own groups: in version 2 if it has the controllers.

    Raises:
        Unavailable: nowhere.
    """
    if found.unified is not None and words_of(found.unified / "cgroup.controllers") >= set(CONTROLLERS):
        parent = _parent(found.unified)
        return Place(2, dict.fromkeys(CONTROLLERS, parent))
    if missing := [name for name in CONTROLLERS if name not in found.by_controller]:
        if found.unified is None and not found.by_controller:
            raise Unavailable("no control groups are mounted within reach")
        raise Unavailable(f"no controller for {' and '.join(missing)}; {_OWN_SCOPE}")
    return Place(1, {name: found.by_controller[name] for name in CONTROLLERS})


def _parent(own: Path) -> Path:
    """Return the group of version 2 in which groups can be made: ``own``, or where a leaf of ours lies.

    Raises:
        Unavailable: it is not ours to divide.
    """
    needed = set(CONTROLLERS)
    if own.name == _LEAF and words_of(own.parent / "cgroup.subtree_control") >= needed:
        return own.parent
    if words_of(own / "cgroup.subtree_control") >= needed:
        return own
    if not _is_delegated(own):
        raise Unavailable(f"{own} is not delegated to this user; {_OWN_SCOPE}")
    members = members_of(own)
    if members - _family(os.getpid()):
        raise Unavailable(f"{own} holds processes of others; {_OWN_SCOPE}")
    leaf = own / _LEAF
    try:
        leaf.mkdir(exist_ok=True)
        _move(members, leaf)
        write(own / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
    except OSError as error:
        with suppress(OSError):
            _move(members, own)
            leaf.rmdir()
        raise Unavailable(str(error)) from None
    return own


def _move(members: Collection[int], folder: Path) -> None:
    for process_id in members:
        with suppress(ProcessLookupError):
            write(folder / "cgroup.procs", str(process_id))


def _is_delegated(folder: Path) -> bool:
    """Whether whoever manages the groups of this machine has left ``folder`` to this process."""
    if os.geteuid() != 0 and folder.stat().st_uid == os.geteuid():
        return True
    for name in _DELEGATED:
        with suppress(OSError):
            if os.getxattr(folder, name) == b"1":
                return True
    return False


def _family(process_id: int) -> set[int]:
    """Return the number of a process and those of everything that it has started."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents[int(entry.name)] = int(stat_of(entry)[1])
    family = {process_id}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _memberships(text: str) -> dict[str, str]:
    """Return this process's group by controller; that of version 2 by the empty name."""
    paths = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    return paths


def _below(root: Path, at: Path, path: str) -> Path | None:
    """Return where the group ``path`` lies if ``root`` of its hierarchy is mounted ``at``; ``None`` if it does not."""
    group = Path(path)
    if ".." in group.parts or not group.is_relative_to(root):
        return None
    return at / group.relative_to(root)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
