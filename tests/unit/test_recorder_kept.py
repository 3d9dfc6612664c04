"""On which comparison it depends that weights are kept, as a cell's own frames and its source tell."""

import linecache

import pytest

from grader.sandbox.worker.recorder.kept import NONE, condition_here

SOURCE = """\
score, best, names, limit = 0.5, 0.25, ['a'], float('inf')
def keep():
    {}
keep()
"""


def told(body, files="/hw.ipynb cell "):
    name = "/hw.ipynb cell 3"
    source = SOURCE.format(body.replace("\n", "\n    "))
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    found = []
    exec(compile(source, name, "exec"), {"save": lambda: found.append(condition_here(files))})
    return found


def test_the_innermost_comparison_and_its_numbers_are_told():
    (found,) = told("local = 3\nif best < score:\n    if score > best and local >= 2 and limit > 0:\n        save()")
    assert found.text == "score > best and local >= 2 and (limit > 0)"
    assert found.compared == {"score": 0.5, "best": 0.25, "local": 3.0}


@pytest.mark.parametrize(
    "body",
    [
        "save()",
        "if score > best:\n    pass\nsave()",
        "if score < best:\n    pass\nelse:\n    save()",
        "if names == ['a']:\n    save()",
        "if names:\n    save()",
    ],
    ids=["none", "above", "otherwise", "no order", "no comparison"],
)
def test_what_depends_on_no_comparison_of_sizes_is_told_so(body):
    assert told(body) == [NONE]


def test_frames_of_others_are_not_looked_at():
    assert told("if score > best:\n    save()", files="/other.ipynb cell ") == [NONE]
    assert told("if score > best:\n    save()", files="") == [NONE]
    assert condition_here("/hw.ipynb cell ") == NONE


def test_names_that_stand_for_no_number_are_left_out():
    (found,) = told("if len(names) > 0 and score > best:\n    save()")
    assert found.compared == {"score": 0.5, "best": 0.25}
