"""The page of a class: every submission in a line, and how the class met each criterion. Pure."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec
from markupsafe import Markup

from grader.pages.charts.shares import share_bar
from grader.pages.environment import render
from grader.report import view
from grader.results import GradeReport, Unreadable, Verdict


class _Student(msgspec.Struct, frozen=True):
    student: str
    link: str
    parts: tuple[str, ...]
    bar: Markup
    total: str
    pending: str
    not_passed: str
    findings: str


class _Criterion(msgspec.Struct, frozen=True):
    title: str
    bar: Markup
    passed: str
    pending: str


class _Assignment(msgspec.Struct, frozen=True):
    title: str
    parts: tuple[str, ...]
    rows: tuple[_Student, ...]
    criteria: tuple[_Criterion, ...]


def to_html_index(
    reports: Sequence[GradeReport], unreadable: Sequence[Unreadable] = (), pages: Mapping[int, str] | None = None
) -> str:
    """Return the page of a class, by assignment.

    Args:
        reports: in the order in which they are listed.
        unreadable: submissions that could not be graded.
        pages: for the number of a report in ``reports``, from 0, the path of its page, relative to this one and with
            ``/`` between folders. Whatever its name, it becomes a link to a file and to nothing else.
    """
    by_assignment: dict[str, list[int]] = {}
    for number, report in enumerate(reports):
        by_assignment.setdefault(report.assignment, []).append(number)
    titles = [reports[numbers[0]].assignment_title for numbers in by_assignment.values()]
    made = [_assignment(reports, numbers, pages or {}) for numbers in by_assignment.values()]
    noun = "submission" if len(reports) == 1 else "submissions"
    graded = f"{len(reports)} {noun} graded"
    return render(
        "index.html",
        title=titles[0] if len(titles) == 1 else "Submissions",
        graded=f"{graded}, {len(unreadable)} could not be read" if unreadable else graded,
        assignments=made,
        unreadable=unreadable,
    )


def _assignment(reports: Sequence[GradeReport], numbers: Sequence[int], pages: Mapping[int, str]) -> _Assignment:
    chosen = [reports[number] for number in numbers]
    parts = {part.id: part.title for report in chosen for part in report.parts}
    return _Assignment(
        title=chosen[0].assignment_title,
        parts=tuple(parts.values()) if len(parts) > 1 else (),
        rows=tuple(
            _student(report, tuple(parts) if len(parts) > 1 else (), pages.get(number, ""))
            for number, report in zip(numbers, chosen, strict=True)
        ),
        criteria=_criteria(chosen),
    )


def _student(report: GradeReport, part_ids: tuple[str, ...], page: str) -> _Student:
    points = {part.info.id: f"{view.shown_points(part.awarded)}" for part in view.parts_of(report)}
    score = report.score
    not_passed = sum(result.verdict is not Verdict.PASS for result in report.results)
    return _Student(
        student=report.submission.student,
        link=f"./{quote(page, errors='surrogateescape')}" if page else "",
        parts=tuple(points.get(part_id, "–") for part_id in part_ids),
        bar=share_bar(score.total, score.pending, score.possible),
        total=f"{view.shown_points(score.total)} of {view.shown_points(score.possible)}",
        pending=view.shown_points(score.pending) if score.pending else "–",
        not_passed=f"{not_passed} of {len(report.results)}",
        findings=str(len(report.findings)) if report.findings else "–",
    )


def _criteria(reports: Sequence[GradeReport]) -> tuple[_Criterion, ...]:
    results = [result for report in reports for result in report.results]
    made = []
    for criterion_id in dict.fromkeys(result.criterion_id for result in results):
        same = [result for result in results if result.criterion_id == criterion_id]
        passed = sum(view.is_full_marks(result) for result in same)
        pending = sum(result.verdict.is_pending for result in same)
        made.append(
            _Criterion(
                title=same[0].title,
                bar=share_bar(passed, pending, len(same)),
                passed=f"{passed} of {len(same)}",
                pending=str(pending) if pending else "–",
            )
        )
    return tuple(made)
