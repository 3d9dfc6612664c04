"""Runs jobs: one after another in this process, or several at once in processes of their own."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.course.model import Course
from grader.results import CriterionResult, GradeReport, Unreadable
from grader.session import Job, grade
from grader.submission.discover import SubmissionError

Outcome = GradeReport | Unreadable


@cache
def course_at(root: Path) -> Course:
    """Load a course once per process."""
    return load(root, KINDS)


def run_job(root: Path, job: Job, on_result: Callable[[CriterionResult], None] | None = None) -> Outcome:
    """Grade one submission. A submission that cannot be graded is an outcome, not an error: the others go on."""
    try:
        return grade(course_at(root), job, on_result)
    except SubmissionError as error:
        return Unreadable(str(job.submission), str(error))


def choose_executor(jobs: int) -> Executor | None:
    """Return an executor for ``jobs`` submissions at once; ``None`` for one after another in this process.

    Processes are spawned, not forked: the parent may have threads, and a worker's descriptors are nobody else's.
    """
    if jobs <= 1:
        return None
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def run_all(
    root: Path, jobs: list[Job], workers: int, on_result: Callable[[CriterionResult], None] | None = None
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each job's outcome as it is done. ``on_result`` hears of single criteria only when ``workers`` is 1."""
    executor = choose_executor(min(workers, len(jobs)))
    if executor is None:
        for job in jobs:
            yield job, run_job(root, job, on_result)
        return
    try:
        futures = {executor.submit(run_job, root, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.result()
    except KeyboardInterrupt:
        # their student workers are killed by the kernel with them
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
