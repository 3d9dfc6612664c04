"""gVisor: a worker beneath which lies a kernel of its own, an ordinary program that answers its system calls.

A fault of Linux cannot be reached by code that never speaks to Linux. Around gVisor's ``runsc`` stands the world that
bubblewrap builds for every worker: the same read-only files, no network, and one namespace of processes, with which all
of it ends and nothing stays behind. Only descriptors 0, 1 and 2 reach the inside, so that a worker there is no copy of
a template. Never chosen by itself: a start takes longer, and so does every system call.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.sandbox import bubblewrap, mounts
from grader.sandbox.mounts import Bind, Mount, nearest
from grader.sandbox.process import Ending, Process, Streams
from grader.sandbox.template import SCRATCH_BYTES, environment, python
from grader.sandbox.worker.template import Started
from grader.sandbox.worker.walls import OPEN_FILES

LIFT = "Install gVisor's `runsc` so that it is on PATH: `apt install runsc`, or as https://gvisor.dev says."

_OWN = Path("/gvisor")
"""Inside bubblewrap's world: the executable, the description of the sandbox, and what runsc remembers of it."""
_TEMPORARY = Path("/tmp")
_USER_ID = 65534
_OWN_MEMORY_BYTES = 2**30
"""For gVisor's own use, such as for what it knows about each file, which it does not count."""
_BOUNDED = 'ulimit -d "$0" && exec "$@"'
_TRIAL_S = 20.0
_LONGEST_REASON = 300
_TRIAL = "from grader.sandbox.worker import walls; walls.check_kernel(); print('works')"


def find() -> Path | None:
    """Return the path of ``runsc``, or ``None`` if it is not on ``PATH``."""
    found = shutil.which("runsc")
    return None if found is None else Path(found).resolve()


def trial() -> tuple[bool, str]:
    """Start Python beneath gVisor once: whether that works, and what was seen. Takes about a second."""
    executable = find()
    if executable is None:
        return False, "runsc is not on PATH"
    plan = mounts.plan(mounts.look(), ())
    with tempfile.TemporaryFile() as output, Path(os.devnull).open("rb") as nothing:
        try:
            process = _start(executable, plan, _TRIAL, Streams(nothing.fileno(), output.fileno(), output.fileno()))
        except OSError as error:
            return False, str(error)
        ending = process.wait(_TRIAL_S)
        process.close()
        output.seek(0)
        said = output.read(4000).decode("utf-8", "replace").strip()
    if ending is None:
        return False, f"a trial did not end within {_TRIAL_S:g} s ({executable})"
    if ending.exit_code == 0 and said.endswith("works"):
        return True, f"{_version(executable)} ({executable})"
    last = said.splitlines()[-1] if said else f"a trial ended with exit code {ending.exit_code}"
    return False, f"{last[:_LONGEST_REASON]} ({executable})"


class Sandbox:
    """One worker beneath gVisor. To whoever asks it for one, it is a template that becomes the worker itself."""

    said = ""
    """What runsc and bubblewrap have to say arrives as output of the worker."""

    def __init__(self, plan: Sequence[Mount], libraries: Sequence[str]) -> None:
        """Plan a worker that imports ``libraries`` before its walls are up; it starts when it is asked for.

        Raises:
            OSError: what it takes is no longer there.
        """
        found = find()
        if found is None or bubblewrap.find() is None:
            raise FileNotFoundError(f"{'runsc' if found is None else 'bubblewrap'} is not there")
        self.users = 0
        self._executable = found
        self._plan = plan
        self._start = f"from grader.sandbox.worker.template import run_alone; run_alone({tuple(libraries)!r})"
        self._process: Process | None = None

    @property
    def process_id(self) -> int:
        """The number of the process with which everything ends; 0 before it is asked for."""
        return 0 if self._process is None else self._process.process_id

    def ask(self, descriptors: Sequence[int], *, separate: bool, copy: bool) -> int:
        """Start the worker: descriptors for the conversation, output and errors come first. It is always alone.

        Raises:
            OSError: it cannot be started.
        """
        connection, output, errors = descriptors[:3]
        self._process = _start(self._executable, self._plan, self._start, Streams(connection, output, errors))
        return 1

    def answer(self, request: int, deadline: float) -> tuple[Started, int]:
        """Return what a template that becomes the worker itself would say, and the descriptor of the process."""
        return Started(request, copied=False, peak_bytes=0), os.pidfd_open(self.process_id)

    def abandon(self, request: int) -> None:
        """Forget the request: the worker ends when this is closed."""

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the worker ended, or ``None`` if it has not within ``wall_s`` seconds."""
        return None if self._process is None else self._process.wait(wall_s)

    def kill(self) -> None:
        """End the worker, gVisor, and all that belongs to it. Safe to call twice."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End it, and close what was opened for it. Safe to call twice."""
        if self._process is not None:
            self._process.close()


