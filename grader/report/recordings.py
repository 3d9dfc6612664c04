"""What a recording says, in lines for a reader. Pure; the lines hold a student's words and are made safe by whoever
prints them."""

from collections.abc import Iterator

import msgspec

from grader.recording.events import CellRecord, ModelBinding, ModelSeen, Note, Recording
from grader.recording.questions import Subject
from grader.results import GradeReport

MAX_FAILURES = 12
MAX_NOTES = 6


class Shown(msgspec.Struct, frozen=True):
    """A recording as a report shows it: one line for the file, and groups of lines with a heading each."""

    summary: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]


def shown(recording: Recording, report: GradeReport) -> Shown:
    """Return what is shown of ``recording``."""
    ran = sum(cell.status == "ran" for cell in recording.cells)
    summary = f"{recording.path}: {ran} of {len(recording.cells)} code cells ran ({recording.mode}), observed"
    if recording.problem:
        summary += f". {recording.problem}"
    groups = (
        ("Models", tuple(_model(recording, binding, report) for binding in recording.bindings)),
        ("Cells that did not run to their end", _cut(list(_failures(recording)), MAX_FAILURES)),
        ("Run in another way than it is written", _cut(list(_notes(recording)), MAX_NOTES)),
    )
    return Shown(summary, tuple((title, lines) for title, lines in groups if lines))


def _cut(lines: list[str], limit: int) -> tuple[str, ...]:
    more = len(lines) - limit
    return (*lines[:limit], f"and {more} more") if more > 0 else tuple(lines)


def _model(recording: Recording, binding: ModelBinding, report: GradeReport) -> str:
    title = next((part.title for part in report.parts if part.id == binding.part_id), binding.part_id)
    subject = Subject(recording, binding.part_id, binding.model)
    names = dict.fromkeys(name for _, model in subject.of(ModelSeen) for name in model.names)
    called = f", called {', '.join(list(names)[:3])}" if names else ""
    text = f"{title} / {binding.model}: told by its {' and its '.join(binding.how)}{called}"
    main = subject.main_training()
    if main is None:
        return f"{text}; not trained"
    cell, training = main
    batch = "" if training.batch_size is None else f", batches of {training.batch_size:,}"
    epochs = f", {training.epochs_run:,} of {training.epochs_asked:,} epochs" if training.epochs_asked else ""
    return f"{text}; trained in cell {cell.number} with {training.optimizer.kind}{batch}{epochs}"


_WHOSE = {
    "budget": "because of the replay's budget",
    "surroundings": "because of what a replay has not got",
}


def _failures(recording: Recording) -> Iterator[str]:
    waiting = [cell.number for cell in recording.cells if cell.status == "not run"]
    for cell in recording.cells:
        if cell.failure is not None or cell.status == "out of time":
            yield f"cell {cell.number}{_place(cell)}: {_what(cell)}"
    if waiting:
        count = "one cell" if len(waiting) == 1 else f"{len(waiting)} cells"
        yield f"not run: {count} from cell {waiting[0]} on"


def _place(cell: CellRecord) -> str:
    line = f", line {cell.failure.line}" if cell.failure is not None and cell.failure.line else ""
    return line + (", given" if cell.is_given else "")


def _what(cell: CellRecord) -> str:
    why = _WHOSE.get(cell.cause, "")
    if cell.because_of is not None:
        why = f"follows from cell {cell.because_of}" + (f", {why}" if why else "")
    said = "ended after its time" if cell.failure is None else f"{cell.failure.kind}: {cell.failure.message}"
    return f"{said} ({why})" if why else said


def _notes(recording: Recording) -> Iterator[str]:
    cells: dict[str, list[int]] = {}
    for cell in recording.cells:
        for event in cell.events:
            if isinstance(event, Note) and event.kind != "cut":
                cells.setdefault(event.text, []).append(cell.number)
    for text, numbers in cells.items():
        where = f"cell {numbers[0]}" if len(numbers) == 1 else f"cells {numbers[0]} to {numbers[-1]}"
        yield f"{where}: {text}"
