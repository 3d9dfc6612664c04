"""GitHub workflow commands (``::error file=…,line=…::…``) that put what was seen beside the lines it is about."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from grader.report.plain import finding_text, unreadable_text
from grader.report.view import counted_points, shown_points
from grader.results import CriterionResult, GradeReport, Location, ReportFile, Severity, Verdict
from grader.text import safe

MOST_OF_A_KIND = 10
"""GitHub shows this many errors, as many warnings and as many notices of one step."""

_QUIET = (Verdict.PASS, Verdict.BLOCKED)


def to_annotations(file: ReportFile, root: PurePath) -> str:
    """Return one command a line: an error for each criterion not met, a warning or notice for each finding.

    ``root`` is the checkout: files below it are named relative to it. A place in a notebook's cell is said in the text,
    since the lines of its file are those of JSON. Of each kind the first ten are kept, which is all that is shown.
    """
    lines: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for entry in file.unreadable:
        lines["error"].append(_command("error", "The submission could not be graded", unreadable_text(entry)))
    for report in file.reports:
        for kind, line in _of_report(report, root):
            lines[kind].append(line)
    return "".join(f"{line}\n" for kept in lines.values() for line in kept[:MOST_OF_A_KIND])


def _of_report(report: GradeReport, root: PurePath) -> Iterator[tuple[str, str]]:
    places = {f.criterion_id: f.where for f in reversed(report.findings) if f.criterion_id and f.where is not None}
    for result in report.results:
        if result.verdict not in _QUIET:
            kind = "warning" if result.verdict.is_pending else "error"
            where = places.get(result.criterion_id) or _named_place(report, result)
            place = _place(report, where, root)
            yield kind, _command(kind, _heading(result), safe(result.feedback.summary), place)
    for finding in report.findings:
        kind = "warning" if finding.severity is Severity.WARNING else "notice"
        yield kind, _command(kind, safe(finding.kind), finding_text(finding), _place(report, finding.where, root))


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


def _place(report: GradeReport, where: Location | None, root: PurePath) -> dict[str, str]:
    if where is None:
        return {}
    path = PurePath(report.submission.path)
    file = path if path.name == where.path and path.suffix else path / where.path
    place = {"file": str(file.relative_to(root) if file.is_relative_to(root) else file)}
    if where.line is not None and where.cell is None:
        place["line"] = str(where.line)
    return place


def _command(kind: str, title: str, message: str, place: dict[str, str] | None = None) -> str:
    properties = {**(place or {}), "title": title}
    listed = ",".join(f"{name}={_escaped_property(safe(value))}" for name, value in properties.items())
    return f"::{kind} {listed}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
