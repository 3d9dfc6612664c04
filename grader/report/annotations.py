"""GitHub workflow commands (``::error file=…,line=…::…``) that put what was seen beside the lines it is about."""

from pathlib import PurePath

from grader.report.plain import unreadable_text
from grader.report.remarks import Remark, remarks
from grader.results import ReportFile

MOST_OF_A_KIND = 10
"""GitHub shows this many errors, as many warnings and as many notices of one step."""


def to_annotations(file: ReportFile, root: PurePath) -> str:
    """Return one command a line: an error for each criterion not met, a warning or notice for each finding.

    ``root`` is the checkout: files below it are named relative to it. A place in a notebook's cell is said in the text,
    since the lines of its file are those of JSON. Of each kind the first ten are kept, which is all that is shown.
    """
    said = [Remark("error", "", "The submission could not be graded", unreadable_text(one)) for one in file.unreadable]
    said += [remark for report in file.reports for remark in remarks(report, root)]
    return "".join(
        f"{_command(remark)}\n"
        for kind in ("error", "warning", "notice")
        for remark in [remark for remark in said if remark.kind == kind][:MOST_OF_A_KIND]
    )


def _command(remark: Remark) -> str:
    line = "" if remark.line is None else str(remark.line)
    properties = {"file": remark.file, "line": line, "title": remark.title}
    listed = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items() if value)
    return f"::{remark.kind} {listed}::{_escaped(remark.text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
