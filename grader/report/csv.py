"""CSV for spreadsheets: the criteria of submissions, and the class table.

Every field is quoted, and text that a spreadsheet would take for a formula starts with an apostrophe. UTF-8, commas,
one line a row.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from grader.report.plain import machine_number, unreadable_text
from grader.results import CriterionResult, GradeReport, Override, ReportFile, Unreadable, Verdict
from grader.text import safe

_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠")

_OF_SUBMISSION = ("student", "path", "assignment")
_OF_CLASS = (
    *_OF_SUBMISSION,
    "status",
    "points",
    "possible",
    "pending",
    "late_penalty",
    "not_shown",
    "criteria",
    "not_pass",
    "by_hand",
)
_OF_CRITERION = (
    *_OF_SUBMISSION,
    "part",
    "criterion",
    "title",
    "verdict",
    "points",
    "possible",
    "evidence",
    "visibility",
    "seed",
    "summary",
    "override_by",
    "override_on",
    "override_note",
    "found_verdict",
    "found_points",
)


def criteria_csv(file: ReportFile) -> str:
    """Return one row for each criterion of each report. Pending points are an empty field, unlike 0."""
    rows = [_criterion_row(report, result) for report in file.reports for result in report.results]
    return _written(_OF_CRITERION, rows)


def class_csv(file: ReportFile) -> str:
    """Return one row for each submission, the unreadable ones last; then a column with the points of each criterion.

    ``status`` is ``graded``, or why the submission was not graded. ``points`` is what counts: late penalty taken off.
    """
    criteria = list(
        dict.fromkeys((report.assignment, r.criterion_id) for report in file.reports for r in report.results)
    )
    several = len({assignment for assignment, _ in criteria}) > 1
    headings = [f"{assignment}/{name}" if several else name for assignment, name in criteria]
    rows = [_class_row(report, criteria) for report in file.reports]
    rows += [_unreadable_row(entry, len(criteria)) for entry in file.unreadable]
    return _written((*_OF_CLASS, *map(_text, headings)), rows)


def _criterion_row(report: GradeReport, result: CriterionResult) -> list[str]:
    return [
        *_submission_fields(report),
        _text(result.part_id),
        _text(result.criterion_id),
        _text(result.title),
        str(result.verdict),
        _awarded(result),
        machine_number(result.possible),
        str(result.evidence),
        str(result.visibility),
        str(result.seed),
        _text(result.feedback.summary),
        *_override_fields(result.override),
    ]


def _override_fields(override: Override | None) -> list[str]:
    if override is None:
        return [""] * 5
    found = "" if override.found_verdict.is_pending else machine_number(override.found_awarded)
    return [_text(override.by), _text(override.on), _text(override.note), str(override.found_verdict), found]


def _class_row(report: GradeReport, criteria: Sequence[tuple[str, str]]) -> list[str]:
    score = report.score
    by_id = {(report.assignment, result.criterion_id): result for result in report.results}
    return [
        *_submission_fields(report),
        "graded",
        *map(machine_number, (score.total, score.possible, score.pending, score.late_penalty, score.not_shown)),
        str(len(report.results)),
        str(sum(result.verdict is not Verdict.PASS for result in report.results)),
        str(sum(result.override is not None for result in report.results)),
        *(_awarded(by_id[key]) if key in by_id else "" for key in criteria),
    ]


def _unreadable_row(entry: Unreadable, criteria: int) -> list[str]:
    return ["", _text(entry.path), "", _text(unreadable_text(entry)), *[""] * (8 + criteria)]


def _submission_fields(report: GradeReport) -> list[str]:
    return [_text(report.submission.student), _text(report.submission.path), _text(report.assignment)]


def _awarded(result: CriterionResult) -> str:
    return "" if result.verdict.is_pending else machine_number(result.awarded)


def _text(text: str) -> str:
    """Return ``text`` as a field that is shown as it is, wherever it is opened."""
    shown = safe(text)
    # a spreadsheet skips leading blanks before it looks for a formula
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_STARTS) else shown


def _written(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    # quoted throughout: where commas are decimal points, a spreadsheet splits unquoted text at semicolons
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(list(headings))
    writer.writerows(rows)
    return file.getvalue()
