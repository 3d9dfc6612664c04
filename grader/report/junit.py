"""JUnit XML, which GitLab, Jenkins and many viewers read.

One ``testsuite`` a submission, one ``testcase`` a criterion. Not met is a ``failure``, a fault of the grader an
``error``; what was blocked or waits for a person is ``skipped``. Points and evidence are ``properties``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from grader.report.plain import feedback_text, machine_number, override_lines, unreadable_text
from grader.results import CriterionResult, GradeReport, ReportFile, Unreadable, Verdict
from grader.text import safe

_IN_QUOTES = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(file: ReportFile) -> str:
    """Return ``file`` as JUnit XML, indented, with a declaration and a trailing newline.

    Submissions that could not be read are suites of one case with an ``error``.
    """
    attributes = {
        "name": "grader",
        **_counts((result for report in file.reports for result in report.results), len(file.unreadable)),
        "time": f"{sum(report.duration_s for report in file.reports):.3f}",
    }
    suites = [*map(_suite, file.reports), *map(_unreadable_suite, file.unreadable)]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("", "testsuites", attributes, suites)}\n'


def _suite(report: GradeReport) -> str:
    student = safe(report.submission.student, limit=200)
    attributes = {
        "name": f"{student}: {safe(report.assignment_title, limit=200)}",
        **_counts(report.results),
        "time": f"{report.duration_s:.3f}",
        "timestamp": safe(report.provenance.started_at).removesuffix("Z"),
    }
    score = report.score
    properties = {
        "student": student,
        "assignment": safe(report.assignment),
        "points": machine_number(score.total),
        "possible": machine_number(score.possible),
        "pending": machine_number(score.pending),
        "late_penalty": machine_number(score.late_penalty),
        "not_shown": machine_number(score.not_shown),
        "isolation": safe(report.provenance.isolation),
    }
    cases = [_case(report, result) for result in report.results]
    return _element("  ", "testsuite", attributes, [_properties("    ", properties), *cases])


def _case(report: GradeReport, result: CriterionResult) -> str:
    attributes = {
        "classname": f"{safe(report.assignment)}.{safe(result.part_id)}",
        "name": safe(result.title, limit=200),
        "time": f"{result.duration_s:.3f}",
    }
    properties = {
        "criterion": safe(result.criterion_id),
        "verdict": str(result.verdict),
        "points": machine_number(result.awarded),
        "possible": machine_number(result.possible),
        "evidence": str(result.evidence),
        "visibility": str(result.visibility),
    }
    if result.override is not None:
        properties["override"] = safe(" ".join(override_lines(result)), limit=2_000)
    problem = _problem(result)
    return _element("    ", "testcase", attributes, [_properties("      ", properties), *problem])


def _problem(result: CriterionResult) -> list[str]:
    tag = _problem_tag(result.verdict)
    if not tag:
        return []
    attributes = {"message": f"{result.verdict}: {safe(result.feedback.summary)}"}
    if tag == "skipped":
        return [_element("      ", tag, attributes)]
    attributes["type"] = str(result.verdict)
    return [_element("      ", tag, attributes, text=feedback_text(result))]


def _problem_tag(verdict: Verdict) -> str:
    match verdict:
        case Verdict.PASS:
            return ""
        case Verdict.BLOCKED | Verdict.NEEDS_REVIEW:
            return "skipped"
        case Verdict.GRADER_FAULT:
            return "error"
    return "failure"


def _unreadable_suite(entry: Unreadable) -> str:
    suite = {"name": safe(entry.path, limit=200), **_counts((), unreadable=1), "time": "0.000"}
    case = {"classname": "submission", "name": "The submission can be graded", "time": "0.000"}
    error = _element("      ", "error", {"message": unreadable_text(entry), "type": "UNREADABLE"})
    return _element("  ", "testsuite", suite, [_element("    ", "testcase", case, [error])])


def _counts(results: Iterable[CriterionResult], unreadable: int = 0) -> dict[str, str]:
    tags = Counter(_problem_tag(result.verdict) for result in results)
    return {
        "tests": str(tags.total() + unreadable),
        "failures": str(tags["failure"]),
        "errors": str(tags["error"] + unreadable),
        "skipped": str(tags["skipped"]),
    }


# --- elements, written as text: building a tree of them first takes several times as long -----------------------------


def _properties(indent: str, values: Mapping[str, str]) -> str:
    lines = [_element(f"{indent}  ", "property", {"name": name, "value": value}) for name, value in values.items()]
    return _element(indent, "properties", {}, lines)


def _element(indent: str, tag: str, attributes: Mapping[str, str], children: Sequence[str] = (), text: str = "") -> str:
    """Return an element that starts at ``indent``, with ``children``, which are indented already, or with ``text``."""
    start = f"{indent}<{tag}" + "".join(
        [f' {name}="{escape(_representable(value), _IN_QUOTES)}"' for name, value in attributes.items()]
    )
    if children:
        return "\n".join([f"{start}>", *children, f"{indent}</{tag}>"])
    return f"{start}>{escape(_representable(text))}</{tag}>" if text else f"{start} />"


def _representable(text: str) -> str:
    """Return ``text`` with characters written out that XML cannot hold: :func:`safe` leaves U+FFFE and U+FFFF alone."""
    if text.isprintable():
        return text
    return _NOT_XML.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
