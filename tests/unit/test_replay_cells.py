"""The cells of a notebook or an exported script, what they define and use, and the headings above them."""

import json

import numpy as np
import pytest

from grader.grading.replays import can_be_replayed
from grader.sandbox.worker.recorder.arrays import Origins, facts
from grader.sandbox.worker.replay.cells import cells_of
from grader.sandbox.worker.replay.printed import MAX_CHARACTERS, Printed
from grader.sandbox.worker.source import UnreadableSourceError


def notebook(*cells) -> bytes:
    made = [{"cell_type": kind, "metadata": {}, "source": text} for kind, text in cells]
    for cell in made:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def test_headings_of_a_notebook_are_followed_by_level():
    cells = cells_of(
        "hw.ipynb",
        notebook(
            ("markdown", "# One\ntext\n## Inner"), ("code", "a = 1"), ("markdown", "no heading"), ("code", "b = a"),
            ("markdown", "## Other"), ("code", "b"), ("markdown", "# Two"), ("code", "c = b"),
        ),
    )  # fmt: skip
    assert [cell.heading for cell in cells] == ["One / Inner", "One / Inner", "One / Other", "Two"]
    assert [cell.number for cell in cells] == [2, 4, 6, 8]


def test_names_that_a_cell_defines_changes_and_needs():
    source = "import numpy as np\nx = np.zeros(n)\nx[0] = m\nhistory['a'] = x\ndef f(q): return q + w\nfor i in x: pass"
    (cell,) = cells_of("hw.ipynb", notebook(("code", source)))
    assert {"np", "x", "history", "f", "i"} <= set(cell.defines)
    assert {"n", "m", "history", "w"} <= set(cell.uses)
    assert not {"np", "x", "q"} & set(cell.uses)


@pytest.mark.parametrize(
    "script",
    [
        "# %% [markdown]\n# # Title\n\n# %%\na = 1\n\n# %%\nb = a\n",
        "#!/usr/bin/env python\n# coding: utf-8\n\n# # Title\n\n# In[1]:\n\n\na = 1\n\n\n# In[ ]:\n\n\nb = a\n",
    ],
)
def test_a_script_is_split_where_it_was_exported(script):
    cells = cells_of("hw.py", script.encode())
    assert [(cell.number, cell.defines) for cell in cells] == [(1, ("a",)), (2, ("b",))]
    assert {cell.heading for cell in cells} == {"Title"}
    line = script.splitlines().index("b = a") + 1
    assert cells[1].tree.body[0].lineno == line


def test_what_can_be_replayed():
    assert can_be_replayed("hw.ipynb", b"")
    assert can_be_replayed("hw.py", b"# In[3]:\nx = 1")
    assert can_be_replayed("hw.py", b"x = 1\n# %% training\n")
    assert not can_be_replayed("hw.py", b"x = 1  # %% no\n")
    assert not can_be_replayed("notes.md", b"# %%\n")


def test_what_is_neither_is_refused():
    with pytest.raises(UnreadableSourceError):
        cells_of("hw.ipynb", b"{}")
    with pytest.raises(UnreadableSourceError):
        cells_of("hw.py", b"\x00")


def test_what_is_printed_keeps_its_beginning_and_its_end():
    printed = Printed()
    for n in range(10_000):
        printed.write(f"{n}\n")
    assert printed.text.startswith("0\n1\n")
    assert printed.text.endswith("9999\n")
    assert "characters left out" in printed.text
    assert len(printed.text) < MAX_CHARACTERS + 100
    short = Printed()
    short.write("one\n")
    assert short.text == "one\n"


# --- which images an array holds --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(8)
    images = rng.integers(0, 255, (60, 28, 28)).astype(np.uint8) * (rng.random((60, 28, 28)) > 0.7)
    images = images.astype(np.uint8)
    labels = (np.arange(60) % 10).astype(np.uint8)
    parts = {"train": slice(40), "test": slice(40, 60)}
    arrays = {f"{part}_images": images[rows] for part, rows in parts.items()}
    return {"mnist": arrays | {f"{part}_labels": labels[rows] for part, rows in parts.items()}}


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x,
        lambda x: x / 255,
        lambda x: x.astype(np.float32) / np.float32(127.5) - 1,
        lambda x: (x / 255 - 0.1307) / 0.3081,
        lambda x: (x.reshape(-1, 784) / 255).astype(np.float32),
        lambda x: x[..., None] / 255.0,
        lambda x: x[:, None] / 255.0,
        lambda x: np.pad(x, ((0, 0), (2, 2), (2, 2))) / 255.0,
        lambda x: x[::-1],
    ],
)
def test_images_are_recognized_however_they_were_prepared(given, change):
    origins = Origins(given)
    arrays = given["mnist"]
    assert origins.shares(change(arrays["train_images"])) == {"rows": 32, "mnist train": 32}
    assert origins.shares(change(arrays["test_images"])) == {"rows": 20, "mnist test": 20}


def test_answers_are_counted_where_each_image_is_known(given):
    origins, arrays = Origins(given), given["mnist"]
    images = (arrays["test_images"].reshape(20, -1) / 255 - 0.5).astype(np.float32)
    outputs = np.eye(10, dtype=np.float32)[arrays["test_labels"]]
    outputs[:3] = outputs[:3, ::-1]
    assert origins.right(images, outputs) == 17
    images[5] = images[5, ::-1]
    assert origins.right(images, outputs) is None
    assert origins.right(images, outputs[:4]) is None
    assert origins.right(images, outputs.argmax(axis=1)) is None
    assert Origins({}).right(images, outputs) is None


def test_an_image_with_two_labels_has_none(given):
    arrays = {name: array.copy() for name, array in given["mnist"].items()}
    arrays["test_images"][0] = arrays["train_images"][1]
    outputs = np.eye(10, dtype=np.float32)[arrays["train_labels"]]
    assert Origins({"mnist": arrays}).right(arrays["train_images"][:1], outputs[:1]) == 1
    assert Origins({"mnist": arrays}).right(arrays["train_images"][:2], outputs[:2]) is None


def test_other_images_are_not_recognized(given):
    origins = Origins(given)
    noise = np.random.default_rng(9).random((30, 28, 28))
    assert origins.shares(noise) == {"rows": 30, "unknown": 30}
    assert origins.shares(np.zeros((5, 28, 28))) == {"rows": 5, "unknown": 5}
    assert origins.shares(np.zeros((100, 3))) == {}
    assert Origins({}).shares(noise) == {}


def test_facts_of_an_array():
    found = facts(np.array([[0.0, 2.5], [1.0, -1.0]]))
    assert (found["shape"], found["dtype"], found["low"], found["high"]) == ([2, 2], "float64", -1.0, 2.5)
    assert facts(np.array([np.nan, 1.0]))["low"] is None
    assert facts([np.zeros((3, 2)), np.zeros(5)])["shape"] == [3, 2]
    for nothing in (None, object(), iter([1]), {}, "text"):
        assert facts(nothing) is None


def test_an_object_without_a_shape_is_not_asked_for_its_items():
    class Endless:
        def __len__(self):
            return 10**9

        def __getitem__(self, place):
            raise AssertionError("it was read")

    assert facts(Endless()) is None
