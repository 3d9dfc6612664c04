"""The rubric report on a terminal, and the summary of several submissions.

``render`` prints what the report holds, private text included. What goes to a student is cut first by
:func:`grader.report.view.for_student`, or printed with :func:`render_for_student`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from grader.report import layout, recordings, view
from grader.report.plain import override_lines
from grader.results import (
    CriterionResult,
    Finding,
    GradeReport,
    Severity,
    Table,
    Unreadable,
    Verdict,
    Visibility,
)
from grader.text import encodable, safe

TEXT_WIDTH = 100
"""Cells of a line at most: longer lines are hard to read, however wide the window is."""

MARKS = {
    Verdict.PASS: "✓",
    Verdict.PARTIAL: "◐",
    Verdict.FAIL: "✗",
    Verdict.MISSING: "✗",
    Verdict.CRASH: "✗",
    Verdict.TIMEOUT: "✗",
    Verdict.MEMORY: "✗",
    Verdict.BLOCKED: "–",
    Verdict.NEEDS_REVIEW: "?",
    Verdict.GRADER_FAULT: "?",
}
"""A sign for each verdict. The verdict's word always stands beside it."""

_STYLES = {"✓": "green", "◐": "yellow", "✗": "red", "–": "dim", "?": "magenta"}
_NO_EVIDENCE = (Verdict.BLOCKED, Verdict.GRADER_FAULT)

_NARROWEST = 20
_SENTENCE = 600
_PARAGRAPH = 1_200
_PARAGRAPH_LINES = 12
_QUOTE_LINES = 8
_TABLE_ROWS = 40
_FILES = 6
_NAME = 40


def render(report: GradeReport, console: Console) -> None:
    """Print the rubric report of one submission. The last line is the total."""
    page = _Page(console)
    _print_header(page, report)
    _print_rubric(page, report)
    _print_sections(page, report)
    _print_findings(page, report.findings)
    _print_recordings(page, report)
    _print_provenance(page, report)
    _print_score(page, report)


def render_for_student(report: GradeReport, console: Console, now: datetime, due: datetime | None) -> None:
    """Print the report as its student may see it at ``now``. Arguments and errors as for ``view.for_student``."""
    render(view.for_student(report, now, due), console)


def render_summary(reports: Sequence[GradeReport], unreadable: Sequence[Unreadable], console: Console) -> None:
    """Print one line per submission, then the submissions that could not be read and why."""
    page = _Page(console)
    if reports:
        _print_summary_table(page, reports)
    if unreadable:
        page.blank()
        page.lines(layout.rule(console, "Could not be read", "", page.width, page.plain("─")))
        for entry in unreadable:
            page.say(safe(entry.path, limit=200), indent=2, style="bold")
            page.paragraph(entry.message, indent=4)
    page.blank()
    graded = f"{len(reports)} {'submission' if len(reports) == 1 else 'submissions'} graded"
    page.say(f"{graded}, {len(unreadable)} could not be read" if unreadable else graded, style="bold")


class _Page:
    """Where lines go: a console, the width in use, and the console's encoding applied to every text."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = max(min(console.width, TEXT_WIDTH), _NARROWEST)

    def plain(self, text: str) -> str:
        return encodable(text, self.console.encoding)

    def text(self, text: str, style: str = "") -> Text:
        return Text(self.plain(text), style)

    def lines(self, lines: Sequence[Text]) -> None:
        for line in lines:
            self.console.print(line, soft_wrap=True)

    def blank(self) -> None:
        self.console.print()

    def say(self, text: str, *, style: str = "", indent: int = 0, hanging: int = 0) -> None:
        self.lines(layout.wrapped(self.console, self.text(text, style), self.width, indent, hanging))

    def paragraph(self, text: str, *, indent: int = 2, hanging: int = 0) -> None:
        """Print a text of several lines that may hold a student's words; longer than a screen can hold, it is cut."""
        text = re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n")).strip("\n")
        if text:
            self.say(safe(text, limit=_PARAGRAPH, lines=_PARAGRAPH_LINES), indent=indent, hanging=hanging)

    def labelled(self, rows: Sequence[tuple[str, str]], indent: int = 0) -> None:
        """Print ``label: text`` rows with the texts under one another."""
        column = max(len(label) for label, _ in rows) + 2
        for label, text in rows:
            line = self.text(f"{label}:".ljust(column), "dim") + self.text(text)
            self.lines(layout.wrapped(self.console, line, self.width, indent, hanging=column))

    def table(self, columns: Sequence[layout.Column], rows: Sequence[Sequence[Text]], indent: int = 2) -> layout.Block:
        return layout.table(self.console, columns, rows, self.width, indent)

    def rule(self, left: str, right: str = "") -> None:
        self.blank()
        self.lines(layout.rule(self.console, self.plain(left), self.plain(right), self.width, self.plain("─")))


# --- the top: who, and the rubric line by line ------------------------------------------------------------------------


