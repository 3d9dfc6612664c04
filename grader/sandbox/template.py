"""Templates: processes behind walls that have imported NumPy or a framework, and of which workers are copies.

With namespaces, bubblewrap builds a template's world; without, it is a plain process. A template never sees anything of
a submission. One is kept for each set of libraries and shared by all workers that a thread starts one after another.

Within namespaces, a template can make another template as well as workers: one that goes on to import a framework, or
one for a process that is about to be a copy of this one.
"""

import atexit
import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

import msgspec

from grader.sandbox import bubblewrap, mounts
from grader.sandbox.mounts import Machine, Mount
from grader.sandbox.process import Copy, Ending, Process, Streams
from grader.sandbox.worker.template import MAX_PACKET_BYTES, Begin, Start, Started

SCRATCH_BYTES = 256 * 2**20
"""How much a worker may write; kept in memory where there is a file system of its own."""
SCRATCH_FILES = 10_000
MAX_KEPT = 3
"""Templates that a thread keeps: one with a framework takes some hundred megabytes."""

_START = "from grader.sandbox.worker.template import run; run()"
# Not -I, which would ignore PYTHONHASHSEED. The environment holds nothing but what is set here.
_FLAGS = ("-s", "-P", "-B")
_ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)
_FOLDER = "grader-worker-"
_STARTING_S = 60.0


class Kind(msgspec.Struct, frozen=True):
    """What a template is for: ``plan`` is the world around it (``None`` without namespaces), ``libraries`` what it
    has imported besides NumPy."""

    plan: tuple[Mount, ...] | None
    libraries: tuple[str, ...]


