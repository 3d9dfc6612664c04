"""What there is to say about lines of a submission, for platforms that show it beside the code."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

import msgspec

from grader.report.plain import finding_text
from grader.report.view import counted_points, shown_points
from grader.results import CriterionResult, GradeReport, Location, Severity, Verdict
from grader.text import safe

_QUIET = (Verdict.PASS, Verdict.BLOCKED)


class Remark(msgspec.Struct, frozen=True):
    """``kind``: an error for a criterion not met, a warning or a notice else. ``about`` is the criterion's id or the
    finding's kind. ``file`` is empty where none is known, ``line`` ``None`` there and in a notebook, the lines of whose
    file are those of JSON."""

    kind: Literal["error", "warning", "notice"]
    about: str
    title: str
    text: str
    file: str = ""
    line: int | None = None


def remarks(report: GradeReport, root: PurePath) -> Iterator[Remark]:
    """Yield what is to be said about a report: criteria first, then findings.

    ``root`` is the checkout: files below it are named relative to it.
    """
    places = {f.criterion_id: f.where for f in reversed(report.findings) if f.criterion_id and f.where is not None}
    for result in report.results:
        if result.verdict not in _QUIET:
            where = places.get(result.criterion_id) or _named_place(report, result)
            file, line = _place(report, where, root)
            kind: Literal["error", "warning"] = "warning" if result.verdict.is_pending else "error"
            yield Remark(kind, result.criterion_id, _heading(result), safe(result.feedback.summary), file, line)
    for finding in report.findings:
        file, line = _place(report, finding.where, root)
        level: Literal["warning", "notice"] = "warning" if finding.severity is Severity.WARNING else "notice"
        yield Remark(level, finding.kind, safe(finding.kind), finding_text(finding), file, line)


def _named_place(report: GradeReport, result: CriterionResult) -> Location | None:
    """The first place in a file of the submission that the feedback names, as a :class:`Location` is written."""
    text = "\n".join([result.feedback.summary, *result.feedback.facts])
    names = "|".join(re.escape(name) for name in report.submission.files)
    found = re.search(rf"(?<!\S)({names}), (?:cell (\d{{1,6}}), )?line (\d{{1,6}})\b", text) if names else None
    if found is None:
        return None
    return Location(found[1], int(found[3]), int(found[2]) if found[2] else None)


def _heading(result: CriterionResult) -> str:
    awarded = "?" if result.verdict.is_pending else shown_points(result.awarded)
    return f"{safe(result.title)}: {result.verdict}, {awarded} of {counted_points(result.possible)}"


def file_of(report: GradeReport, name: str, root: PurePath) -> str:
    """Return where the file ``name`` of a submission is, relative to ``root`` if it lies in there."""
    path = PurePath(report.submission.path)
    file = path if path.name == name and path.suffix else path / name
    return safe(str(file.relative_to(root) if file.is_relative_to(root) else file))


def _place(report: GradeReport, where: Location | None, root: PurePath) -> tuple[str, int | None]:
    if where is None:
        return "", None
    return file_of(report, where.path, root), where.line if where.cell is None else None
