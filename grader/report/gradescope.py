"""Gradescope's ``results.json``. All text is declared as plain text, so that nothing in it is markup there."""

from typing import Any

import msgspec

from grader.report import view
from grader.report.plain import feedback_text, finding_text, machine_points
from grader.results import CriterionResult, GradeReport, Verdict, Visibility
from grader.text import safe

_VISIBILITY = {
    Visibility.VISIBLE: "visible",
    Visibility.AFTER_DUE_DATE: "after_due_date",
    Visibility.HIDDEN: "hidden",
}
_FINDINGS = 50


def to_gradescope(report: GradeReport) -> str:
    """Return ``report`` as the content of ``results.json``, indented, with a trailing newline.

    Criteria keep their visibility, in the platform's words: pass what :func:`grader.report.staged.for_platform`
    returns to have all of them there, or what ``view.for_student`` returns to have only those a student sees now.
    The top-level ``score`` is the total with the late penalty taken off; a criterion that waits for a person has no
    score of its own.
    """
    content = {
        "score": machine_points(report.score.total),
        "execution_time": round(report.duration_s, 3),
        "output": _overview(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "assignment": report.assignment,
            "possible": machine_points(report.score.possible),
            "pending": machine_points(report.score.pending),
            "late_penalty": machine_points(report.score.late_penalty),
            "isolation": report.provenance.isolation,
        },
        "tests": [
            _test(result, f"{number}.{place}")
            for number, part in enumerate(view.parts_of(report), 1)
            for place, result in enumerate(part.results, 1)
        ],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2).decode() + "\n"


def _test(result: CriterionResult, number: str) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": safe(result.title, limit=200),
        "name_format": "text",
        "number": number,
        "max_score": machine_points(result.possible),
        "output": f"{result.verdict}\n\n{feedback_text(result)}".strip(),
        "output_format": "text",
        "tags": [result.part_id],
        "visibility": _VISIBILITY[result.visibility],
        "extra_data": {
            "criterion": result.criterion_id,
            "verdict": str(result.verdict),
            "evidence": str(result.evidence),
            "points": machine_points(result.awarded),
        },
    }
    if not result.verdict.is_pending:
        test["score"] = machine_points(result.awarded)
        test["status"] = "passed" if result.verdict is Verdict.PASS else "failed"
    return test


def _overview(report: GradeReport) -> str:
    score = report.score
    lines = []
    if score.late_penalty:
        lines.append(f"Late: {view.counted_points(score.late_penalty)} less.")
    if score.pending:
        lines.append(
            f"Pending: {view.counted_points(score.pending)}; a person decides, and nothing is lost until then."
        )
    if score.not_shown:
        lines.append(f"Not shown: {view.counted_points(score.not_shown)}, of criteria that are not shown here.")
    lines += [finding_text(finding) for finding in report.findings[:_FINDINGS]]
    note = report.provenance.isolation_note or report.provenance.isolation
    return "\n".join([*lines, f"Isolation: {safe(note, limit=600)}"])
