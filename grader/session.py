"""Submissions in, a :class:`GradeReport` out for each. The only caller of ``pytest.main``."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from grader.course.errors import did_you_mean
from grader.course.late import late_penalty
from grader.course.model import Assignment, Course, Criterion
from grader.grading.grading import Grading
from grader.grading.prepare import prepare
from grader.grading.provenance import provenance
from grader.recording.events import Recording, ReplayMode
from grader.results import (
    SCHEMA_VERSION,
    CellPictures,
    CriterionResult,
    GradeReport,
    PartInfo,
    Score,
    SubmissionInfo,
)
from grader.sandbox.levels import Level


class Job(msgspec.Struct, frozen=True):
    """One submission to grade, and how. ``only`` are full criterion ids; empty means all of them. ``due`` is this
    student's own due date, extensions included, ``replay`` how notebooks are replayed; ``None`` means the
    assignment's."""

    submission: Path
    assignment: str | None = None
    only: tuple[str, ...] = ()
    seed: int | None = None
    demanded: Level | None = None
    trust_code: bool = False
    submitted_at: datetime | None = None
    due: datetime | None = None
    replay: ReplayMode | None = None


class UnknownCriterion(Exception):
    """``--only`` names a criterion that the assignment does not have."""


Done = GradeReport | Exception
"""What came of a job: a report, or the error that kept it from being graded."""


def grade(course: Course, job: Job, on_result: Callable[[CriterionResult], None] | None = None) -> GradeReport:
    """Grade one submission. ``on_result`` is told of each criterion as it is done.

    Raises:
        SubmissionError: there is nothing to grade, or it is unclear which assignment it is for.
        IsolationRefused: the machine cannot isolate as demanded.
        UnknownCriterion: ``job.only`` names a criterion that is not in the rubric.
        KeyboardInterrupt: the run was interrupted.
    """
    outcomes: list[Done] = []
    grade_each(course, [job], outcomes.append, lambda result: on_result(result) if on_result else None)
    (outcome,) = outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def grade_each(
    course: Course,
    jobs: Iterable[Job],
    on_done: Callable[[Done], None],
    on_result: Callable[[CriterionResult], None],
    *,
    more_follow: bool = False,
) -> None:
    """Grade one submission after another within a single run of pytest, whose start costs more than a small
    submission. The next job is asked for when ``on_done`` has taken what came of the one before. ``more_follow``:
    there are likely to be many, so that a worker for the next one is made ahead.

    Raises:
        KeyboardInterrupt: the run was interrupted.
    """
    waiting = iter(jobs)
    job = next(waiting, None)
    # its worker starts while pytest is imported
    begin = partial(_begun, course, more_follow=more_follow)
    first = begin(job) if job is not None else None
    import pytest

    import grader.plugin
    from grader.plugin.items import RESULT

    class Loop:
        """Takes the place of collecting and running what a command line names."""

        @pytest.hookimpl(tryfirst=True)
        def pytest_collection(self) -> bool:
            return True

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session: pytest.Session) -> bool:
            begun, current = first, job
            ending: list[_Begun] = []
            try:
                while current is not None and begun is not None:
                    if isinstance(begun, _Begun):
                        ending.append(begun)
                    try:
                        done: Done = begun if isinstance(begun, Exception) else self.grade(session, current, begun)
                    except Exception as error:  # said in the report of this one; the others go on
                        done = error
                    on_done(done)
                    current = next(waiting, None)
                    begun = begin(current) if current is not None else None
                    # a large worker takes its time to end, and is waited for when another one has been graded
                    while len(ending) > 1:
                        ending.pop(0).grading.close()
            finally:
                for one in (*ending, begun):
                    if isinstance(one, _Begun):
                        one.grading.close()
            return True

        def grade(self, session: pytest.Session, job: Job, begun: "_Begun") -> GradeReport:
            grading = begun.grading
            try:
                chosen = _selected(grading.assignment, job.only)
                session.config.stash[grader.plugin.GRADING] = grading
                results = self.run(session, grading, {criterion.id for criterion in chosen})
                # a run of chosen criteria replays only if one of them asks
                recordings = grading.recordings() if not job.only or grading.has_replayed else ()
                pictures = grading.pictures()
            finally:
                grading.end()
            return _report(job, begun, results, recordings, pictures)

        def run(self, session: pytest.Session, grading: Grading, chosen: set[str]) -> tuple[CriterionResult, ...]:
            items = [
                item for item in grader.plugin.items_of(session, grading.assignment) if item.criterion.id in chosen
            ]
            for item, following in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            return tuple(item.stash[RESULT] for item in items)

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_teardown(self, item: pytest.Item) -> None:
            result = item.stash.get(RESULT, None)
            if result is not None:
                on_result(result)

    try:
        with _clean_environment():
            code = pytest.main([*PYTEST_OPTIONS, f"--rootdir={course.root}"], plugins=[grader.plugin, Loop()])
    finally:
        if isinstance(first, _Begun):
            first.grading.close()
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt


