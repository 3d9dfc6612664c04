"""Pictures that notebooks store, from a real worker to the page: what is shown was written by us, all else is said."""

import base64
import io
import json
import struct
import zlib

import numpy as np
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.course.model import Limits
from grader.grading.pictures import MAX_PICTURE_BYTES, MAX_PICTURES, MAX_SIDE_PX, read_pictures
from grader.report.html import to_html
from grader.report.json import to_json
from grader.results import SCHEMA_VERSION, Location, ReportFile
from grader.sandbox.lease import start_worker
from grader.sandbox.levels import probe
from grader.session import Job, grade
from tests.pages.outline import assert_sound

Image = pytest.importorskip("PIL.Image")
SEED = 20260310
LIMITS = Limits(memory_bytes=2**30)
SECRET = b"<script>alert('stored')</script>"
RUBRIC = """\
assignment: Doubling
parts:
  - id: first
    functions: {double: {accepts: [x], returns: [doubled]}}
    oracle: oracle.py
    criteria:
      - {id: right, title: It doubles, points: 1, check: values, of: doubled, cases: [numbers]}
"""
FUNCTION = "def double(x):\n    return 2 * x\n"


def notebook(*cells):
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)})


def text(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source, count, *pictures):
    outputs = [{"output_type": "display_data", "metadata": {}, "data": data} for data in pictures]
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": outputs, "execution_count": count}


def stored(content, kind="image/png"):
    return {kind: base64.encodebytes(content).decode(), "text/plain": "<Figure size 640x480 with 1 Axes>"}


