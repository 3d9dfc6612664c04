"""JUnit XML, which GitLab, Jenkins and many viewers read.

One ``testsuite`` a submission, one ``testcase`` a criterion. Not met is a ``failure``, a fault of the grader an
``error``; what was blocked or waits for a person is ``skipped``. Points and evidence are ``properties``.
"""

import re
from xml.etree import ElementTree as ET

from grader.report.plain import feedback_text, machine_number, override_lines, unreadable_text
from grader.results import CriterionResult, GradeReport, ReportFile, Unreadable, Verdict
from grader.text import safe

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = (Verdict.BLOCKED, Verdict.NEEDS_REVIEW)


def to_junit(file: ReportFile) -> str:
    """Return ``file`` as JUnit XML, indented, with a declaration and a trailing newline.

    Submissions that could not be read are suites of one case with an ``error``.
    """
    root = ET.Element("testsuites", name="grader")
    for report in file.reports:
        _add_suite(root, report)
    for entry in file.unreadable:
        _add_unreadable(root, entry)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", f"{sum(report.duration_s for report in file.reports):.3f}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_suite(root: ET.Element, report: GradeReport) -> None:
    student = safe(report.submission.student, limit=200)
    suite = ET.SubElement(root, "testsuite", name=_legal(f"{student}: {safe(report.assignment_title, limit=200)}"))
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
    _add_properties(suite, properties)
    for result in report.results:
        _add_case(suite, report, result)
    for count, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(sum(1 for _ in suite.iter(tag))))
    suite.set("time", f"{report.duration_s:.3f}")
    suite.set("timestamp", _legal(safe(report.provenance.started_at).removesuffix("Z")))


def _add_case(suite: ET.Element, report: GradeReport, result: CriterionResult) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_legal(f"{safe(report.assignment)}.{safe(result.part_id)}"),
        name=_legal(safe(result.title, limit=200)),
        time=f"{result.duration_s:.3f}",
    )
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
    _add_properties(case, properties)
    if result.verdict is Verdict.PASS:
        return
    message = _legal(f"{result.verdict}: {safe(result.feedback.summary)}")
    if result.verdict in _SKIPPED:
        ET.SubElement(case, "skipped", message=message)
        return
    tag = "error" if result.verdict is Verdict.GRADER_FAULT else "failure"
    problem = ET.SubElement(case, tag, message=message, type=str(result.verdict))
    problem.text = _legal(feedback_text(result))


def _add_unreadable(root: ET.Element, entry: Unreadable) -> None:
    path = _legal(safe(entry.path, limit=200))
    suite = ET.SubElement(root, "testsuite", name=path, tests="1", failures="0", errors="1", skipped="0", time="0.000")
    case = ET.SubElement(suite, "testcase", classname="submission", name="The submission can be graded", time="0.000")
    ET.SubElement(case, "error", message=_legal(unreadable_text(entry)), type="UNREADABLE")


def _add_properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=_legal(value))


def _legal(text: str) -> str:
    """Write out the few characters that XML cannot hold and :func:`safe` leaves alone (U+FFFE, U+FFFF)."""
    return _NOT_XML.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
