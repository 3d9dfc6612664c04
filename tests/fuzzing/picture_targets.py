"""Pictures that a notebook stores, as a worker decodes them, and what the session makes of its answer."""

import base64
import json
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from grader.grading.pictures import MAX_BYTES, MAX_PICTURE_BYTES, MAX_PICTURES, MAX_SIDE_PX, Room, pictures_from
from grader.pages.png import png
from grader.sandbox import wire
from grader.sandbox.worker.operations.stored_pictures import read_pictures
from tests.fuzzing.mutations import damaged_bytes
from tests.fuzzing.target import Target

_PALETTE = np.arange(12, dtype=np.uint8).reshape(4, 3)
_INDEXED = png(np.arange(60, dtype=np.uint8).reshape(6, 10) % 4, _PALETTE)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _written(bits: int, colour: int, interlaced: int, side: int, data: bytes) -> bytes:
    """A PNG whose checksums are right, whatever else is in it."""
    header = _chunk(b"IHDR", struct.pack(">II5B", side, side, bits, colour, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + header + _chunk(b"IDAT", zlib.compress(data)) + _chunk(b"IEND", b"")


WRITTEN = st.builds(
    _written,
    st.sampled_from([1, 2, 4, 8, 16]),
    st.sampled_from([0, 2, 3, 4, 6]),
    st.sampled_from([0, 1]),
    st.sampled_from([0, 1, 3, 40, 3_000, 2**31 - 1]),
    st.binary(max_size=200) | st.integers(0, 6_000).map(bytes),
)
PIECES = st.sampled_from([
    _chunk(b"tEXt", b"a\0<script>"), _chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10_000))), _chunk(b"IDAT", b""),
    _chunk(b"acTL", bytes(8)), _chunk(b"fcTL", bytes(26)), _chunk(b"tRNS", b"\0" * 4), _chunk(b"iCCP", b"a\0\0x"),
    _chunk(b"eXIf", b"MM\0*"), b"\xff\xd8\xff\xe0", b"GIF89a",
]) | st.binary(max_size=6)  # fmt: skip
CONTENTS = damaged_bytes(st.just(_INDEXED), PIECES) | WRITTEN | damaged_bytes(WRITTEN, PIECES) | st.binary(max_size=60)
KINDS = st.sampled_from(["image/png", "image/png", "image/png", "image/jpeg", "image/svg+xml", "image/"])
EXAMPLES = st.lists(st.tuples(KINDS, CONTENTS), min_size=1, max_size=4).map(tuple)


class _Bench:
    """What the operation needs of a workbench: where the files lie."""

    def __init__(self, root: Path) -> None:
        self.root = root


def check_pictures(example: tuple[tuple[str, bytes], ...]) -> None:
    """Every picture is shown within the bounds, as one that we wrote, or is counted among those that are not."""
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": {kind: base64.b64encode(content).decode()}}
        for kind, content in example
    ]
    cell = {"cell_type": "code", "metadata": {}, "source": "", "execution_count": 1, "outputs": outputs}
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}
    bounds = (np.array(MAX_PICTURES), np.array(MAX_SIDE_PX), np.array(MAX_PICTURE_BYTES))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "work.ipynb").write_text(json.dumps(document))
        told = read_pictures(_Bench(Path(folder)), "work.ipynb", np.array([1]), *bounds)  # type: ignore[arg-type]
    arrays: list[np.ndarray] = []
    answer = wire.unpack(wire.pack(told, arrays), tuple(arrays))
    (found,) = pictures_from(answer, "work.ipynb", {1: (1,)}, Room())
    shown = {picture.number for picture in found.pictures}
    assert shown <= set(range(1, len(example) + 1))
    assert sum(len(picture.png) for picture in found.pictures) <= MAX_BYTES
    assert all(picture.png.startswith(b"\x89PNG") for picture in found.pictures)
    assert bool(found.left_out) == (len(shown) < len(example)), found


PICTURES = Target(
    "pictures",
    "a worker's decoding of pictures in a notebook, and what the session takes of it",
    EXAMPLES,
    check_pictures,
    sample=120,
)
