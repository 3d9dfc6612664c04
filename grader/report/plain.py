"""What the formats without markup share: a criterion's feedback as plain text, and points as plain numbers. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from rich.cells import cell_len

from grader.report import view
from grader.results import CriterionResult, Feedback, Finding, Table, Unreadable
from grader.text import safe

_SENTENCE = 600
_PARAGRAPH = 1_200
_PARAGRAPH_LINES = 12
_TABLE_ROWS = 40


def feedback_text(result: CriterionResult) -> str:
    """Return everything that ``result`` has to say as lines of text, each harmless on a terminal, without markup.

    Paragraphs are separated by empty lines. What a reader may see has been decided before, in ``grader.report.view``.
    """
    return _text(result.feedback, result.seed, result.private, override_lines(result))


# several formats ask for the same text, for the student and for graders
@lru_cache(maxsize=128)
def _text(feedback: Feedback, seed: int, private: str, decided: tuple[str, ...]) -> str:
    blocks = ["\n".join(map(_paragraph, decided))]
    blocks.append(safe(feedback.summary, limit=_SENTENCE))
    if feedback.table is not None:
        blocks.append(table_text(feedback.table))
    blocks.append("\n".join(map(_paragraph, feedback.facts)))
    blocks += [f"[{safe(diagnosis.id)}] {_paragraph(diagnosis.text)}" for diagnosis in feedback.diagnoses]
    if feedback.expected:
        blocks.append("\n".join(["What was expected:", *map(_paragraph, feedback.expected)]))
    if private:
        blocks.append(f"For graders only:\n{_paragraph(private)}")
    blocks.append("\n".join(f"{label}: {safe(text, limit=_SENTENCE)}" for label, text in how_to_repeat(feedback, seed)))
    return "\n\n".join(block for block in blocks if block)


def override_lines(result: CriterionResult) -> tuple[str, ...]:
    """Return what a person decided about ``result``, who, when and why, and what grading had found; else nothing."""
    override = result.override
    if override is None:
        return ()
    possible = view.counted_points(result.possible)
    who = f" by {override.by}" if override.by else ""
    lines = [f"Entered by hand{who} on {override.on}: {view.shown_points(result.awarded)} of {possible}."]
    lines += [override.note] if override.note else []
    if override.found_verdict.is_pending:
        lines.append(f"Grading had found {override.found_verdict}: the points were pending.")
    else:
        found = view.shown_points(override.found_awarded)
        lines.append(f"Grading had found {override.found_verdict}: {found} of {possible}.")
    if override.is_stale:
        lines.append("It was entered for other files than those that were graded now; it counts all the same.")
    if override.entered_in:
        lines.append(f"Entered in {override.entered_in}.")
    return tuple(lines)


def how_to_repeat(feedback: Feedback, seed: int) -> list[tuple[str, str]]:
    """Return pairs of a label and a text: on which case it was seen, how to run it again, what explains it."""
    seen_on = f"{feedback.seen_on}, seed {seed}" if feedback.seen_on else ""
    pairs = [("Seen on", seen_on), ("Again", feedback.again)]
    pairs += [("Read", f"docs/diagnoses/{diagnosis.id}.md") for diagnosis in feedback.diagnoses]
    return [(label, text) for label, text in pairs if text]


def table_text(table: Table) -> str:
    """Return ``table`` with its columns aligned by display width; rows beyond the fortieth are counted."""
    rows = [[safe(name) for name in table.columns]]
    rows += [[safe(cell, limit=200) for cell in row] for row in table.rows[:_TABLE_ROWS]]
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(table.columns))]
    is_numeric = [name in table.numeric for name in table.columns]
    lines = [_aligned(row, widths, is_numeric) for row in rows]
    if len(table.rows) > _TABLE_ROWS:
        lines.append(f"… and {len(table.rows) - _TABLE_ROWS:,} more rows")
    return "\n".join(lines)


def _aligned(cells: Sequence[str], widths: Sequence[int], is_numeric: Sequence[bool]) -> str:
    padded = []
    for cell, width, to_the_right in zip(cells, widths, is_numeric, strict=True):
        padding = " " * (width - cell_len(cell))
        padded.append(padding + cell if to_the_right else cell + padding)
    return "   ".join(padded).rstrip()


def _paragraph(text: str) -> str:
    return safe(text, limit=_PARAGRAPH, lines=_PARAGRAPH_LINES)


def finding_text(finding: Finding) -> str:
    """Return a finding in one paragraph: severity, kind, place, what was seen, what would settle it."""
    where = f" ({safe(str(finding.where), limit=200)})" if finding.where is not None else ""
    cost = ", costs points" if finding.costs_points else ""
    settles = f" Settled by: {safe(finding.settles, limit=_SENTENCE)}" if finding.settles else ""
    text = safe(finding.text, limit=_SENTENCE)
    return f"{finding.severity}: {safe(finding.kind)}{where}{cost}: {text}{settles}"


def unreadable_text(entry: Unreadable) -> str:
    """Return why a submission was not graded, in one line."""
    return safe(entry.message, limit=_PARAGRAPH)


def machine_points(points: float) -> float:
    """Return points for a program to read: unrounded, but 0.3 where binary fractions add up to 0.30000000000000004."""
    return float(f"{points:.12g}")


def machine_number(points: float) -> str:
    """Return :func:`machine_points` as text, whole numbers without a decimal point: ``2``, ``0.3``."""
    return f"{points:.12g}"