def _print_header(page: _Page, report: GradeReport) -> None:
    student = safe(report.submission.student, limit=100)
    page.say(f"{student} · {safe(report.assignment_title, limit=200)}", style="bold", hanging=2)
    files = report.submission.files
    if files:
        named = ", ".join(safe(name, limit=80) for name in files[:_FILES])
        more = f" and {len(files) - _FILES} more" if len(files) > _FILES else ""
        page.say(f"Files: {named}{more}", style="dim", hanging=7)


def _print_rubric(page: _Page, report: GradeReport) -> None:
    columns = [layout.Column(), layout.Column(), layout.Column(numeric=True), layout.Column(), layout.Column()]
    parts = view.parts_of(report)
    rows: list[list[Text]] = []
    for part in parts:
        rows.extend(_rubric_row(page, result) for result in part.results)
        total = f"{view.shown_points(part.awarded)} of {view.shown_points(part.possible)}"
        pending = f"{view.shown_points(part.pending)} pending" if part.pending else ""
        rows.append([Text(), page.text("Part total", "dim"), page.text(total, "bold"), page.text(pending), Text()])
    laid_out = iter(page.table(columns, rows).rows)
    for part in parts:
        page.blank()
        page.say(safe(part.info.title, limit=200), style="bold", hanging=2)
        for result in part.results:
            page.lines(next(laid_out))
            if view.is_full_marks(result) and result.feedback.summary:
                # what was seen; where marks are missing, a section of its own says it
                page.say(safe(result.feedback.summary, limit=300), style="dim", indent=7)
        page.lines(next(laid_out))


def _rubric_row(page: _Page, result: CriterionResult) -> list[Text]:
    mark = MARKS[result.verdict]
    style = _STYLES[mark]
    title = safe(result.title, limit=200)
    if result.visibility is not Visibility.VISIBLE:
        title = f"{title} [{result.visibility}]"
    evidence = "" if result.verdict in _NO_EVIDENCE else result.evidence.lower()
    return [
        page.text(mark, style),
        page.text(title),
        page.text(_points(result)),
        page.text(result.verdict, style),
        page.text(evidence, "dim"),
    ]


def _points(result: CriterionResult) -> str:
    awarded = "?" if result.verdict.is_pending else view.shown_points(result.awarded)
    return f"{awarded} of {view.shown_points(result.possible)}"


# --- the middle: a section for each criterion without full marks ------------------------------------------------------


def _print_sections(page: _Page, report: GradeReport) -> None:
    for part in view.parts_of(report):
        repeated = view.repeats(part.results)
        brief: dict[str, list[CriterionResult]] = {}
        for result in part.results:
            if view.is_full_marks(result):
                continue
            if result.criterion_id in repeated:
                brief.setdefault(f'As for "{repeated[result.criterion_id]}":', []).append(result)
            elif result.verdict is Verdict.BLOCKED and not result.feedback.facts and not result.private:
                brief.setdefault(result.feedback.summary, []).append(result)
            elif result.private or result.feedback.summary or result.override is not None:
                _print_section(page, part.info.id, result)
        if brief:
            page.rule(f"{safe(part.info.id)} / the rest")
        for sentence, results in brief.items():
            page.say(safe(sentence, limit=_SENTENCE), indent=2)
            rows = [[page.text(safe(r.title, limit=200)), page.text(_points(r))] for r in results]
            page.lines(page.table([layout.Column(), layout.Column(numeric=True)], rows, indent=4).lines)


def _print_section(page: _Page, part_id: str, result: CriterionResult) -> None:
    feedback = result.feedback
    noun = "point" if result.possible == 1 else "points"
    page.rule(f"{safe(part_id)} / {safe(result.title, limit=200)}", f"{_points(result)} {noun}")
    for line in override_lines(result):
        page.paragraph(line, hanging=2)
    if result.override is not None and feedback.summary:
        _print_heading(page, "What grading saw")
    # indented like everything that may quote a student: at the margin, a wrapped line could pass for the total
    page.say(safe(feedback.summary, limit=_SENTENCE), indent=2)
    if feedback.table is not None:
        page.blank()
        _print_table(page, feedback.table)
    if feedback.facts:
        page.blank()
    for fact in feedback.facts:
        page.paragraph(fact, hanging=2)
    for diagnosis in feedback.diagnoses:
        _print_heading(page, "What the numbers say", f"[{safe(diagnosis.id)}]")
        page.paragraph(diagnosis.text)
    if feedback.expected:
        _print_heading(page, "What was expected")
    for expected in feedback.expected:
        page.paragraph(expected, hanging=2)
    if result.private:
        _print_heading(page, "For graders only")
        page.paragraph(result.private, hanging=2)
    seen_on = f"{feedback.seen_on}, seed {result.seed}" if feedback.seen_on else ""
    rows = [("Seen on", seen_on), ("Again", feedback.again)]
    rows += [("Read", f"docs/diagnoses/{diagnosis.id}.md") for diagnosis in feedback.diagnoses]
    rows = [(label, safe(text, limit=_SENTENCE)) for label, text in rows if text]
    if rows:
        page.blank()
        page.labelled(rows)


def _print_heading(page: _Page, left: str, right: str = "") -> None:
    page.blank()
    gap = " " * max(page.width - len(left) - len(right), 2)
    page.lines([page.text(left, "bold") + page.text(f"{gap}{right}" if right else "", "dim")])