class _Begun(NamedTuple):
    """A submission that is being graded: its worker is starting, or more."""

    grading: Grading
    started_at: datetime
    started_s: float


def _begun(course: Course, job: Job, *, more_follow: bool) -> _Begun | Exception:
    started_at, started_s = datetime.now(UTC), time.perf_counter()
    try:
        grading = prepare(
            course,
            job.submission,
            assignment=job.assignment,
            seed=job.seed,
            demanded=job.demanded,
            trust_code=job.trust_code,
            replay=job.replay,
            only=job.only,
            more_follow=more_follow,
        )
    except Exception as error:  # said in the report of this one; the others go on
        return error
    return _Begun(grading, started_at, started_s)


def _report(
    job: Job,
    begun: _Begun,
    results: tuple[CriterionResult, ...],
    recordings: tuple[Recording, ...],
    pictures: tuple[CellPictures, ...],
) -> GradeReport:
    grading = begun.grading
    return GradeReport(
        schema_version=SCHEMA_VERSION,
        submission=SubmissionInfo(
            grading.submission.student,
            str(grading.submission.path),
            tuple(file.path for file in grading.submission.files),
        ),
        assignment=grading.assignment.id,
        assignment_title=grading.assignment.title,
        parts=tuple(PartInfo(part.id, part.title) for part in grading.assignment.parts),
        results=results,
        score=score(results, grading.assignment, job.submitted_at, job.due),
        findings=tuple(grading.findings),
        provenance=provenance(grading, begun.started_at),
        duration_s=time.perf_counter() - begun.started_s,
        recordings=recordings,
        pictures=pictures,
    )


def score(
    results: tuple[CriterionResult, ...],
    assignment: Assignment,
    submitted_at: datetime | None,
    due: datetime | None = None,
) -> Score:
    """Add up the points. Pending points are in ``possible`` and in ``pending``, not in ``awarded``.

    ``due`` goes before the assignment's due date.
    """
    possible = sum(result.possible for result in results)
    penalty = 0.0
    due = due or assignment.due
    if submitted_at is not None and due is not None:
        penalty = late_penalty(assignment.late, possible, due, submitted_at)
    return Score(
        awarded=sum(result.awarded for result in results if not result.verdict.is_pending),
        possible=possible,
        pending=sum(result.possible for result in results if result.verdict.is_pending),
        late_penalty=penalty,
    )


def _selected(assignment: Assignment, only: tuple[str, ...]) -> tuple[Criterion, ...]:
    """The criteria to run. ``only`` may name a criterion or a whole part."""
    known = [*(part.id for part in assignment.parts), *(criterion.id for criterion in assignment.criteria)]
    unknown = [name for name in only if name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known)
        raise UnknownCriterion(f"'{unknown[0]}' is neither a criterion nor a part of {assignment.id}; {hint}")
    return tuple(c for c in assignment.criteria if not only or c.id in only or c.id.split(".")[0] in only)


PYTEST_OPTIONS = (
    # the course's own pytest settings, conftest files and the environment's plugins have no say in a verdict
    f"-c{os.devnull}",
    "--noconftest",
    "--disable-plugin-autoload",
    "-pno:cacheprovider",
    "-pno:terminal",
    "-pno:doctest",
    "-pno:junitxml",
    "-pno:pastebin",
    "-pno:logging",
    "-pno:faulthandler",
    # these two collect garbage several times at the end, a tenth of a second for each submission
    "-pno:unraisableexception",
    "-pno:threadexception",
    "-s",
)


@contextmanager
def _clean_environment() -> Iterator[None]:
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(saved)
