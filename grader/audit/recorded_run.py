"""A recording as the kinds look at it, and what they tell of it."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from grader.recording.bind import Wanted
from grader.recording.events import (
    ArrayFacts,
    CellRecord,
    Compiled,
    Measured,
    ModelSeen,
    Recording,
    Trained,
    Watched,
    WeightsMoved,
)
from grader.results import Severity
from grader.text import safe

OfModel: TypeAlias = Compiled | Trained | Measured | WeightsMoved
"""Events that happen to a model."""


class Seen(NamedTuple):
    """One thing that was seen in a cell: ``saw`` is a sentence about it, ``about`` what another finding must name to
    be about the same."""

    kind: str
    severity: Severity
    cell: CellRecord
    line: int
    saw: str
    means: str
    evidence: str
    settles: str
    about: str = ""


class Run(NamedTuple):
    """A recording, what happened in it to models in order, each event with its cell, the models as they were last seen,
    the text of the file, and the models that the rubric asks for."""

    recording: Recording
    source: str
    events: tuple[tuple[CellRecord, OfModel], ...]
    models: dict[int, ModelSeen]
    wanted: tuple[Wanted, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether what is not recorded did not happen: all cells ran, and everything they did is told."""
        return not self.recording.problem and all(
            cell.status == "ran" and not cell.left_out for cell in self.recording.cells
        )

    def trainings(self) -> Iterator[tuple[int, CellRecord, Trained]]:
        """Yield the trainings of the student's own cells that ran to their end, each with its place in ``events``."""
        for place, (cell, event) in enumerate(self.events):
            if isinstance(event, Trained) and event.model and _is_own(cell):
                yield place, cell, event

    def measures(self) -> Iterator[tuple[int, CellRecord, Measured]]:
        """Yield what the student's own cells that ran to their end measured, each with its place in ``events``."""
        for place, (cell, event) in enumerate(self.events):
            if isinstance(event, Measured) and event.model and _is_own(cell):
                yield place, cell, event

    def is_given(self, event: Trained | Measured | Watched | WeightsMoved) -> bool:
        """Whether the code that did it stands in a given cell: a student who calls it did not write it."""
        return any(cell.is_given and cell.number == event.code_cell for cell in self.recording.cells)

    def called(self, number: int) -> str:
        """Return what the notebook calls a model."""
        model = self.models.get(number)
        return f"'{safe(model.names[0], limit=80)}'" if model is not None and model.names else "the network"


def _is_own(cell: CellRecord) -> bool:
    return cell.status == "ran" and not cell.is_given


def is_only(facts: ArrayFacts | None, part: str, least_rows: int = 1) -> bool:
    """Whether all images looked up are of the ``train`` or ``test`` set, and none of the other one; ``least_rows`` are
    those of the array, or of the data set that a loader gave it from."""
    other = "train" if part == "test" else "test"
    return (
        facts is not None
        and max(*facts.shape[:1], facts.of, 0) >= least_rows
        and facts.share_from(part) == 1.0
        and not facts.share_from(other)
        and not facts.origins.get("unknown")
    )


def told(what: str, facts: ArrayFacts | None) -> str:
    """Return facts in words, for a quotation."""
    if facts is None:
        return what
    values = "" if facts.low is None or facts.high is None else f", values from {facts.low:g} to {facts.high:g}"
    found = ", ".join(f"{count} {name}" for name, count in facts.origins.items() if name != "rows")
    rows = facts.origins.get("rows", 0)
    of = f", of a loader's {facts.of:,}" if facts.of else ""
    return f"{what}: {facts.shape} {facts.dtype}{values}{of}; of {rows} images looked up: {found}"