def _print_table(page: _Page, table: Table) -> None:
    columns = [layout.Column(page.plain(safe(name)), name in table.numeric) for name in table.columns]
    rows = [[page.text(safe(cell, limit=200)) for cell in row] for row in table.rows[:_TABLE_ROWS]]
    page.lines(page.table(columns, rows).lines)
    if len(table.rows) > _TABLE_ROWS:
        page.say(f"… and {len(table.rows) - _TABLE_ROWS:,} more rows", style="dim", indent=2)


# --- the bottom: findings, how it was graded, the score ---------------------------------------------------------------


def _print_findings(page: _Page, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    page.rule("Findings")
    for number, finding in enumerate(findings):
        if number:
            page.blank()
        style = "yellow" if finding.severity is Severity.WARNING else ""
        words = [f"{finding.severity}: {safe(finding.kind)}"]
        if finding.where is not None:
            words.append(safe(str(finding.where), limit=200))
        if finding.criterion_id:
            words.append(f"for {safe(finding.criterion_id)}")
        if finding.costs_points:
            words.append("costs points")
        page.say(" · ".join(words), style=style, indent=2, hanging=2)
        page.paragraph(finding.text, indent=4)
        if finding.quote:
            for line in safe(finding.quote, limit=_SENTENCE, lines=_QUOTE_LINES).split("\n"):
                page.say(f"│ {line}", style="dim", indent=6, hanging=2)
        if finding.settles:
            page.say(f"Settled by: {safe(finding.settles, limit=_SENTENCE)}", indent=4, hanging=2)


def _print_recordings(page: _Page, report: GradeReport) -> None:
    if not report.recordings:
        return
    page.rule("Replayed")
    for recording in report.recordings:
        seen = recordings.shown(recording, report)
        page.paragraph(seen.summary, hanging=2)
        for title, lines in seen.groups:
            page.say(title, style="dim", indent=2)
            for line in lines:
                page.say(safe(line, limit=_SENTENCE), indent=4, hanging=2)


def _print_provenance(page: _Page, report: GradeReport) -> None:
    provenance = report.provenance
    walls = ", ".join(safe(wall) for wall in provenance.walls)
    isolation = safe(provenance.isolation) + (f" ({walls})" if walls else "")
    seed = "one per criterion" if provenance.seed is None else str(provenance.seed)
    source = safe(provenance.seed_source)
    rows = [("Isolation", isolation)]
    if provenance.isolation_note not in ("", provenance.isolation):
        rows.append(("Note", safe(provenance.isolation_note, limit=_SENTENCE)))
    rows.append(("Seed", f"{seed} ({source})" if source else seed))
    rows.append(("Time", view.shown_seconds(report.duration_s)))
    page.rule("How this was graded")
    page.labelled(rows)


def _print_score(page: _Page, report: GradeReport) -> None:
    score = report.score
    rows: list[tuple[str, str]] = []
    if score.late_penalty:
        rows.append(("Criteria", view.counted_points(score.awarded)))
        rows.append(("Late", f"{view.counted_points(score.late_penalty)} less"))
    if score.pending:
        waiting = view.counted_points(score.pending)
        rows.append(("Pending", f"{waiting}; a person decides, and nothing is lost until then"))
    if score.not_shown:
        rows.append(("Not shown", f"{view.counted_points(score.not_shown)}, of criteria that are not shown here"))
    if rows:
        page.blank()
        page.labelled(rows)
    total = f"Total: {view.shown_points(score.total)} of {view.counted_points(score.possible)}"
    if score.pending:
        total += f", {view.shown_points(score.pending)} pending"
    page.blank()
    page.say(total, style="bold")


# --- several submissions ----------------------------------------------------------------------------------------------


def _print_summary_table(page: _Page, reports: Sequence[GradeReport]) -> None:
    several = len({report.assignment for report in reports}) > 1
    columns = [layout.Column("student")]
    columns += [layout.Column("assignment")] if several else []
    columns += [layout.Column(heading, numeric=True) for heading in ("points", "pending", "not PASS", "time")]
    rows: list[list[Text]] = []
    for report in reports:
        score = report.score
        verdicts = Counter(result.verdict for result in report.results)
        not_passed = len(report.results) - verdicts[Verdict.PASS]
        row = [_clipped(page, safe(report.submission.student, limit=200), _NAME)]
        row += [_clipped(page, safe(report.assignment), _NAME)] if several else []
        row += [
            page.text(f"{view.shown_points(score.total)} of {view.shown_points(score.possible)}"),
            page.text(view.shown_points(score.pending) if score.pending else "–"),
            page.text(f"{not_passed} of {len(report.results)}"),
            page.text(view.shown_seconds(report.duration_s)),
        ]
        rows.append(row)
    page.lines(page.table(columns, rows, indent=0).lines)


def _clipped(page: _Page, text: str, width: int) -> Text:
    clipped = page.text(text)
    clipped.truncate(width, overflow="ellipsis")
    return page.text(clipped.plain)
