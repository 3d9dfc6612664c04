"""A student worker, leased to the session: start it, speak with it, end it.

    with open_worker(isolation, limits) as worker:
        worker.deliver({"backprop.py": source})
        frame = worker.request(wire.Load("backprop.py", ("forward",)), wall_s=10)

Starting is split in two, so that the session can do its own imports meanwhile: :func:`start_worker` returns at once,
and the first use of :attr:`Worker.hello` waits for the walls to be up.
"""

import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from grader.course.model import Limits
from grader.results import Verdict
from grader.sandbox import launch, template, wire
from grader.sandbox.cgroup_places import Unavailable
from grader.sandbox.channel import Channel, HungUp, Output, Stopped
from grader.sandbox.launch import Launched, processor_limit_s
from grader.sandbox.levels import Isolation
from grader.sandbox.process import Ending
from grader.sandbox.worker.configuration import Wall

__all__ = ["IsolationBroken", "Output", "Stopped", "Worker", "makes_copies", "open_worker", "start_worker"]

HELLO_WALL_S = 60.0
"""A worker that has not said hello by then is broken, even on a machine with far too much to do."""
_ENDING_S = 2.0
_NEARLY_ALL = 0.9
_USED_UP_TOGETHER = "the processes that the code had started used up its {:,.0f} MiB of memory together and were ended"
_OUT_OF_MEMORY = ("std::bad_alloc", "MemoryError")

_ANSWERS: dict[type[wire.Request], tuple[type[wire.Reply], ...]] = {
    wire.Deliver: (wire.Delivered, wire.Raised),
    wire.Read: (wire.Reading, wire.Raised),
    wire.Load: (wire.Loaded, wire.Raised),
    wire.Call: (wire.Returned, wire.Raised),
    wire.Operate: (wire.Returned, wire.Raised),
}


class IsolationBroken(Exception):
    """A worker did not start, or without the walls it should have: a fault of the harness or the machine."""


def open_worker(
    isolation: Isolation,
    limits: Limits,
    *,
    hidden: Iterable[Path] = (),
    libraries: Iterable[str] = (),
    copy: bool = True,
) -> "Worker":
    """Start a worker and wait until its walls are up. See :func:`start_worker`."""
    worker = start_worker(isolation, limits, hidden=hidden, libraries=libraries, copy=copy)
    try:
        _ = worker.hello
    except BaseException:
        worker.close()
        raise
    return worker


def start_worker(
    isolation: Isolation,
    limits: Limits,
    *,
    hidden: Iterable[Path] = (),
    libraries: Iterable[str] = (),
    copy: bool = True,
) -> "Worker":
    """Start a worker behind the walls of ``isolation`` and return without waiting for it.

    ``hidden`` are folders that must not be reached even if they lie where Python or the system does: the course and
    the submissions. ``libraries`` are imported already (see :data:`~grader.sandbox.worker.template.LIBRARIES`) in the
    template that the worker is a copy of; without ``copy`` it is a process from nothing. The worker belongs to the
    thread that started it and is killed by the kernel when that thread ends.

    Raises:
        IsolationBroken: the process cannot be started at all.
    """
    try:
        resolved = tuple(path.resolve() for path in hidden)
        return Worker(launch.start(isolation, limits, resolved, libraries, copy=copy), isolation, limits)
    except OSError as error:
        raise IsolationBroken(f"a worker cannot be started: {error}. Run `grader doctor`.") from error


def makes_copies(isolation: Isolation) -> bool:
    """Whether a worker is a copy of a template, so that a second one with the same libraries costs next to nothing."""
    return Wall.OWN_KERNEL not in isolation.walls and not template.refuses_copies()


