"""Runs jobs: one after another in this process, or several at once in session processes of their own."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import NamedTuple

import msgspec

from grader.checks.registry import KINDS
from grader.course.errors import RubricErrors
from grader.course.load import load
from grader.course.model import Course
from grader.results import CriterionResult, GradeReport, Unreadable, Verdict
from grader.sandbox.levels import IsolationRefused
from grader.session import Job, UnknownCriterion, grade
from grader.submission.discover import SubmissionError

Outcome = GradeReport | Unreadable


class Event(NamedTuple):
    """How far a submission is: just begun (``criterion_id`` is empty), or one criterion further."""

    job: Job
    criterion_id: str = ""
    verdict: Verdict | None = None


Listener = Callable[[Event], None]


@cache
def course_at(root: Path) -> Course:
    """Load a course once per process."""
    return load(root, KINDS)


def run_job(root: Path, job: Job, on_result: Callable[[CriterionResult], None] | None = None) -> Outcome:
    """Grade one submission. A submission that cannot be graded is an outcome, not an error: the others go on.

    Raises:
        RubricErrors, IsolationRefused, UnknownCriterion: what was asked for cannot be done, for no submission.
        KeyboardInterrupt: the run was interrupted.
    """
    try:
        return grade(course_at(root), job, on_result)
    except SubmissionError as error:
        return Unreadable(str(job.submission), str(error))
    except (RubricErrors, IsolationRefused, UnknownCriterion):
        raise
    except Exception as error:  # a bug of ours must not keep the others from being graded
        return _fault(job, f"{type(error).__name__}: {error}")


def _fault(job: Job, why: str) -> Unreadable:
    message = f"the grader itself failed, and no point is lost: {why}. Grade it again; if it stays so, report it."
    return Unreadable(str(job.submission), message, is_fault=True)


def run_all(
    root: Path, jobs: Sequence[Job], workers: int, listener: Listener | None = None
) -> Generator[tuple[Job, Outcome], None, None]:
    """Yield each job's outcome as it is done, with at most ``workers`` of them graded at once.

    ``listener`` hears how far each submission is; with several workers it is called from another thread. A session
    process that dies takes no other submission with it. Closing the iterator ends what is still running at once.

    Raises:
        RubricErrors, IsolationRefused, UnknownCriterion: as for :func:`run_job`.
        KeyboardInterrupt: the run was interrupted. What was yielded before counts.
    """
    hear = listener or _ignore
    if min(workers, len(jobs)) <= 1:
        for job in jobs:
            yield job, _run_here(root, job, hear)
        return
    waiting = list(jobs)
    while waiting:
        suspects = yield from _run_together(root, waiting, workers, hear)
        for job in suspects:
            dead = yield from _run_together(root, [job], 1, hear)
            if dead:
                yield job, _fault(job, "the process that graded it died, perhaps for want of memory")


def _ignore(event: Event) -> None:
    """Hear nothing."""


def _run_here(root: Path, job: Job, hear: Listener) -> Outcome:
    hear(Event(job))
    return run_job(root, job, lambda result: hear(Event(job, result.criterion_id, result.verdict)))


def _run_together(
    root: Path, waiting: list[Job], workers: int, hear: Listener
) -> Generator[tuple[Job, Outcome], None, list[Job]]:
    """Grade what is ``waiting``, removing each job that is done.

    If a session process dies, the jobs that were being graded then are removed too and returned: one of them did it,
    and alone each of them shows whether it was the one.
    """
    numbered = dict(enumerate(waiting))
    begun: list[Job] = []

    def on_message(message: "_Message") -> None:
        job = numbered[message.number]
        if not message.criterion_id:
            begun.append(job)
        hear(Event(job, message.criterion_id, message.verdict))

    with _sessions(min(workers, len(waiting)), on_message) as executor:
        with _interrupts_held_back():
            futures = {executor.submit(_run_there, root, number, job): job for number, job in numbered.items()}
        try:
            for future in as_completed(futures):
                outcome = future.result()
                waiting.remove(futures[future])
                yield futures[future], outcome
            return []
        except BrokenProcessPool:
            pass
        except (KeyboardInterrupt, GeneratorExit):
            # their student workers are killed by the kernel with them
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    # every message has been heard by now
    suspects = [job for job in begun if job in waiting] or waiting[:1]
    waiting[:] = [job for job in waiting if job not in suspects]
    return suspects


# --- session processes ------------------------------------------------------------------------------------------------


class _Message(msgspec.Struct, frozen=True, array_like=True):
    """What a session process says about the job with this number. Short enough to be written in one piece."""

    number: int
    criterion_id: str = ""
    verdict: Verdict | None = None


@contextmanager
def _sessions(workers: int, on_message: Callable[[_Message], None]) -> Iterator[ProcessPoolExecutor]:
    """An executor whose processes can be heard. When it is left, every process has ended and every message was heard.

    Processes are spawned, not forked: the parent may have threads, and a worker's descriptors are nobody else's. All
    write to one pipe without a lock, which a process that dies could keep; the kernel keeps short messages apart.
    """
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    thread = Thread(target=_listen, args=(reader, on_message), daemon=True)
    thread.start()
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_session, initargs=(writer,))
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
        writer.close()
        thread.join()
        reader.close()


def _listen(reader: Connection, on_message: Callable[[_Message], None]) -> None:
    decoder = msgspec.msgpack.Decoder(_Message)
    while True:
        try:
            on_message(decoder.decode(reader.recv_bytes()))
        except EOFError:
            return


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back: a process that is started meanwhile does not see it until it is ready for it."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


_LONGEST_ID = 200

_writer: Connection | None = None
"""In a session process, the pipe to the coordinator. Only an initializer can hand a pipe to a pool's process."""


def _begin_session(writer: Connection) -> None:
    """Get a session process ready. A terminal sends Ctrl-C to every process; only the coordinator acts on it."""
    global _writer
    _writer = writer
    os.set_inheritable(writer.fileno(), False)
    # a handler and not SIG_IGN, which student workers would inherit
    signal.signal(signal.SIGINT, _leave_to_the_coordinator)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _leave_to_the_coordinator(number: int, frame: FrameType | None) -> None:
    """Do nothing."""


def _run_there(root: Path, number: int, job: Job) -> Outcome:
    """Grade one submission in a session process."""

    def tell(result: CriterionResult) -> None:
        _say(_Message(number, result.criterion_id[:_LONGEST_ID], result.verdict))

    _say(_Message(number))
    return run_job(root, job, tell)


def _say(message: _Message) -> None:
    if _writer is not None:
        _writer.send_bytes(msgspec.msgpack.encode(message))
