"""How a worker's process comes to be, and how it is ended. The only module that knows that it starts cold.

With namespaces, bubblewrap builds the worker's world; without, the worker is a plain process in a temporary folder and
relies on Landlock. Either way the configuration travels through the conversation itself, as its first bytes.
"""

import math
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from grader.course.model import Limits
from grader.sandbox import bubblewrap, mounts, users
from grader.sandbox.levels import Isolation
from grader.sandbox.mounts import Machine, Mount
from grader.sandbox.worker import configuration
from grader.sandbox.worker.configuration import Configuration, Wall

SCRATCH_BYTES = 256 * 2**20
"""How much a worker may write; kept in memory where there is a file system of its own."""
SCRATCH_FILES = 10_000

_START = (
    "import sys; sys.path[:0] = [{code!r}]; sys.path += {libraries!r}; "
    "from grader.sandbox.worker.main import main; main()"
)
# Not -I, which would ignore PYTHONHASHSEED. The environment holds nothing but what is set here.
_FLAGS = ("-s", "-P", "-B")
_ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)
_SIGNALS = frozenset(signal.valid_signals())
_ENDING_S = 2.0
_FOLDER = "grader-worker-"


class Ending(msgspec.Struct, frozen=True):
    """How a process ended. ``signal_number`` is 0 if it exited by itself, with ``exit_code``."""

    exit_code: int
    signal_number: int
    peak_memory_bytes: int
    processor_s: float


class Launched:
    """A process that has been started, and the means to end it.

    ``connection`` is the session's end of the conversation, ``outputs`` the read ends of standard output and standard
    error, ``over`` a descriptor that becomes readable when the process ends (``None`` where the system has no such
    thing). Whoever takes these three closes them.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        connection: socket.socket,
        outputs: tuple[int, int],
        *,
        inside: int | None,
        folder: Path | None,
    ) -> None:
        """``inside`` is where bubblewrap says which process it has started; ``folder`` is removed in the end."""
        self.connection = connection
        self.outputs = outputs
        self.process_id = process.pid
        self.over = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else None
        self.started_s = time.monotonic()
        self._process = process
        self._inside = inside
        self._folder = folder
        self._ending: Ending | None = None

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the process ended, or ``None`` if it has not within ``wall_s`` seconds."""
        deadline = time.monotonic() + wall_s
        while self._ending is None:
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                self._ending = _ending(self._process.returncode, usage)
            elif time.monotonic() >= deadline:
                break
            else:
                time.sleep(0.001)
        return self._ending

    def kill(self) -> None:
        """End the process and everything in its namespace. Safe to call twice."""
        if self.wait(0) is not None:
            return
        if self._inside is not None:
            bubblewrap.kill_inside(self._inside, self._process.pid)
            if self.wait(_ENDING_S) is not None:
                return
        # it leads a session of its own: without a process namespace, this reaches what it may have started
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        while self.wait(_ENDING_S) is None:
            pass

    def clean_up(self) -> None:
        """Remove what was made for this process."""
        if self._inside is not None:
            os.close(self._inside)
            self._inside = None
        if self._folder is not None:
            _remove(self._folder)
            self._folder = None


def start(isolation: Isolation, limits: Limits, hidden: Sequence[Path]) -> Launched:
    """Start a worker's process that will raise the walls of ``isolation``, and return at once.

    Raises:
        OSError: it cannot be started.
    """
    machine = mounts.look()
    mounts.compile_code(machine)
    plan = mounts.plan(machine, hidden)
    drops_root = Wall.USER in isolation.walls and os.geteuid() == 0
    if Wall.NAMESPACES in isolation.walls:
        launched = _start_in_namespaces(plan)
        scratch, listable = mounts.SCRATCH, mounts.bound(plan)
        readable: Iterable[Path] = listable
        user_id = users.unused(launched.process_id) if drops_root else None
    else:
        _remove_abandoned()
        folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")).resolve()
        launched = _start_in_folder(folder, machine)
        scratch = folder / "scratch"
        user_id = users.unused(launched.process_id) if drops_root else None
        users.hand_over(folder, scratch, user_id)
        listable = (*(path for path in mounts.bound(plan) if path.exists()), folder / "code")
        readable = (*mounts.granted(plan, (machine.package, *hidden), Path.iterdir), folder / "code")
    wanted = Configuration(
        walls=isolation.walls,
        scratch=str(scratch),
        scratch_bytes=SCRATCH_BYTES,
        scratch_files=SCRATCH_FILES,
        readable=tuple(map(str, readable)),
        listable=tuple(map(str, listable)),
        memory_bytes=limits.memory_bytes,
        processor_s=processor_limit_s(limits),
        processes=limits.processes if users.counts_own_processes(isolation.walls) else None,
        user_id=user_id,
    )
    with suppress(BrokenPipeError):
        # a process that is over already is noticed by whoever waits for its hello
        launched.connection.sendall(configuration.encode(wanted))
    return launched