class Worker:
    """One process for the code of one submission. After any :class:`Stopped` it is dead and stays so."""

    def __init__(self, launched: Launched, isolation: Isolation, limits: Limits) -> None:
        """Take over a process that has just been launched."""
        self._process = launched
        self._isolation = isolation
        self._limits = limits
        self._channel = Channel(launched.connection, launched.outputs, limits.output_bytes)
        self._hello: wire.Hello | None = None
        self._stopped: Stopped | None = None
        self._seq = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def stopped(self) -> Stopped | None:
        """Why this worker is dead, or ``None`` while it can still be asked."""
        return self._stopped

    @property
    def output(self) -> Output:
        """What the worker has printed so far, standard output and standard error together."""
        return self._channel.output

    @property
    def hello(self) -> wire.Hello:
        """The walls that are up and the versions inside. Waits for it at the first use.

        Raises:
            IsolationBroken: the worker did not start, or a wall that ``isolation`` promises is not up.
        """
        if self._hello is None:
            self._hello = self._wait_for_hello()
        return self._hello

    def deliver(self, files: Mapping[str, bytes], wall_s: float = 30.0) -> None:
        """Put ``files`` (relative path with slashes to content) into the submission's folder.

        Raises:
            Stopped: as :meth:`request`.
        """
        contents = [np.frombuffer(content, np.uint8) for content in files.values()]
        self.request(wire.Deliver(tuple(files)), contents, wall_s=wall_s)

    def request(self, message: wire.Request, arrays: Sequence[np.ndarray] = (), *, wall_s: float) -> wire.Frame:
        """Ask, and return the answer: a frame whose message is of a kind that answers ``message``.

        An exception of the student's code is an answer like any other (:class:`~grader.sandbox.wire.Raised`).

        Raises:
            Stopped: no answer within ``wall_s`` seconds (TIMEOUT); the process ended (CRASH, MEMORY); or it did not
                keep to the protocol (CRASH). Raised again by every later request.
            IsolationBroken: as :attr:`hello`.
            ProtocolError: ``arrays`` cannot be sent.
        """
        if self._stopped is not None:
            raise self._stopped
        _ = self.hello
        self._seq += 1
        buffers = wire.encode(self._seq, message, tuple(arrays))
        try:
            frame = self._channel.exchange(buffers, deadline=time.monotonic() + wall_s)
            _check_answer(frame, self._seq, message)
        except TimeoutError:
            raise self._stop(
                Stopped(Verdict.TIMEOUT, f"no answer within {wall_s:g} s; the process was ended")
            ) from None
        except HungUp:
            raise self._stop(self._how_it_ended()) from None
        except wire.ProtocolError as error:
            raise self.reject(str(error)) from None
        if self._process.ran_out_of_memory:
            raise self._stop(Stopped(Verdict.MEMORY, _USED_UP_TOGETHER.format(self._limits.memory_bytes / 2**20)))
        return frame

    def reject(self, why: str) -> Stopped:
        """End the worker because its last answer, although a frame, is not an answer; return the reason."""
        text = f"the process did not keep to the protocol between grader and worker: {why}"
        return self._stop(Stopped(Verdict.CRASH, text))

    def start_another(self) -> None:
        """Have another worker like this one made meanwhile, for the next :func:`start_worker` that wants such a one."""
        launch.start_ahead(self._process, HELLO_WALL_S)

    def end(self) -> None:
        """End the process without waiting until it is over, and read what it has printed. Only :meth:`close` is left
        to do."""
        self._process.end()
        self._channel.read_output()

    def close(self) -> None:
        """End the process, with everything in it, and wait for that. Safe to call twice."""
        self._process.kill()
        self._channel.read_output()
        self._channel.close()
        self._process.clean_up()

    def _wait_for_hello(self) -> wire.Hello:
        deadline = self._process.started_s + HELLO_WALL_S
        try:
            self._channel.watch(self._process.prepare(deadline))
            frame = self._channel.exchange((), deadline=deadline)
        except (TimeoutError, EOFError, HungUp, wire.ProtocolError) as error:
            self._process.kill()
            self._channel.read_output()
            said = self.output.text.strip()[-2000:] or self._process.said or type(error).__name__
            raise IsolationBroken(f"a worker did not start: {said}. Run `grader doctor`.") from None
        except Unavailable as error:
            self._process.kill()
            raise IsolationBroken(f"a worker has no control group: {error}. Run `grader doctor`.") from None
        hello = frame.message
        if not isinstance(hello, wire.Hello) or frame.seq != 0 or hello.protocol != wire.PROTOCOL:
            self._process.kill()
            raise IsolationBroken(f"a worker said {type(hello).__name__} of another version of this program for hello")
        if missing := [str(wall) for wall in self._isolation.walls if wall not in hello.walls]:
            self._process.kill()
            raise IsolationBroken(f"a worker started without {', '.join(missing)}. Run `grader doctor`.")
        return hello

    def _stop(self, stopped: Stopped) -> Stopped:
        self._process.kill()
        self._channel.read_output()
        self._stopped = stopped
        return stopped

    def _how_it_ended(self) -> Stopped:
        ending = self._process.wait(_ENDING_S)
        if ending is None:
            return Stopped(Verdict.CRASH, "the process closed its connection to the grader")
        self._channel.read_output()
        return describe(
            ending,
            self._limits,
            self.output.text,
            self._process.starter_peak_bytes,
            ran_out_of_memory=self._process.ran_out_of_memory,
        )


def describe(
    ending: Ending, limits: Limits, said: str, starter_peak_bytes: int = 0, *, ran_out_of_memory: bool = False
) -> Stopped:
    """Return the verdict on a process that ended during a request, from how it ended and the output it left.

    A process starts as a copy of the one that starts it, and the kernel counts the copy's size into its peak: a peak
    no larger than ``starter_peak_bytes``, the starter's own, says nothing about the process. ``ran_out_of_memory``: the
    kernel ended it because it and what it had started used up their memory together.
    """
    if ending.signal_number == 0:
        return Stopped(Verdict.CRASH, f"the process ended by itself with exit code {ending.exit_code} during the call")
    try:
        name = f"signal {ending.signal_number} ({signal.Signals(ending.signal_number).name})"
    except ValueError:
        name = f"signal {ending.signal_number}"
    if ending.signal_number == signal.SIGKILL and ending.processor_s >= processor_limit_s(limits):
        return Stopped(Verdict.TIMEOUT, f"the process used {ending.processor_s:.0f} s of processor time and was ended")
    peak_bytes = ending.peak_memory_bytes if ending.peak_memory_bytes > starter_peak_bytes else 0
    used_up = ran_out_of_memory or peak_bytes >= _NEARLY_ALL * limits.memory_bytes
    if used_up or any(word in said for word in _OUT_OF_MEMORY):
        allowed = limits.memory_bytes / 2**20
        return Stopped(Verdict.MEMORY, f"the process was ended by {name} with its {allowed:,.0f} MiB of memory used up")
    return Stopped(Verdict.CRASH, f"the process was ended by {name} during the call")


def _check_answer(frame: wire.Frame, seq: int, message: wire.Request) -> None:
    if frame.seq != seq:
        raise wire.ProtocolError(f"it answered request {frame.seq} when request {seq} was asked")
    if not isinstance(frame.message, _ANSWERS[type(message)]):
        raise wire.ProtocolError(f"it answered {type(message).__name__} with {type(frame.message).__name__}")
