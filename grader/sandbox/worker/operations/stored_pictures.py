"""The pictures that a notebook has stored, decoded here and told as pixels.

Decoding is where hostile pictures do harm, so nobody else decodes them: what leaves are two arrays a picture, the
indices of its pixels and a palette, and nothing of the bytes that were stored.
"""

import base64
import binascii
import warnings
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.sandbox.worker.notebook import open_cells
from grader.sandbox.worker.operations.notebook_facts import joined
from grader.sandbox.worker.operations.workbench import Workbench

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_STORED_CHARACTERS = 2**24
"""Of one picture, as base64."""
MAX_STORED_PIXELS = 2**23
"""Of one picture: a figure of 20 by 20 inches has half of them."""
MAX_COLOURS = 256

_DECODERS = {"image/png": "PNG", "image/jpeg": "JPEG"}


class _LeftOut(Exception):
    """A picture that is not told. Its text is the reason."""


def read_pictures(
    bench: Workbench, path: str, cells: np.ndarray, most: np.ndarray, side_px: np.ndarray, picture_bytes: np.ndarray
) -> tuple[dict[str, Any], ...]:
    """Return the pictures that ``cells`` of the notebook ``path`` store.

    Args:
        bench: where the submission lies.
        path: a delivered notebook.
        cells: numbers from 1, the most important first.
        most: how many pictures to decode.
        side_px: how high and how wide one may be; larger ones are shrunk.
        picture_bytes: what the indices of one may take, compressed; those that take more are shrunk.

    Returns:
        A mapping for each of ``cells``: ``pictures``, and ``left_out``, how many are not told, by reason. A picture is
        a mapping: ``number``, from 1, within the cell; ``height_px`` and ``width_px`` as stored; ``pixels``, uint8 of
        (rows, columns), indices into ``palette``, uint8 of (colours, 3).

    Raises:
        UnreadableSourceError: it is not a notebook.
        IndexError: it has fewer cells.
    """
    raw = open_cells((bench.root / path).read_bytes())
    left = int(most)
    told = []
    for number in map(int, cells):
        pictures, left_out = _told(_stored(raw[number - 1]), left, int(side_px), int(picture_bytes))
        left -= len(pictures)
        counts = {reason: np.array(count) for reason, count in left_out.items()}
        told.append({"pictures": tuple(pictures), "left_out": counts})
    return tuple(told)


def _stored(cell: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a cell stores of each output that is a picture, by type."""
    outputs = cell.get("outputs", [])
    every = [output.get("data") for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []
    return [data for data in every if isinstance(data, dict) and any(str(key).startswith("image/") for key in data)]


def _told(
    stored: Sequence[dict[str, Any]], most: int, side_px: int, picture_bytes: int
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Return at most ``most`` of the pictures, and how many are left out by reason."""
    pictures: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    for number, data in enumerate(stored, start=1):
        if len(pictures) >= most:
            left_out["no room"] += len(stored) - number + 1
            break
        try:
            pictures.append({"number": np.array(number), **_decoded(data, side_px, picture_bytes)})
        except _LeftOut as left:
            left_out[str(left)] += 1
    return pictures, left_out


def _decoded(data: dict[str, Any], side_px: int, picture_bytes: int) -> dict[str, Any]:
    kind = next((kind for kind in _DECODERS if kind in data), None)
    if kind is None:
        raise _LeftOut("other kind")
    try:
        from PIL import Image
    except ImportError:
        raise _LeftOut("no decoder") from None
    text = joined(data[kind])
    if len(text) > MAX_STORED_CHARACTERS:
        raise _LeftOut("too large")
    Image.MAX_IMAGE_PIXELS = MAX_STORED_PIXELS
    too_large = (Image.DecompressionBombWarning, Image.DecompressionBombError)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            content = base64.b64decode("".join(text.split()), validate=True)
            image = Image.open(BytesIO(content), formats=(_DECODERS[kind],))
            width_px, height_px = image.size
            pixels, palette = _small(_on_paper(image), side_px, picture_bytes)
        except binascii.Error:
            raise _LeftOut("unreadable") from None
        except too_large:
            raise _LeftOut("too large") from None
        except Exception:
            # a picture from a hostile hand can break a decoder anywhere
            raise _LeftOut("unreadable") from None
    return {
        "height_px": np.array(height_px),
        "width_px": np.array(width_px),
        "pixels": pixels,
        "palette": palette,
    }


def _on_paper(image: "Image") -> "Image":
    """Return an image in red, green and blue; where it was transparent, it is white."""
    from PIL import Image

    whole = image.convert("RGBA")
    paper = Image.new("RGBA", whole.size, "white")
    paper.alpha_composite(whole)
    return paper.convert("RGB")


def _small(image: "Image", side_px: int, picture_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of an image's pixels, (rows, columns), and its palette, (colours, 3), both uint8."""
    from PIL import Image

    while True:
        image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        reduced = image.quantize(MAX_COLOURS, dither=Image.Dither.NONE)
        pixels = np.asarray(reduced, np.uint8)
        if side_px == 1 or len(zlib.compress(pixels.tobytes())) <= picture_bytes:
            colours = np.array(reduced.getpalette("RGB"), np.uint8).reshape(-1, 3)
            return pixels, colours[: int(pixels.max()) + 1]
        # half as many pixels take about half as many bytes
        side_px = max(1, int(max(image.size) * 0.7))
