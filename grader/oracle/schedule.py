"""Runs trainings side by side, each in a process of its own, and reports what happens."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

import grader
from grader.oracle.frameworks import FRAMEWORKS, FrameworkName
from grader.oracle.job import Failed, Finished, Job, Message
from grader.oracle.train import THREADS_VARIABLE

SHOWN_LINES: Final = 5
"""How many of the last lines of a failed process are repeated."""


class Started(msgspec.Struct, frozen=True):
    """A training begins."""


def train_all(jobs: Sequence[Job], side_by_side: int) -> Generator[tuple[Job, Message | Started], None, None]:
    """Do all trainings, ``side_by_side`` at once, and yield what happens when it happens.

    Each gets an even share of the cores that this process may use, also where fewer than ``side_by_side`` run: the
    number of threads changes the last digits of what comes out. For each job there is one
    :class:`Started`, then one :class:`~grader.oracle.job.EpochDone` for each epoch, then a
    :class:`~grader.oracle.job.Finished` or :class:`~grader.oracle.job.Failed`. Closing the generator ends what still
    runs.
    """
    threads = max(available_cores() // side_by_side, 1)
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    events: queue.SimpleQueue[tuple[Job, Message | Started]] = queue.SimpleQueue()
    running: set[subprocess.Popen[bytes]] = set()
    stopped = threading.Event()

    def work() -> None:
        while not stopped.is_set():
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            events.put((job, Started()))
            try:
                _train_one(job, threads, events, running, stopped)
            except Exception as error:  # whatever it is, somebody waits for this job's last word
                events.put((job, Failed(f"the process could not be used: {type(error).__name__}: {error}")))

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(side_by_side, len(jobs)))]
    for worker in workers:
        worker.start()
    unfinished = len(jobs)
    try:
        while unfinished:
            job, event = events.get()
            unfinished -= isinstance(event, Finished | Failed)
            yield job, event
    finally:
        stopped.set()
        for process in list(running):
            process.kill()
        for worker in workers:
            worker.join()


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_environment(framework: FrameworkName, threads: int) -> dict[str, str]:
    """Return the environment of a process of ours that trains in ``framework`` in ``threads`` threads."""
    here = str(Path(grader.__file__).parents[1])
    return {
        **os.environ,
        **FRAMEWORKS[framework].environment(threads),
        THREADS_VARIABLE: str(threads),
        "PYTHONPATH": os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")])),
    }


def _train_one(
    job: Job,
    threads: int,
    events: "queue.SimpleQueue[tuple[Job, Message | Started]]",
    running: "set[subprocess.Popen[bytes]]",
    stopped: threading.Event,
) -> None:
    """Run one process and pass on what it says; see to it that its last word is Finished or Failed."""
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "grader.oracle.train"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=process_environment(job.framework, threads),
            start_new_session=True,  # an interrupt from the keyboard is this process's to handle
        ) as process,
    ):
        running.add(process)
        if stopped.is_set():
            process.kill()
        last: Message | None = None
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - for the type checker
        try:
            with process.stdin as stdin:
                stdin.write(msgspec.json.encode(job))
            for line in process.stdout:
                last = msgspec.json.decode(line, type=Message)
                events.put((job, last))
        except (BrokenPipeError, msgspec.DecodeError):
            process.kill()
        process.wait()
        running.discard(process)
        if not isinstance(last, Finished | Failed):
            events.put((job, Failed(how_it_ended(process.returncode, said))))


def how_it_ended(code: int, said: IO[bytes]) -> str:
    """Say how a process ended that should have said more, and what its last words were."""
    if code < 0:
        how = f"its process was ended by {signal.Signals(-code).name}"
        if -code == signal.SIGKILL:
            how += "; perhaps the machine ran out of memory: try --jobs 1"
    else:
        how = f"its process ended with exit code {code}"
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()[-SHOWN_LINES:]
    return "\n".join([how, *lines])
