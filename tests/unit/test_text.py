"""Texts under headings: found, counted, quoted, and left to a person."""

import json

import numpy as np
import pytest

from grader.checks.payloads import decoded
from grader.checks.text import Section, Text, TextOptions, TextSeen, Written, find
from grader.results import Verdict
from grader.sandbox import wire
from grader.sandbox.worker.loader import Loader
from grader.sandbox.worker.operations.sections import read_sections
from grader.sandbox.worker.operations.workbench import Workbench


def read(folder, content, *, name="answers.md", given=""):
    (folder / name).write_text(content)
    bytes_given = {"handout.md": np.frombuffer(given.encode(), np.uint8)} if given else {}
    arrays = []
    packed = wire.pack(read_sections(Workbench(folder, Loader(folder)), (name,), bytes_given), arrays)
    return decoded(wire.unpack(packed, tuple(arrays)), tuple[Section, ...])


ANSWERS = """# Assignment
Introduction.

## 4.3.1 Dropout
### Observation:
It trains slower, and 88.0 % are right.

- less overfitting

**Reasons**
Noise.

4.3.2 Batch norm
----------------
### Observation
Faster.

```python
# not a heading
```
<h2>End</h2>
Bye
"""


def test_headings_of_every_kind_are_found(tmp_path):
    found = read(tmp_path, ANSWERS)
    assert [(part.level, part.title) for part in found] == [
        (1, "Assignment"),
        (2, "4.3.1 Dropout"),
        (3, "Observation:"),
        (7, "Reasons"),
        (2, "4.3.2 Batch norm"),
        (3, "Observation"),
        (2, "End"),
    ]
    assert "# not a heading" in found[5].text


def test_markdown_cells_go_on_until_the_next_heading(tmp_path):
    cell = {"cell_type": "markdown", "metadata": {}}
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "x = 1"}
    cells = [cell | {"source": "## Observation\nOne."}, code, cell | {"source": ["Two.\n", "Three."]}]
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    (found,) = read(tmp_path, json.dumps(document), name="hw.ipynb")
    assert found == Section("hw.ipynb", 1, 2, "Observation", "One.\nTwo.\nThree.")


def test_lines_of_the_handout_are_left_out(tmp_path):
    (found,) = read(tmp_path, "# Observation\n*Say what you see.*\nMine.", given="Say what you see.\n")
    assert found.text == "Mine."


def test_what_is_no_notebook_has_no_texts(tmp_path):
    assert read(tmp_path, "no JSON", name="hw.ipynb") == ()


def sections():
    rows = [
        (1, "Assignment", "Intro."),
        (2, "Dropout", ""),
        (3, "Observation", "Slower by far"),
        (7, "Reasons", "noise"),
        (2, "Batch norm", ""),
        (3, "Observation", "Faster and also better than before"),
    ]
    return [Section("hw.ipynb", n, level, title, text) for n, (level, title, text) in enumerate(rows, 1)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Observation", "Faster and also better than before"),
        ("observation:", "Faster and also better than before"),
        ("Dropout > Observation", "Slower by far\nReasons\nnoise"),
        ("Assignment > Batch norm > Observation", "Faster and also better than before"),
        ("Dropout", "Observation\nSlower by far\nReasons\nnoise"),
    ],
)
def test_a_section_is_found_by_its_heading_and_those_above(name, text):
    assert find(sections(), (name,)).text == text


def test_a_section_that_is_nowhere_is_not_found():
    assert find(sections(), ("Conclusion",)) is None
    assert find(sections(), ("Batch norm > Reasons",)) is None


def judged(make_criterion, text, **options):
    written = None if text is None else Written("hw.ipynb, cell 3", "Observation", text)
    criterion = make_criterion(TextOptions("Observation", **options), kind="text")
    return Text().judge(TextSeen(written, ("Introduction", "End")), criterion)


def test_a_person_reads_what_is_there(make_criterion):
    judgement = judged(make_criterion, "It is\x1b[31m slower.", words=50)
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "> It is\\x1b[31m slower." in judgement.feedback.facts
    assert "at least 50" in " ".join(judgement.feedback.facts)


def test_what_is_not_there_is_missing(make_criterion):
    judgement = judged(make_criterion, None)
    assert judgement.verdict is Verdict.MISSING
    assert judgement.feedback.facts == ("Headings found: Introduction and End.",)
    assert judged(make_criterion, "...").verdict is Verdict.MISSING


def test_words_and_numbers_are_counted_where_nobody_reads(make_criterion):
    text = "The test accuracy is 88.0 %, see [1](https://x.org/2)."
    judgement = judged(make_criterion, text, words=5, numbers=2, graded_by="words")
    assert judgement.verdict is Verdict.PASS
    short = judged(make_criterion, text, words=50, numbers=2, graded_by="words")
    assert (short.verdict, short.fraction) == (Verdict.PARTIAL, 0.5)
    assert "It has 5 words" in short.feedback.summary


def test_placeholders_are_no_text():
    assert find([Section("a.md", 0, 1, "Observation", "TODO\nYour answer here.")], ("Observation",)).text == ""