class Template:
    """One such process. What it says about itself can be trusted: no code of a student has run in it."""

    def __init__(
        self,
        kind: Kind,
        control: socket.socket,
        said: IO[bytes],
        process: Process | Copy,
        *,
        folder: Path | None = None,
        base: "Template | None" = None,
    ) -> None:
        """Take over a process that listens at the other end of ``control`` and prints into ``said``.

        ``folder`` was made for it. It is a copy of ``base``, with which it ends.
        """
        self.kind = kind
        self.users = 0
        """Workers and templates that are copies of it and have not been ended: they would end with it."""
        self.is_spent = False
        """Whether it has become a worker itself, which it does where it cannot make copies."""
        self.folder = folder
        self.process_id = process.process_id
        self._process = process
        self._base = base
        self._asked = 0
        self._is_asked_for_copies = True
        self._answers: dict[int, tuple[Started, int]] = {}
        self._abandoned: set[int] = set()
        self._answering = threading.Lock()
        self._said = said
        self._control = control
        with suppress(BrokenPipeError):
            self._control.send(msgspec.msgpack.encode(Begin(kind.libraries)))

    @property
    def can_make_another(self) -> bool:
        """Whether it makes templates: it lives, in namespaces, and has imported nothing that has threads."""
        return self.kind.plan is not None and not self.kind.libraries and not self.is_spent and self.wait(0) is None

    @property
    def said(self) -> str:
        """The end of what it has printed: why it is over, if it is."""
        with suppress(OSError, ValueError):
            size_bytes = os.fstat(self._said.fileno()).st_size
            return os.pread(self._said.fileno(), 2000, max(0, size_bytes - 2000)).decode("utf-8", "replace").strip()
        return ""

    def ask(self, descriptors: Sequence[int], *, separate: bool, copy: bool, template: bool = False) -> int:
        """Ask for a worker with these descriptors, or for a ``template``; return the number of the request."""
        self._asked += 1
        self._is_asked_for_copies = copy
        start = Start(self._asked, separate=separate, copy=copy, template=template)
        # one that is over is noticed by whoever waits for the answer
        with suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self._control, [msgspec.msgpack.encode(start)], list(descriptors))
        return self._asked

    def answer(self, request: int, deadline: float) -> tuple[Started, int]:
        """Return the answer to a request, and the descriptor of the new process.

        Raises:
            TimeoutError: ``deadline`` (of :func:`time.monotonic`) passed first.
            EOFError: the template is over.
        """
        # answers come in the order of the requests: who waits for an earlier one is done first
        with self._answering:
            while request not in self._answers:
                self._receive(deadline)
            return self._answers.pop(request)

    def _receive(self, deadline: float) -> None:
        self._control.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            packet, handles, _, _ = socket.recv_fds(self._control, MAX_PACKET_BYTES, 1)
        except ConnectionResetError:
            raise EOFError from None
        if not packet:
            raise EOFError
        started = msgspec.msgpack.decode(packet, type=Started)
        if not started.copied:
            self.is_spent = True
            if self._is_asked_for_copies:
                _note_refusal()
        if started.request in self._abandoned:
            os.close(handles[0])
        else:
            self._answers[started.request] = (started, handles[0])

    def abandon(self, request: int) -> None:
        """Forget a request that was not answered yet. The worker ends by itself: nobody is at its conversation."""
        self._abandoned.add(request)

    def another(self, libraries: tuple[str, ...] = (), *, for_another_process: bool = False) -> "Template":
        """Return a template that is a copy of this one and goes on to import ``libraries``.

        Raises:
            OSError: there are not enough descriptors.
            TimeoutError, EOFError: this one is over, or does not answer.
        """
        with ExitStack() as own:
            control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            own.enter_context(control)
            with far:
                said = own.enter_context(tempfile.TemporaryFile())
                ended, ended_far = os.pipe()
                own.callback(os.close, ended)
                with os.fdopen(ended_far, "wb"):
                    descriptors = (far.fileno(), said.fileno(), said.fileno(), ended_far)
                    request = self.ask(descriptors, separate=False, copy=True, template=True)
            try:
                _, handle = self.answer(request, time.monotonic() + _STARTING_S)
            except (TimeoutError, EOFError):
                self.abandon(request)
                raise
            own.pop_all()
        base = None if for_another_process else self
        if base is not None:
            base.users += 1
        kind = Kind(self.kind.plan, libraries)
        return Template(kind, control, said, Copy(handle, ended, self), base=base)

    def forget(self) -> None:
        """Close what belongs to it in this process. It lives on, and is another process's."""
        self._process.forget()
        self._control.close()
        self._said.close()

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the process ended, or ``None`` if it has not within ``wall_s`` seconds."""
        return self._process.wait(wall_s)

    def kill(self) -> None:
        """End the process, its copies, and everything in its namespace. Safe to call twice."""
        self._process.kill()

    def close(self) -> None:
        """End it and remove what was made for it. Safe to call twice."""
        self._process.close()
        self._control.close()
        self._said.close()
        while self._answers:
            os.close(self._answers.popitem()[1][1])
        if self.folder is not None:
            remove(self.folder)
            self.folder = None
        if self._base is not None:
            self._base.users -= 1
            self._base = None


def start(kind: Kind, machine: Machine) -> Template:
    """Return a template that starts from nothing; it imports what it needs while this process goes on.

    Raises:
        OSError: it cannot be started.
    """
    control, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
    streams = Streams(far.fileno(), said.fileno(), said.fileno())
    folder = None
    process: Process
    try:
        with far:
            if kind.plan is None:
                folder = make_folder()
                process = _start_in_folder(folder, machine, streams)
            else:
                process = _start_in_namespaces(kind.plan, streams)
    except OSError:
        control.close()
        said.close()
        raise
    return Template(kind, control, said, process, folder=folder)


def _start_in_namespaces(plan: Sequence[Mount], streams: Streams) -> Process:
    arguments = [
        *bubblewrap.namespace_arguments(as_root=os.geteuid() == 0),
        *bubblewrap.mount_arguments(plan, scratch=mounts.SCRATCH, scratch_bytes=SCRATCH_BYTES),
    ]
    return Process.in_namespaces(arguments, python(mounts.CODE, _START), streams, environment(mounts.SCRATCH))


def _start_in_folder(folder: Path, machine: Machine, streams: Streams) -> Process:
    mounts.copy_code(machine, folder / "code")
    folder.chmod(0o711)
    command = python(folder / "code", _START)
    return Process(command, streams, environment(folder / "scratch"))


def python(code: Path, start: str) -> list[str]:
    """Return the command that runs ``start``, a line of Python, with the worker's own files in the folder ``code``."""
    libraries = [str(path) for path in mounts.extra_libraries()]
    path = f"import sys; sys.path[:0] = [{str(code)!r}]; sys.path += {libraries!r}; "
    return [str(mounts.interpreter()), *_FLAGS, "-c", path + start]


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


