"""Puts points that a person entered in place of those that grading found. Pure; before anything is hidden."""

from collections.abc import Collection, Iterable
from math import fsum

from msgspec.structs import replace

from grader.course.errors import RubricError, did_you_mean
from grader.course.overrides import DIGITS, Entered
from grader.results import CriterionResult, Evidence, GradeReport, Override, Verdict


def overridden(report: GradeReport, entered: Iterable[Entered]) -> GradeReport:
    """Return ``report`` with what was entered for its student and assignment.

    The verdict follows the points: PASS for all of them, FAIL for none, else PARTIAL. What grading had found is kept in
    the result's ``override``, and its feedback stays. An entry for a criterion that was not graded in this run has no
    effect. The late penalty, a share of the possible points, does not change.
    """
    mine = {
        entry.criterion: entry
        for entry in entered
        if (entry.assignment, entry.student) == (report.assignment, report.submission.student)
    }
    if not mine:
        return report
    digest = report.provenance.digests.get("submission", "")
    results = tuple(
        _decided(result, mine[result.criterion_id], digest) if result.criterion_id in mine else result
        for result in report.results
    )
    return replace(
        report,
        results=results,
        score=replace(
            report.score,
            awarded=fsum(r.awarded for r in results if not r.verdict.is_pending),
            pending=fsum(r.possible for r in results if r.verdict.is_pending),
        ),
    )


def _decided(result: CriterionResult, entry: Entered, digest: str) -> CriterionResult:
    has_all, has_some = entry.points >= result.possible, entry.points > 0
    return replace(
        result,
        verdict=Verdict.PASS if has_all else Verdict.PARTIAL if has_some else Verdict.FAIL,
        awarded=entry.points,
        evidence=Evidence.JUDGED,
        override=Override(
            by=entry.by,
            on=entry.on.isoformat(),
            note=entry.note,
            found_verdict=result.verdict,
            found_awarded=result.awarded,
            found_evidence=result.evidence,
            entered_in=str(entry.source),
            is_stale=not digest.startswith(entry.submission),
        ),
    )


def stale(reports: Iterable[GradeReport]) -> list[str]:
    """Return a line for each entry that was made for other files than those that were graded now."""
    return [
        f"{result.override.entered_in}: entered for other files of {report.submission.student} than those graded now; "
        f"it counts all the same. Look at {result.criterion_id} again, then write: "
        f'submission: "{report.provenance.digests["submission"][:DIGITS]}"'
        for report in reports
        for result in report.results
        if result.override is not None and result.override.is_stale
    ]


def unknown_students(
    entered: Iterable[Entered], reports: Iterable[GradeReport], known: Collection[str]
) -> list[RubricError]:
    """Return a mistake for each student that entries name and that is not among ``known``.

    Only entries about assignments that were graded count: students of another one may lie elsewhere.
    """
    assignments = {report.assignment for report in reports}
    first: dict[str, Entered] = {}
    for entry in entered:
        if entry.assignment in assignments and entry.student not in known:
            first.setdefault(entry.student, entry)
    return [
        RubricError(
            f"there is no submission of '{student}' beside those that were graded",
            _hint(student, known),
            entry.source,
        )
        for student, entry in first.items()
    ]


def _hint(student: str, known: Collection[str]) -> str:
    hint = did_you_mean(student, known)
    return hint if hint.startswith("did") else "--overrides none leaves the file out"