def specification(plan: Sequence[Mount], command: Sequence[str]) -> dict[str, object]:
    """Return what runsc reads as ``config.json``: ``command``, as nobody, in bubblewrap's world of ``plan``."""
    folders = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        _folder_in_memory(mounts.SCRATCH, f"size={SCRATCH_BYTES}", "mode=0777"),
    ]
    if _is_unused(_TEMPORARY, plan):
        # gVisor would put one there that can be written to, without bound
        folders.append(_folder_in_memory(_TEMPORARY, "ro", "mode=0755"))
    return {
        "ociVersion": "1.0.2",
        "process": {
            "user": {"uid": _USER_ID, "gid": _USER_ID},
            "args": list(command),
            "cwd": str(mounts.SCRATCH),
            "env": [f"{name}={value}" for name, value in environment(mounts.SCRATCH).items()],
            "capabilities": {},
            "noNewPrivileges": True,
            # of gVisor's own process: the first to go if the whole machine runs out of memory
            "oomScoreAdj": 1000,
            "rlimits": [{"type": "RLIMIT_NOFILE", "hard": OPEN_FILES, "soft": OPEN_FILES}],
        },
        "root": {"path": "/", "readonly": True},
        "hostname": "worker",
        "mounts": folders,
        "linux": {"namespaces": [{"type": name} for name in ("pid", "network", "ipc", "uts", "mount")]},
    }


def _is_unused(folder: Path, plan: Sequence[Mount]) -> bool:
    return nearest(plan, folder) is None and not any(mount.at.is_relative_to(folder) for mount in plan)


def _folder_in_memory(at: Path, *options: str) -> dict[str, object]:
    return {"destination": str(at), "type": "tmpfs", "source": "tmpfs", "options": list(options)}


def _start(executable: Path, plan: Sequence[Mount], start: str, streams: Streams) -> Process:
    """Run ``start``, a line of Python, beneath gVisor. Raises ``OSError`` if nothing can be started at all."""
    as_root = os.geteuid() == 0
    own = (Bind(executable, _OWN / "runsc"),)
    with tempfile.TemporaryFile() as described:
        described.write(json.dumps(specification(plan, python(mounts.CODE, start))).encode())
        described.seek(0)
        arguments = [
            *_namespace_arguments(as_root=as_root),
            # one of runsc's processes is nobody and starts it once more; the rest is nothing to a worker
            *("--perms", "0711", "--tmpfs", str(_OWN)),
            *("--perms", "0700", "--dir", str(_OWN / "state")),
            *("--perms", "0600", "--file", str(described.fileno()), str(_OWN / "config.json")),
            *bubblewrap.mount_arguments((*own, *plan), scratch=mounts.SCRATCH, scratch_bytes=SCRATCH_BYTES),
        ]
        command = [
            *("/bin/sh", "-c", _BOUNDED, str(_OWN_MEMORY_BYTES // 1024)),
            *(str(_OWN / "runsc"), f"--root={_OWN / 'state'}", "--network=none", "--ignore-cgroups"),
            *(() if as_root else ("--rootless",)),
            *("run", f"--bundle={_OWN}", "worker"),
        ]
        # where runsc builds the root of gVisor's own process; what a worker sees as its scratch is another folder
        surroundings = {"TMPDIR": str(mounts.SCRATCH)}
        return Process.in_namespaces(arguments, command, streams, surroundings, passed=(described.fileno(),))


def _namespace_arguments(*, as_root: bool) -> list[str]:
    """Return bubblewrap's arguments for a runsc that may mount and change users, but only in namespaces of its own."""
    arguments = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if not as_root:
        arguments += ["--unshare-user", "--uid", "0", "--gid", "0"]
    return [*arguments, "--hostname", "worker", "--new-session", "--die-with-parent", "--cap-add", "ALL"]


def _version(executable: Path) -> str:
    said = subprocess.run([executable, "--version"], capture_output=True, text=True, timeout=_TRIAL_S, check=False)
    return said.stdout.partition("\n")[0].strip()
