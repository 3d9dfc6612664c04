"""The pictures that notebooks store in the cells that findings are about: decoded by a worker, written anew here.

Only pixels come from the worker, within the bounds below. No byte that a student stored reaches a report.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np

from grader.checks.payloads import decoded
from grader.course.model import Assignment
from grader.grading.asking import OperationRaised, ask
from grader.pages.png import png
from grader.results import CellPictures, FeedbackLevel, Finding, Location, StoredPicture, Visibility
from grader.sandbox import wire
from grader.sandbox.lease import Stopped, Worker

if TYPE_CHECKING:
    from grader.audit.facts import Notebook

WALL_S = 15.0
"""How long reading the pictures of one submission may take. Not charged to any criterion."""
MAX_CELLS = 100
"""Cells of one submission whose pictures are asked for."""
MAX_PICTURES = 16
"""Of one submission. A page with more is looked at by nobody."""
MAX_SIDE_PX = 720
"""A page shows them half as wide, at most, and many screens have two pixels where a page counts one."""
MAX_PICTURE_BYTES = 48 * 2**10
MAX_BYTES = 320 * 2**10
"""Of all pictures of one submission: a page then stays below 1 MB with everything else that it shows."""
_FRAME_BYTES = 1_024
"""A PNG without its pixels: a signature, four chunks, a palette."""
_LONGEST_SIDE_PX = 2**23

_Reason: TypeAlias = Literal["no room", "other kind", "unreadable", "too large", "no decoder"]
_WORDS: Mapping[_Reason, str] = {
    "no room": "for want of room",
    "other kind": "neither PNG nor JPEG",
    "unreadable": "not readable as the PNG or JPEG that it should be",
    "too large": "with more pixels than are read",
    "no decoder": "because Pillow, which reads pictures, is not installed where submissions run",
}
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
_Side: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=_LONGEST_SIDE_PX)]


class _Picture(msgspec.Struct, frozen=True):
    number: _Count
    height_px: _Side
    width_px: _Side
    pixels: np.ndarray
    palette: np.ndarray


class _Cell(msgspec.Struct, frozen=True):
    pictures: Annotated[tuple[_Picture, ...], msgspec.Meta(max_length=MAX_PICTURES)]
    left_out: dict[_Reason, _Count]


_Cells: TypeAlias = Annotated[tuple[_Cell, ...], msgspec.Meta(max_length=MAX_CELLS)]
Wanted: TypeAlias = Mapping[str, Mapping[int, tuple[int, ...]]]
"""By notebook: the cells that store pictures, and for each the cells with findings that these belong to."""


def places_of_pictures(notebook: "Notebook") -> dict[int, int]:
    """Return beside which cells pictures belong, and in which they are stored: the same, or the one above a text."""
    places = {cell.number: cell.number for cell in notebook.cells if cell.images}
    for above, cell in pairwise(notebook.cells):
        if cell.kind == "markdown" and above.images:
            places[cell.number] = above.number
    return places


def wanted_pictures(
    findings: Iterable[Finding], places: Mapping[str, Mapping[int, int]], assignment: Assignment
) -> Wanted:
    """Return which pictures belong to ``findings``, at most those of :data:`MAX_CELLS` cells.

    Findings of criteria that students do not see at once do not count: which pictures there is room for must not tell
    of them.

    Args:
        findings: of one submission.
        places: by notebook, as :func:`places_of_pictures`.
        assignment: whose criteria the findings may belong to.
    """
    told = {criterion.id for criterion in assignment.criteria if _is_told(criterion.visibility, criterion.feedback)}
    beside: dict[tuple[str, int], dict[int, None]] = {}
    for finding in findings:
        where = finding.where
        if where is None or where.cell is None or (finding.criterion_id and finding.criterion_id not in told):
            continue
        stored = places.get(where.path, {}).get(where.cell)
        if stored is not None:
            beside.setdefault((where.path, stored), {})[where.cell] = None
    wanted: dict[str, dict[int, tuple[int, ...]]] = {}
    for (path, stored), cells in list(beside.items())[:MAX_CELLS]:
        wanted.setdefault(path, {})[stored] = tuple(cells)
    return wanted


def _is_told(visibility: Visibility, feedback: FeedbackLevel) -> bool:
    return visibility is Visibility.VISIBLE and feedback not in (FeedbackLevel.NONE, FeedbackLevel.SUMMARY)


def read_pictures(
    start: Callable[[], Worker], files: Mapping[str, bytes], wanted: Wanted, wall_s: float = WALL_S
) -> tuple[CellPictures, ...]:
    """Return the pictures that are ``wanted``. What cannot be shown costs nothing, and a sentence says so.

    Args:
        start: gives a worker, which gets the notebooks and runs none of them.
        files: the submission's.
        wanted: which cells to look into.
        wall_s: seconds for all of them, once the worker has them.
    """
    if not wanted:
        return ()
    room = Room()
    found: list[CellPictures] = []
    try:
        with start() as worker:
            worker.deliver({path: files[path] for path in wanted}, wall_s)
            ends_at = time.monotonic() + wall_s
            for path, cells in wanted.items():
                try:
                    found += _read(worker, path, cells, room, round(ends_at - time.monotonic(), 1))
                except (Stopped, ValueError) as error:
                    found.append(_none_of(path, cells, str(error)))
    except Stopped as error:
        return tuple(_none_of(path, cells, str(error)) for path, cells in wanted.items())
    except Exception as error:  # a bug of ours must cost nobody a mark
        why = f"the grader itself failed ({type(error).__name__}: {error})"
        return tuple(_none_of(path, cells, why) for path, cells in wanted.items())
    return tuple(found)


class Room:
    """What is left of the bounds of one submission, in pictures and in bytes."""

    def __init__(self) -> None:
        self.pictures = MAX_PICTURES
        self.bytes = MAX_BYTES

    def take(self, content: bytes) -> bool:
        """Whether a picture still fits."""
        fits = self.pictures > 0 and len(content) <= min(self.bytes, MAX_PICTURE_BYTES + _FRAME_BYTES)
        if fits:
            self.pictures -= 1
            self.bytes -= len(content)
        return fits


def _read(
    worker: Worker, path: str, cells: Mapping[int, tuple[int, ...]], room: Room, wall_s: float
) -> list[CellPictures]:
    options: dict[str, Any] = {
        "path": path,
        "cells": np.array(list(cells)),
        "most": np.array(room.pictures),
        "side_px": np.array(MAX_SIDE_PX),
        "picture_bytes": np.array(MAX_PICTURE_BYTES),
    }
    return pictures_from(_asked(worker, options, wall_s), path, cells, room)


def pictures_from(
    answer: wire.Payload, path: str, cells: Mapping[int, tuple[int, ...]], room: Room
) -> list[CellPictures]:
    """Return what a worker tells of the pictures in ``cells`` of ``path``, each written anew as a PNG.

    Args:
        answer: as :func:`grader.sandbox.worker.operations.stored_pictures.read_pictures` gives it, or a stranger's.
        path: the notebook.
        cells: those that were asked for, and what their pictures belong to.
        room: what there is room for; what is shown is taken off.

    Raises:
        ValueError: it does not describe pictures of these cells within the bounds. The text says how, as a clause.
    """
    told = decoded(answer, _Cells)
    if len(told) != len(cells):
        raise ValueError(f"the worker told of {len(told)} cells where it was asked for {len(cells)}")
    return [
        _shown(Location(path, cell=number), beside, cell, room)
        for (number, beside), cell in zip(cells.items(), told, strict=True)
    ]


def _shown(where: Location, beside: tuple[int, ...], cell: _Cell, room: Room) -> CellPictures:
    pictures = []
    left_out: Counter[_Reason] = Counter(cell.left_out)
    for picture in cell.pictures:
        if max(picture.pixels.shape, default=0) > MAX_SIDE_PX:
            raise ValueError(f"a picture is larger than {MAX_SIDE_PX} by {MAX_SIDE_PX} pixels")
        content = png(picture.pixels, picture.palette)
        if room.take(content):
            pictures.append(StoredPicture(picture.number, picture.width_px, picture.height_px, content))
        else:
            left_out["no room"] += 1
    return CellPictures(where, beside, tuple(pictures), _left_out(where, left_out))


def _left_out(where: Location, reasons: Mapping[_Reason, int]) -> str:
    """Return how many pictures of a cell are not shown, and why, in a sentence; nothing if all are."""
    if not any(reasons.values()):
        return ""
    each = [f"{count:,} {_WORDS[reason]}" for reason, count in reasons.items() if count]
    return f"Not shown of the pictures stored in cell {where.cell}: {', '.join(each)}."


def _none_of(path: str, cells: Mapping[int, tuple[int, ...]], why: str) -> CellPictures:
    beside = tuple(number for numbers in cells.values() for number in numbers)
    return CellPictures(Location(path), beside, (), f"The pictures that {path} stores are not shown: {why}.")


def _asked(worker: Worker, options: Mapping[str, Any], wall_s: float) -> wire.Payload:
    try:
        return ask(worker, "read_pictures", options, wall_s, none="the worker did not describe them")
    except OperationRaised as raised:
        if raised.type_name == "UnreadableSourceError":
            raise ValueError(f"it cannot be read ({raised.text})") from None
        raise ValueError(f"reading them raised {raised}") from None
