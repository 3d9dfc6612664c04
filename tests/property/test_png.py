"""Every picture that we write is read back, pixel by pixel, by a reader that is not ours where one is installed."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.pages.png import MAX_SIDE_PX, png

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@st.composite
def pictures(draw):
    colours = draw(st.integers(1, 256))
    shape = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    palette = random.integers(0, 256, (colours, 3), dtype=np.uint8)
    return random.integers(0, colours, shape).astype(np.uint8), palette


def chunks(content):
    """The chunks of a PNG, each with its checksum checked."""
    assert content.startswith(SIGNATURE)
    at, found = len(SIGNATURE), []
    while at < len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length) == (zlib.crc32(name + data),)
        found.append((name, data))
        at += 12 + length
    return found


@given(pictures())
def test_it_holds_the_pixels_and_nothing_else(picture):
    pixels, palette = picture
    found = chunks(png(pixels, palette))
    assert [name for name, _ in found] == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    rows, columns = pixels.shape
    data = dict(found)
    assert data[b"IHDR"] == struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    assert data[b"PLTE"] == palette.tobytes()
    lines = np.frombuffer(zlib.decompress(data[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    assert (lines[:, 0] == 0).all()
    assert (lines[:, 1:] == pixels).all()
    assert data[b"IEND"] == b""
    assert png(pixels, palette) == png(pixels.copy(order="F"), palette.copy())


@given(pictures())
def test_another_reader_sees_the_same_colours(picture):
    image = pytest.importorskip("PIL.Image")
    pixels, palette = picture
    seen = np.asarray(image.open(io.BytesIO(png(pixels, palette))).convert("RGB"))
    assert (seen == palette[pixels]).all()


BLACK = np.zeros((1, 3), np.uint8)
PIXEL = np.zeros((1, 1), np.uint8)


@pytest.mark.parametrize(
    ("pixels", "palette", "said"),
    [
        (np.zeros((2, 2)), BLACK, "pixels must be uint8"),
        (np.zeros((2, 2, 3), np.uint8), BLACK, "pixels must be uint8"),
        (np.zeros((0, 2), np.uint8), BLACK, "pixels must be uint8"),
        (np.zeros((1, MAX_SIDE_PX + 1), np.uint8), BLACK, "pixels must be uint8"),
        (PIXEL, np.zeros((1, 4), np.uint8), "a palette must be uint8"),
        (PIXEL, np.zeros((0, 3), np.uint8), "a palette must be uint8"),
        (PIXEL, np.zeros((257, 3), np.uint8), "a palette must be uint8"),
        (PIXEL, np.zeros((1, 3)), "a palette must be uint8"),
        (PIXEL + 1, BLACK, "a pixel has the index 1, while the palette has 1 colours"),
    ],
)
def test_what_is_no_picture_is_refused(pixels, palette, said):
    with pytest.raises(ValueError, match=said):
        png(pixels, palette)