# --- the templates of this process ------------------------------------------------------------------------------------

_refused = False
_kept: dict[tuple[int, Kind], Template] = {}
"""By the thread that started them, with which they end; the one used last comes last."""


def shared(kind: Kind, machine: Machine) -> Template:
    """Return this thread's template of ``kind``; start one if there is none that lives.

    Raises:
        OSError: it cannot be started.
    """
    key = (threading.get_ident(), kind)
    template = _kept.pop(key, None)
    if template is not None and (template.is_spent or template.wait(0) is not None):
        if not template.users:
            template.close()
        template = None
    if template is None:
        _make_room()
        template = _upon_another(kind) or start(kind, machine)
    _kept[key] = template
    return template


def _upon_another(kind: Kind) -> Template | None:
    """Return a template that goes on from this thread's one with nothing but NumPy, if there is such a one."""
    base = _kept.get((threading.get_ident(), Kind(kind.plan, ())))
    if base is None or not base.can_make_another:
        return None
    with suppress(TimeoutError, EOFError):
        return base.another(kind.libraries)
    # it is over, or does not answer
    return None


def hand_over() -> tuple[Template, ...]:
    """Return a template for each of this thread's, for a process that is about to be a copy of this one."""
    made = []
    for (thread, _), template in _kept.items():
        if thread == threading.get_ident() and template.can_make_another:
            with suppress(OSError, EOFError):
                made.append(template.another(for_another_process=True))
    return tuple(made)


def take_over(given: Sequence[Template]) -> None:
    """Keep what was handed over, in the process that is a copy, and nothing that belongs to the one it is a copy of."""
    while _kept:
        _kept.popitem()[1].forget()
    _kept.update({(threading.get_ident(), template.kind): template for template in given})


def _note_refusal() -> None:
    global _refused
    _refused = True


def refuses_copies() -> bool:
    """Whether a template of this process has found that this machine makes no namespaces within namespaces."""
    return _refused


def close_all() -> None:
    """End every template of this process that no worker needs any more."""
    # first those that are copies of another one
    while idle := [key for key, template in _kept.items() if not template.users]:
        for key in idle:
            _kept.pop(key).close()


def _make_room() -> None:
    own = [(key, template) for key, template in _kept.items() if key[0] == threading.get_ident()]
    idle = [(key, template) for key, template in own if not template.users]
    for key, template in idle[: max(0, len(own) + 1 - MAX_KEPT)]:
        template.close()
        del _kept[key]


atexit.register(close_all)


# --- folders, for workers that have no file system of their own -------------------------------------------------------


def make_folder() -> Path:
    """Make a folder that bears the number of this process, and remove those of processes that are no more.

    Only ``/proc`` tells which those are.
    """
    if Path("/proc/self").exists():
        for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
            owner = folder.name.removeprefix(_FOLDER).partition("-")[0]
            with suppress(OSError):
                if folder.lstat().st_uid == os.geteuid() and owner.isdigit() and not Path("/proc", owner).exists():
                    remove(folder)
    return Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-")).resolve()


def remove(folder: Path) -> None:
    """Remove a folder, whatever is in it."""
    # its content is the student's, with any mode, and deeper than Python could follow
    subprocess.run(["chmod", "-R", "u+rwx", folder], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", "--", folder], check=False, capture_output=True)
