"""What a worker tells, read as a stranger's."""

import json

import pytest

from grader.recording.decode import MAX_CELL_BYTES, decode_cell, decode_outline
from grader.recording.events import Seeded

OUTLINE = {"number": 3, "defines": ["x"], "uses": [], "heading": "Part 1", "is_given": True}
TOLD = {
    "number": 3, "status": "ran", "failure": None, "printed": "1\n", "cuts": [], "wall_s": 0.5,
    "events": [{"event": "seeded", "line": 1, "what": "numpy", "value": "3"}], "left_out": 0,
}  # fmt: skip


def encoded(value) -> bytes:
    return json.dumps(value).encode()


def outline():
    (cell,) = decode_outline(encoded([OUTLINE]))
    return cell


def test_an_honest_record():
    record = decode_cell(encoded(TOLD), outline())
    assert (record.number, record.heading, record.is_given, record.printed) == (3, "Part 1", True, "1\n")
    assert record.events == (Seeded(line=1, what="numpy", value="3"),)


@pytest.mark.parametrize(
    "change",
    [
        {"number": 4},
        {"status": "not run"},
        {"status": "ended the process"},
        {"status": "passed"},
        {"printed": "x" * 10_001},
        {"wall_s": -1.0},
        {"wall_s": "1"},
        {"events": [{"event": "seeded", "line": 1, "what": "x" * 201, "value": "3"}]},
        {"events": [{"event": "seeded", "line": -1, "what": "x", "value": "3"}]},
        {"events": [{"event": "points", "line": 1, "value": 100}]},
        {"events": [{"event": "seeded", "line": 1, "what": "numpy", "value": "3"}] * 401},
        {"left_out": 2**60},
        {"cuts": ["x"] * 21},
        {"failure": {"kind": "E", "bases": [], "message": "x" * 2_001, "line": 1, "quote": ""}},
    ],
)
def test_what_no_honest_worker_tells(change):
    with pytest.raises(ValueError, match=r"."):
        decode_cell(encoded(TOLD | change), outline())


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"\xff", b"[" * 100_000, b" " * (MAX_CELL_BYTES + 1)])
def test_what_is_no_record(data):
    with pytest.raises(ValueError, match=r"."):
        decode_cell(data, outline())


@pytest.mark.parametrize(
    "cells",
    [
        [OUTLINE, OUTLINE],
        [OUTLINE, OUTLINE | {"number": 1}],
        [OUTLINE | {"number": 0}],
        [OUTLINE | {"number": number} for number in range(1, 502)],
        [OUTLINE | {"defines": ["x"] * 201}],
        [OUTLINE | {"heading": "x" * 2_001}],
    ],
)
def test_what_no_honest_outline_is(cells):
    with pytest.raises(ValueError, match=r"."):
        decode_outline(encoded(cells))
