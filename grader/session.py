"""One submission in, one :class:`GradeReport` out. The only caller of ``pytest.main``."""

import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from grader import __version__
from grader.course.errors import did_you_mean
from grader.course.late import late_penalty
from grader.course.model import Assignment, Course, Criterion
from grader.grading.grading import Grading
from grader.grading.prepare import prepare
from grader.results import (
    SCHEMA_VERSION,
    CriterionResult,
    GradeReport,
    PartInfo,
    Provenance,
    Score,
    SubmissionInfo,
)
from grader.sandbox.levels import Level


class Job(msgspec.Struct, frozen=True):
    """One submission to grade, and how. ``only`` are full criterion ids; empty means all of them. ``due`` is this
    student's own due date, extensions included; ``None`` means the assignment's."""

    submission: Path
    assignment: str | None = None
    only: tuple[str, ...] = ()
    seed: int | None = None
    demanded: Level | None = None
    trust_code: bool = False
    submitted_at: datetime | None = None
    due: datetime | None = None


class UnknownCriterion(Exception):
    """``--only`` names a criterion that the assignment does not have."""


def grade(course: Course, job: Job, on_result: Callable[[CriterionResult], None] | None = None) -> GradeReport:
    """Grade one submission. ``on_result`` is told of each criterion as it is done.

    Raises:
        SubmissionError: there is nothing to grade, or it is unclear which assignment it is for.
        IsolationRefused: the machine cannot isolate as demanded.
        UnknownCriterion: ``job.only`` names a criterion that is not in the rubric.
        KeyboardInterrupt: the run was interrupted.
    """
    started_at = datetime.now(UTC)
    started = time.perf_counter()
    grading = prepare(
        course,
        job.submission,
        assignment=job.assignment,
        seed=job.seed,
        demanded=job.demanded,
        trust_code=job.trust_code,
    )
    try:
        chosen = _selected(grading.assignment, job.only)
        results = _run_pytest(grading, chosen, on_result)
    finally:
        grading.close()
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
        provenance=_provenance(grading, started_at),
        duration_s=time.perf_counter() - started,
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


def _run_pytest(
    grading: Grading, chosen: tuple[Criterion, ...], on_result: Callable[[CriterionResult], None] | None
) -> tuple[CriterionResult, ...]:
    import pytest

    import grader.plugin
    from grader.plugin.items import RESULT

    class Preset:
        """Hands the grading to the plugin and takes the results out again."""

        def __init__(self) -> None:
            self.results: list[CriterionResult] = []

        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[grader.plugin.GRADING] = grading

        @pytest.hookimpl(trylast=True)
        def pytest_runtest_teardown(self, item: pytest.Item) -> None:
            result = item.stash.get(RESULT, None)
            if result is not None:
                self.results.append(result)
                if on_result is not None:
                    on_result(result)

    preset = Preset()
    rubric = grading.assignment.rubric
    arguments = [f"{rubric}::{c.id.replace('.', '::')}" for c in chosen]
    with _clean_environment():
        code = pytest.main(
            [*PYTEST_OPTIONS, f"--rootdir={grading.course.root}", *arguments], plugins=[grader.plugin, preset]
        )
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return tuple(preset.results)


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


def _provenance(grading: Grading, started_at: datetime) -> Provenance:
    hello = grading.hello
    assignment = grading.assignment
    inside = {f"worker {name}": text for name, text in hello.versions.items()} if hello else {}
    return Provenance(
        isolation=str(grading.isolation.level),
        walls=hello.walls if hello else (),
        isolation_note=grading.isolation.note,
        seed=grading.seed,
        seed_source="--seed" if grading.seed is not None else grading.seed_source,
        versions={
            "grader": __version__,
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "pytest": version("pytest"),
            **inside,
        },
        digests={
            "rubric": _digest([grading.course.root / "rubric.yaml", assignment.rubric]),
            "reference": _digest(sorted(assignment.folder.glob("*.py"))),
            "submission": grading.submission.digest,
        },
        host=f"{platform.system()} {platform.release()} {platform.machine()}",
        started_at=started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


def _digest(paths: list[Path]) -> str:
    """SHA-256 over names and contents."""
    digest = sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
