"""Runs jobs: one in this process, or several at once in session processes of their own."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from grader.checks.registry import KINDS
from grader.course.errors import RubricErrors
from grader.course.load import load
from grader.course.model import Course
from grader.results import CriterionResult, GradeReport, Unreadable, Verdict
from grader.sandbox.launch import close_all
from grader.sandbox.levels import IsolationRefused
from grader.sandbox.template import Template, hand_over, take_over
from grader.session import Done, Job, UnknownCriterion, grade, grade_each
from grader.submission.discover import SubmissionError

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

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
    course = course_at(root)
    try:
        done: Done = grade(course, job, on_result)
    except Exception as error:
        done = error
    return _outcome(job, done)


def _outcome(job: Job, done: Done) -> Outcome:
    if isinstance(done, GradeReport):
        return done
    if isinstance(done, SubmissionError):
        return Unreadable(str(job.submission), str(done))
    if isinstance(done, (RubricErrors, IsolationRefused, UnknownCriterion)):
        raise done
    # a bug of ours must not keep the others from being graded
    return _fault(job, f"{type(done).__name__}: {done}")


def _fault(job: Job, why: str) -> Unreadable:
    message = f"the grader itself failed, and no point is lost: {why}. Grade it again; if it stays so, report it."
    return Unreadable(str(job.submission), message, is_fault=True)


def run_all(
    root: Path, jobs: Sequence[Job], workers: int, listener: Listener | None = None
) -> Generator[tuple[Job, Outcome], None, None]:
    """Yield each job's outcome as it is done, with at most ``workers`` of them graded at once.

    ``listener`` hears how far each submission is; with several submissions it is called from other threads. A session
    process that dies takes no other submission with it. Closing the iterator ends what is still running at once.

    Raises:
        RubricErrors, IsolationRefused, UnknownCriterion: as for :func:`run_job`.
        KeyboardInterrupt: the run was interrupted. What was yielded before counts.
    """
    hear = listener or _ignore
    if len(jobs) <= 1:
        for job in jobs:
            yield job, _run_here(root, job, hear)
        return
    suspects = yield from _run_together(root, jobs, min(workers, len(jobs)), hear)
    # their sessions died, perhaps for another one's sake; alone, each of them shows whether it was its own
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
    root: Path, jobs: Sequence[Job], workers: int, hear: Listener
) -> Generator[tuple[Job, Outcome], None, list[Job]]:
    """Grade ``jobs`` in ``workers`` session processes; return those during which their session died."""
    suspects: list[Job] = []
    with _sessions(root, workers) as sessions, ThreadPoolExecutor(workers) as threads:
        futures = {threads.submit(_grade_in_one_of, sessions, job, hear): job for job in jobs}
        try:
            for future in as_completed(futures):
                # a future keeps its report for as long as it is kept itself
                job = futures.pop(future)
                outcome = future.result()
                if outcome is None:
                    suspects.append(job)
                else:
                    yield job, outcome
        except BaseException:
            # no thread goes on waiting for a session that is no more
            threads.shutdown(wait=False, cancel_futures=True)
            sessions.end()
            raise
    return suspects


def _grade_in_one_of(sessions: "_Sessions", job: Job, hear: Listener) -> Outcome | None:
    """Grade ``job`` in a session process that is free; return ``None`` if it died."""
    session = sessions.take()
    try:
        return session.grade(job, hear)
    except EOFError:
        session.kill()
        return None
    finally:
        sessions.give_back(session)


# --- session processes, as the coordinator sees them ------------------------------------------------------------------


class _Session:
    """A process that grades one job after another, and the pipe to it. Used by one thread at a time."""

    def __init__(self, root: Path, processor: int | None = None, others: Sequence["_Session"] = ()) -> None:
        """Start it, beside ``others``: as a copy of this process, which has read the course and imported what it takes,
        unless there are threads here. A copy would have none of them, and whatever locks they held.

        It and its workers keep to ``processor``, if one is named.
        """
        self.processor = processor
        is_copy = sys.platform == "linux" and threading.active_count() == 1
        context: ForkContext | SpawnContext
        context = multiprocessing.get_context("fork") if is_copy else multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        given = hand_over() if is_copy else ()
        # a copy holds this process's ends of every pipe, and would never see that this process is gone
        inherited = [self._pipe, *(session._pipe for session in others)] if is_copy else []
        self._process = context.Process(target=_serve, args=(root, far, inherited, given, processor), daemon=True)
        with _interrupts_held_back():
            self._process.start()
        far.close()
        for one in given:
            one.forget()
        self.is_dead = False

    def grade(self, job: Job, hear: Listener) -> Outcome:
        """Grade ``job``, and tell ``hear`` how far it is.

        Raises:
            EOFError: the process has died.
            RubricErrors, IsolationRefused, UnknownCriterion: as for :func:`run_job`.
        """
        try:
            self._pipe.send(job)
            hear(Event(job))
            while True:
                said = self._pipe.recv()
                if isinstance(said, Exception):
                    raise said
                if isinstance(said, (GradeReport, Unreadable)):
                    return said
                hear(said)
        except OSError as error:
            raise EOFError from error

    def kill(self) -> None:
        """End the process at once. The kernel ends its student workers with it."""
        self.is_dead = True
        self._process.kill()

    def dismiss(self) -> None:
        """Tell the process that nobody asks it for anything more."""
        with suppress(OSError):
            self._pipe.send(None)

    def end(self) -> None:
        """Wait for the process to end, after :meth:`dismiss` or :meth:`kill`."""
        self._process.join()
        self._process.close()
        self._pipe.close()


class _Sessions:
    """The session processes of one run. One that has died is replaced when it is needed."""

    def __init__(self, root: Path, count: int) -> None:
        # once for all that are copies of this process
        import grader.plugin.items  # noqa: F401

        self._root = root
        self._every: list[_Session] = []
        for processor in _processors(count):
            self._every.append(_Session(root, processor, self._every))
        self._free: queue.SimpleQueue[_Session] = queue.SimpleQueue()
        for session in self._every:
            self._free.put(session)

    def take(self) -> _Session:
        """Return one that is free."""
        session = self._free.get()
        if session.is_dead:
            session.end()
            self._every.remove(session)
            session = _Session(self._root, session.processor)
            self._every.append(session)
        return session

    def give_back(self, session: _Session) -> None:
        """Let others have it."""
        self._free.put(session)

    def end(self) -> None:
        """End all of them at once."""
        for session in self._every:
            session.kill()

    def close(self) -> None:
        """Wait for all of them to end by themselves, which they do side by side."""
        for session in self._every:
            session.dismiss()
        for session in self._every:
            session.end()


def _processors(count: int) -> Sequence[int | None]:
    """Return where each of ``count`` sessions is to run: on a processor of its own if there is exactly one for each.

    A session and its worker take turns, hundreds of times for a submission. The kernel often moves the one that is
    woken to another processor, and so makes two of them share one while another has nothing to do.
    """
    own = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    return own if len(own) == count else [None] * count


@contextmanager
def _sessions(root: Path, count: int) -> Iterator[_Sessions]:
    sessions = _Sessions(root, count)
    try:
        yield sessions
    finally:
        sessions.close()


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back: a process that is started meanwhile does not see it until it is ready for it."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


# --- in a session process ---------------------------------------------------------------------------------------------


def _serve(
    root: Path, pipe: Connection, inherited: Sequence[Connection], given: Sequence[Template], processor: int | None
) -> None:
    """Grade what comes through ``pipe`` until nothing more does. A terminal sends Ctrl-C to every process; only the
    coordinator acts on it. ``inherited`` are pipes of the coordinator's that are not for this process, ``given``
    templates that are, and ``processor`` is where it is to run."""
    for connection in inherited:
        connection.close()
    take_over(given)
    if processor is not None:
        for process_id in (0, *(template.process_id for template in given)):
            os.sched_setaffinity(process_id, {processor})
    os.set_inheritable(pipe.fileno(), False)
    # a handler and not SIG_IGN, which student workers would inherit
    signal.signal(signal.SIGINT, _leave_to_the_coordinator)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    current: list[Job] = []

    def say(words: Event | Outcome | Exception) -> None:
        try:
            pipe.send(words)
        except OSError:
            # the coordinator is gone, and nobody wants the rest
            os._exit(1)

    def jobs() -> Iterator[Job]:
        while True:
            try:
                job = pipe.recv()
            except EOFError:
                return
            if job is None:
                return
            current[:] = [job]
            yield job

    def finish(done: Done) -> None:
        try:
            say(_outcome(current[0], done))
        except (RubricErrors, IsolationRefused, UnknownCriterion) as error:
            say(error)

    def tell(result: CriterionResult) -> None:
        say(Event(current[0], result.criterion_id, result.verdict))

    try:
        grade_each(course_at(root), jobs(), finish, tell, more_follow=True)
    except RubricErrors as error:
        # changed since the coordinator read it
        say(error)
    finally:
        # a copy of the coordinator ends without its exit handlers
        close_all()


def _leave_to_the_coordinator(number: int, frame: FrameType | None) -> None:
    """Do nothing."""
