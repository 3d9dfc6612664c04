"""Reading what a worker tells, as a stranger's: size first, then every type and every limit."""

from typing import Any

import msgspec

from grader.recording.events import CellRecord, Event, Failure, Status

MAX_CELL_BYTES = 4 * 2**20
MAX_CELLS = 500


class CellOutline(msgspec.Struct, frozen=True):
    """A code cell before it has run."""

    number: int
    defines: tuple[str, ...]
    uses: tuple[str, ...]
    heading: str
    is_given: bool


class _Told(msgspec.Struct, frozen=True):
    number: int
    status: Status
    failure: Failure | None
    printed: str
    cuts: tuple[str, ...]
    wall_s: float
    events: tuple[Event, ...]
    left_out: int


def decode_outline(data: bytes) -> tuple[CellOutline, ...]:
    """Return the cells that a worker found.

    Raises:
        ValueError: this is not what an honest worker sends.
    """
    cells: tuple[CellOutline, ...] = _decoded(data, tuple[CellOutline, ...])
    numbers = [cell.number for cell in cells]
    if len(cells) > MAX_CELLS or numbers != sorted(set(numbers)) or any(number < 1 for number in numbers):
        raise ValueError("its cells are not numbered in order")
    # the limits of a record, before any cell has run
    for cell in cells:
        record_of(cell, status="not run")
    return cells


def decode_cell(data: bytes, outline: CellOutline) -> CellRecord:
    """Return what a worker tells of the cell that it was asked to run.

    Raises:
        ValueError: this is not what an honest worker sends.
    """
    told = _decoded(data, _Told)
    if told.number != outline.number:
        raise ValueError(f"it told of cell {told.number} when cell {outline.number} was asked for")
    if told.status in ("ended the process", "not run"):
        raise ValueError(f"a cell cannot say of itself that its status is '{told.status}'")
    return record_of(outline, **msgspec.structs.asdict(told))


def record_of(outline: CellOutline, **fields: Any) -> CellRecord:
    """Return a record of the cell.

    Raises:
        ValueError: a field is longer or larger than a record's may be.
    """
    fields.pop("number", None)
    values = msgspec.structs.asdict(outline) | fields
    try:
        return msgspec.convert(msgspec.to_builtins(values), CellRecord)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def _decoded(data: bytes, kind: Any) -> Any:
    if len(data) > MAX_CELL_BYTES:
        raise ValueError(f"it takes {len(data):,} bytes, more than {MAX_CELL_BYTES >> 20} MiB")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
