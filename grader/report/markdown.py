"""Markdown: a job's summary, a comment on a pull request, the body of a release, the index of a class."""

from collections.abc import Iterator

from grader.report import view
from grader.report.markdown_text import block, code, prose, table
from grader.report.plain import feedback_text, finding_text
from grader.report.terminal import MARKS
from grader.results import CriterionResult, GradeReport, ReportFile, Verdict, Visibility

MOST_CHARACTERS = 60_000
"""Of one report. A comment on a pull request holds 65,536."""

_FINDINGS = 30


def to_markdown(report: GradeReport, most_characters: int = MOST_CHARACTERS) -> str:
    """Return the report of one submission: the rubric as a table, then a section for each criterion not met.

    A report longer than ``most_characters`` loses its last sections and says so.
    """
    blocks: list[str] = []
    length = 0
    sections = list(_blocks(report))
    for number, section in enumerate(sections):
        length += len(section) + 2
        if length > most_characters:
            blocks.append(f"*Cut here: {len(sections) - number} more sections are in the other reports of this run.*")
            break
        blocks.append(section)
    return "\n\n".join(blocks) + "\n"


def class_markdown(file: ReportFile) -> str:
    """Return one line for each submission, then those that could not be graded and why. One report is shown whole."""
    if len(file.reports) == 1 and not file.unreadable:
        return to_markdown(file.reports[0])
    blocks = [f"## {len(file.reports)} {'submission' if len(file.reports) == 1 else 'submissions'} graded"]
    if file.reports:
        headings = ("Student", "Assignment", "Points", "Pending", "Not PASS")
        rows = [_class_row(report) for report in file.reports]
        blocks.append(table(headings, rows, (False, False, True, True, True)))
    if file.unreadable:
        blocks.append(f"### {len(file.unreadable)} could not be graded")
        blocks.append("\n".join(f"- {code(e.path, 200)}: {prose(e.message, 1_200)}" for e in file.unreadable))
    return "\n\n".join(blocks) + "\n"


def _class_row(report: GradeReport) -> list[str]:
    score = report.score
    not_pass = sum(result.verdict is not Verdict.PASS for result in report.results)
    return [
        prose(report.submission.student, 100),
        prose(report.assignment),
        f"{view.shown_points(score.total)} of {view.shown_points(score.possible)}",
        view.shown_points(score.pending) if score.pending else "–",
        f"{not_pass} of {len(report.results)}",
    ]


def _blocks(report: GradeReport) -> Iterator[str]:
    yield f"## {prose(report.submission.student, 100)} · {prose(report.assignment_title, 200)}"
    yield _total(report)
    for part in view.parts_of(report):
        yield f"### {prose(part.info.title, 200)}"
        headings = ("", "Criterion", "Points", "Verdict", "Evidence")
        rows = [_criterion_row(result) for result in part.results]
        yield table(headings, rows, (False, False, True, False, False))
    for part in view.parts_of(report):
        repeated = view.repeats(part.results)
        for result in part.results:
            if view.is_full_marks(result):
                continue
            if result.criterion_id in repeated:
                yield f"#### {_heading(result)}"
                yield prose(f'As for "{repeated[result.criterion_id]}".')
            elif result.feedback.summary or result.private or result.override is not None:
                yield f"#### {_heading(result)}"
                yield block(feedback_text(result))
    if report.findings:
        yield "### Findings"
        yield "\n".join(f"- {prose(finding_text(finding), 1_600)}" for finding in report.findings[:_FINDINGS])
    yield _provenance(report)


def _total(report: GradeReport) -> str:
    score = report.score
    lines = [f"**{view.shown_points(score.total)} of {view.counted_points(score.possible)}**"]
    if score.late_penalty:
        lines.append(f"{view.counted_points(score.late_penalty)} less for handing in late")
    if score.pending:
        lines.append(f"{view.counted_points(score.pending)} pending: a person decides, nothing is lost until then")
    if score.not_shown:
        lines.append(f"{view.counted_points(score.not_shown)} belong to criteria that are not shown here")
    return "; ".join(lines) + "."


def _criterion_row(result: CriterionResult) -> list[str]:
    title = prose(result.title, 200)
    if result.visibility is not Visibility.VISIBLE:
        title += f" ({result.visibility})"
    return [MARKS[result.verdict], title, _points(result), str(result.verdict), result.evidence.lower()]


def _points(result: CriterionResult) -> str:
    awarded = "?" if result.verdict.is_pending else view.shown_points(result.awarded)
    return f"{awarded} of {view.shown_points(result.possible)}"


def _heading(result: CriterionResult) -> str:
    return f"{prose(result.title, 200)} ({_points(result)}, {result.verdict})"


def _provenance(report: GradeReport) -> str:
    provenance = report.provenance
    seed = "one per criterion" if provenance.seed is None else str(provenance.seed)
    words = [f"isolation {prose(provenance.isolation)}", f"seed {seed}", view.shown_seconds(report.duration_s)]
    return f"*Graded with {', '.join(words)}.*"