def processor_limit_s(limits: Limits) -> int:
    """Return the processor time after which the kernel ends a worker, in case there is no session left to do so."""
    return math.ceil(limits.total_s) * 2 + 10


def _start_in_namespaces(plan: Sequence[Mount]) -> Launched:
    executable = bubblewrap.find()
    if executable is None:
        raise FileNotFoundError("bubblewrap is not there")
    inside, inside_far = os.pipe()
    with os.fdopen(inside_far, "wb"), tempfile.TemporaryFile() as arguments:
        arguments.write(
            bubblewrap.encode(
                [
                    *bubblewrap.namespace_arguments(as_root=os.geteuid() == 0),
                    *bubblewrap.mount_arguments(plan, scratch=mounts.SCRATCH, scratch_bytes=SCRATCH_BYTES),
                    *("--info-fd", str(inside_far)),
                ]
            )
        )
        arguments.seek(0)
        prefix = [str(executable), "--args", str(arguments.fileno()), "--"]
        passed = (arguments.fileno(), inside_far)
        try:
            return _spawn([*prefix, *_python(mounts.CODE)], mounts.SCRATCH, passed=passed, inside=inside)
        except OSError:
            os.close(inside)
            raise


def _start_in_folder(folder: Path, machine: Machine) -> Launched:
    mounts.copy_code(machine, folder / "code")
    return _spawn(_python(folder / "code"), folder / "scratch", folder=folder)


def _remove_abandoned() -> None:
    """Remove the folders of sessions that were killed before they could. Only ``/proc`` tells which those are."""
    if not Path("/proc/self").exists():
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
        with suppress(OSError):
            if folder.lstat().st_uid == os.geteuid() and owner.isdigit() and not Path("/proc", owner).exists():
                _remove(folder)


def _remove(folder: Path) -> None:
    # its content is the student's, with any mode, and deeper than Python could follow
    subprocess.run(["chmod", "-R", "u+rwx", folder], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", "--", folder], check=False, capture_output=True)


def _python(code: Path) -> list[str]:
    libraries = [str(path) for path in mounts.extra_libraries()]
    return [str(mounts.interpreter()), *_FLAGS, "-c", _START.format(code=str(code), libraries=libraries)]


def _spawn(
    command: list[str],
    scratch: Path,
    *,
    passed: tuple[int, ...] = (),
    inside: int | None = None,
    folder: Path | None = None,
) -> Launched:
    """Start ``command`` with one end of a socket as its standard input, and pipes for what it prints."""
    near, far = socket.socketpair()
    output, output_far = os.pipe()
    errors, errors_far = os.pipe()
    try:
        process = subprocess.Popen(
            command,
            stdin=far.fileno(),
            stdout=output_far,
            stderr=errors_far,
            pass_fds=passed,
            env=environment(scratch),
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        near.close()
        os.close(output)
        os.close(errors)
        raise
    finally:
        far.close()
        os.close(output_far)
        os.close(errors_far)
    return Launched(process, near, (output, errors), inside=inside, folder=folder)


def environment(scratch: Path) -> dict[str, str]:
    """Return the whole environment of a worker: nothing of the caller's, and what makes numbers repeatable.

    Not TF_DETERMINISTIC_OPS, which makes an error of every layer that is initialised without a seed.
    """
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch / "temporary"),
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        **dict.fromkeys(_ONE_THREAD, "1"),
    }


def _ending(returncode: int, usage: "resource.struct_rusage") -> Ending:
    # bubblewrap passes a signal on as shells do, as an exit code of 128 and more
    number = -returncode if returncode < 0 else returncode - 128 if returncode - 128 in _SIGNALS else 0
    return Ending(returncode, number, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)