def written(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def made(width, height, *extra, data=b""):
    """A PNG that says it is grey and of this size, and holds ``data``."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def plot():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    random = np.random.default_rng(SEED)
    figure, axes = pyplot.subplots(figsize=(6.4, 4.8), dpi=100)
    for name in ("training", "validation"):
        axes.plot(0.9 - 0.3 / np.arange(1, 21) + random.normal(0, 0.01, 20), label=name)
    axes.set(title="Accuracy by epoch", xlabel="epoch", ylabel="accuracy")
    axes.legend()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    pyplot.close(figure)
    return file.getvalue()


SMALL = Image.new("RGB", (30, 20), (200, 30, 30))
FINE = written(SMALL)


@pytest.fixture(scope="module")
def shown():
    """``shown(cells)``: what a real worker and the trusted side make of all cells of a notebook."""
    isolation = probe()

    def ask(*cells):
        wanted = {number: (number,) for number in range(1, len(cells) + 1)}
        files = {"work.ipynb": notebook(*cells).encode()}
        return read_pictures(lambda: start_worker(isolation, LIMITS), files, {"work.ipynb": wanted})

    return ask


# --- from a notebook to the page --------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    folder = tmp_path / "course" / "reference" / "doubling"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "rubric.yaml").write_text("course: A course\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    (folder / "oracle.py").write_text(FUNCTION)
    (folder / "cases.py").write_text("def numbers(rng):\n    return {'x': rng.normal(size=5)}\n")
    return load(tmp_path / "course", KINDS)


def graded(course, tmp_path, *cells):
    submission = tmp_path / "somebody"
    submission.mkdir()
    (submission / "work.ipynb").write_text(notebook(*cells))
    return grade(course, Job(submission, assignment="doubling"))


def test_a_plot_stands_beside_the_finding_about_its_cell(course, tmp_path):
    stored_plot = plot()
    report = graded(course, tmp_path, code(FUNCTION, 2), code("b = 2", 1, stored(stored_plot)))
    (finding,) = report.findings
    assert (finding.kind, finding.where) == ("cells-out-of-order", Location("work.ipynb", cell=2))
    (cell,) = report.pictures
    assert (cell.where, cell.beside, cell.left_out) == (Location("work.ipynb", cell=2), (2,), "")
    (picture,) = cell.pictures
    assert (picture.width_px, picture.height_px) == (640, 480)
    error = np.abs(opened(picture.png).astype(int) - opened(stored_plot).astype(int))
    assert error.mean() < 1.0, "a plot looks as it was stored"
    page = to_html(report)
    assert_sound(page)
    assert base64.b64encode(picture.png).decode() in page
    assert base64.b64encode(stored_plot).decode()[:400] not in page
    assert "Picture stored in cell 2, 640 × 480 pixels" in page
    told = json.loads(to_json(ReportFile(SCHEMA_VERSION, (report,))))["reports"][0]["pictures"]
    assert told == [
        {
            "where": {"path": "work.ipynb", "cell": 2},
            "beside": [2],
            "pictures": [{"number": 1, "width_px": 640, "height_px": 480}],
        }
    ]


def test_a_hostile_picture_costs_nothing_and_the_page_says_that_it_is_missing(course, tmp_path):
    bomb, script = stored(made(60_000, 60_000)), {"image/svg+xml": f"<svg>{SECRET.decode()}</svg>"}
    report = graded(course, tmp_path, code(FUNCTION, 2), code("b = 2", 1, bomb, script))
    assert report.score.total == 1
    page = to_html(report)
    outline = assert_sound(page)
    assert outline.named("img") == []
    assert SECRET.decode() not in page
    missing = "Not shown of the pictures stored in cell 2: 1 with more pixels than are read, 1 neither PNG nor JPEG."
    assert missing in outline.text


def test_a_text_gets_the_pictures_right_above_it(course, tmp_path):
    cells = code(FUNCTION, 1), code("b = 2", 2, stored(FINE)), text("*Your answer here*"), text("*Your answer here*")
    report = graded(course, tmp_path, *cells)
    assert [finding.where.cell for finding in report.findings] == [3, 4]
    assert [(cell.where.cell, cell.beside) for cell in report.pictures] == [(2, (3,))]


def test_a_notebook_that_changes_its_mind_has_no_pictures_and_says_so():
    """The audit has read one notebook, and the worker finds another."""
    wanted = {"work.ipynb": {1: (1, 2), 7: (7,)}}
    for content, why in ((b"{}", "it cannot be read"), (notebook(code("a", 1)).encode(), "IndexError")):
        (said,) = read_pictures(lambda: start_worker(probe(), LIMITS), {"work.ipynb": content}, wanted)
        assert (said.where, said.beside) == (Location("work.ipynb"), (1, 2, 7))
        assert said.left_out.startswith("The pictures that work.ipynb stores are not shown: ")
        assert why in said.left_out


def test_a_notebook_whose_pictures_take_too_long_has_none_and_says_so():
    files = {"work.ipynb": notebook(code("a", 1, stored(FINE))).encode()}
    (said,) = read_pictures(lambda: start_worker(probe(), LIMITS), files, {"work.ipynb": {1: (1,)}}, wall_s=0.001)
    assert said.pictures == ()
    assert "are not shown: no answer within 0" in said.left_out


def test_no_pictures_for_cells_without_findings(course, tmp_path):
    report = graded(course, tmp_path, code(FUNCTION, 1), code("b = 2", 2, stored(FINE)))
    assert report.findings == report.pictures == ()


# --- what a picture looks like ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("L", (8, 8), 90), 90),
        (Image.new("RGBA", (8, 8), (0, 0, 0, 0)), 255),
        (Image.new("LA", (8, 8), (0, 255)), 0),
        (Image.new("1", (8, 8), 1), 255),
        (Image.new("P", (8, 8), 0), 0),
    ],
    ids=["grey", "transparent", "grey and opaque", "black and white", "palette"],
)
def test_forms_of_png_look_as_they_are(shown, image, expected):
    ((picture,),) = (cell.pictures for cell in shown(code("a", 1, stored(written(image)))))
    assert (opened(picture.png) == expected).all()


def test_a_jpeg_is_shown_too(shown):
    (cell,) = shown(code("a", 1, stored(written(SMALL, "JPEG", quality=95), "image/jpeg")))
    assert np.abs(opened(cell.pictures[0].png).astype(int) - opened(FINE).astype(int)).max() <= 5


def test_large_pictures_are_shrunk_until_they_fit(shown):
    random = np.random.default_rng(SEED)
    noise = Image.fromarray(random.integers(0, 256, (900, 1500, 3), dtype=np.uint8))
    tall = Image.new("RGB", (3, 5_000), "navy")
    (cell,) = shown(code("a", 1, stored(written(noise)), stored(written(tall))))
    assert cell.left_out == ""
    first, second = cell.pictures
    assert (first.width_px, first.height_px) == (1500, 900), "the size is that of the stored one"
    assert len(first.png) <= MAX_PICTURE_BYTES + 1024
    rows, columns, _ = opened(first.png).shape
    assert columns / rows == pytest.approx(1500 / 900, rel=0.02)
    assert opened(second.png).shape == (MAX_SIDE_PX, 1, 3)


# --- hostile ones -----------------------------------------------------------------------------------------------------

HOSTILE = {
    "a bomb that says its size": (stored(made(60_000, 60_000)), "with more pixels than are read"),
    "a bomb within Python's own warning": (stored(made(3_000, 3_000)), "with more pixels than are read"),
    "cut in the middle": (stored(FINE[: len(FINE) // 2]), "not readable"),
    "more rows than data": (stored(made(300, 300, data=zlib.compress(b"\x00" * 100))), "not readable"),
    "no rows": (stored(made(0, 10)), "not readable"),
    "a compressed text of 64 MiB": (
        stored(made(1, 1, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26), 1)), data=zlib.compress(b"\0\0"))),
        "not readable",
    ),
    "text": ({"image/png": "no base64 at all!"}, "not readable"),
    "nothing": ({"image/png": ""}, "not readable"),
    "a number": ({"image/png": 7}, "not readable"),
    "a mapping": ({"image/png": {"a": "b"}}, "not readable"),
    "a drawing with a script": ({"image/svg+xml": f"<svg>{SECRET.decode()}</svg>"}, "neither PNG nor JPEG"),
    "a JPEG that is called PNG": (stored(written(SMALL, "JPEG")), "not readable"),
    "a GIF that is called PNG": (stored(written(SMALL, "GIF")), "not readable"),
    "a PNG that is called JPEG": (stored(FINE, "image/jpeg"), "not readable"),
    "a kind that is made up": ({"image/../../etc": "AAAA"}, "neither PNG nor JPEG"),
}


def test_hostile_pictures_are_left_out_and_named_while_others_are_shown(shown):
    cells = [code("a", number, data) for number, (data, _) in enumerate(HOSTILE.values(), start=1)]
    cells.append(code("last", len(cells) + 1, stored(FINE)))
    found = shown(*cells)
    assert [cell.where.cell for cell in found] == list(range(1, len(cells) + 1))
    for (name, (_, why)), cell in zip(HOSTILE.items(), found, strict=False):
        assert cell.pictures == (), name
        assert cell.left_out.startswith(f"Not shown of the pictures stored in cell {cell.where.cell}: 1 "), name
        assert why in cell.left_out, name
    assert len(found[-1].pictures) == 1


def test_nothing_that_was_stored_beside_the_pixels_is_kept(shown):
    text_chunk, private = chunk(b"tEXt", b"Comment\0" + SECRET), chunk(b"prVt", SECRET)
    carrier = FINE[:33] + text_chunk + private + FINE[33:] + SECRET
    (cell,) = shown(code("a", 1, stored(carrier)))
    (picture,) = cell.pictures
    assert SECRET not in picture.png
    assert (opened(picture.png) == opened(FINE)).all()


def test_data_that_inflates_without_end_shows_what_the_header_promises(shown):
    (cell,) = shown(code("a", 1, stored(made(4, 4, data=zlib.compress(bytes(2**26), 1)))))
    assert opened(cell.pictures[0].png).shape == (4, 4, 3)


def test_a_cell_with_thousands_of_pictures_shows_as_many_as_there_is_room_for(shown):
    count = 3_000
    cells = [code("a", 1, *[stored(FINE)] * count), code("b", 2, stored(FINE))]
    many, last = shown(*cells)
    assert len(many.pictures) == MAX_PICTURES
    assert many.left_out == f"Not shown of the pictures stored in cell 1: {count - MAX_PICTURES:,} for want of room."
    assert last.pictures == ()
    assert last.left_out == "Not shown of the pictures stored in cell 2: 1 for want of room."
