"""A report for a platform that itself keeps some criteria from students. Pure."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from grader.report.view import for_student
from grader.results import GradeReport, Visibility

_DUE = datetime(2000, 1, 1, tzinfo=UTC)
_BEFORE, _AFTER = _DUE - timedelta(days=1), _DUE


def for_platform(report: GradeReport) -> GradeReport:
    """Return ``report`` with every criterion and its visibility, each cut to what is read at its own stage.

    What students read at once names nothing that they see later or never; what they read after the due date names
    nothing that is hidden. Hidden criteria, which the platform shows to instructors alone, stay whole. The score
    covers everything.
    """
    at_once = for_student(report, _BEFORE, _DUE)
    # the due date shows these and changes nothing else
    has_later = any(result.visibility is Visibility.AFTER_DUE_DATE for result in report.results)
    later = for_student(report, _AFTER, _DUE) if has_later else at_once
    shown = {result.criterion_id: result for view in (later, at_once) for result in view.results}
    results = [
        result
        if result.visibility is Visibility.HIDDEN
        else replace(shown[result.criterion_id], visibility=result.visibility)
        for result in report.results
    ]
    return replace(report, results=tuple(results), findings=at_once.findings, pictures=at_once.pictures)
