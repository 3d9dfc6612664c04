"""When recorded results go stale: when code changes, not when its words do."""

import pytest

from grader.oracle.run import OracleError
from grader.oracle.sources import sources_digest, without_comments

SOURCE = '''"""A network."""

RATE = 0.1  # as published


def build(seed=0):
    """Return it."""
    text = "# not a comment"
    return RATE, text, seed
'''


def digest(tmp_path, source, name="oracle.py"):
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    return sources_digest([path])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A network."""', '"""A network,\n\nin more words."""'),
        ("  # as published", ""),
        ("  # as published", "  # see the handout"),
        ("    text =", "    # what it says\n\n    text ="),
        ('    """Return it."""\n', ""),
        ("seed\n", "seed  \n\n\n"),
    ],
)
def test_words_do_not_count(tmp_path, old, new):
    assert old in SOURCE
    assert digest(tmp_path, SOURCE.replace(old, new)) == digest(tmp_path, SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.1", "0.01"),
        ("seed=0", "seed=1"),
        ("# not a comment", "# no comment"),
        ("    return", "    seed += 1\n    return"),
    ],
)
def test_code_counts(tmp_path, old, new):
    assert old in SOURCE
    assert digest(tmp_path, SOURCE.replace(old, new)) != digest(tmp_path, SOURCE)


def test_the_name_of_the_file_counts_and_its_folder_does_not(tmp_path):
    (tmp_path / "other").mkdir()
    assert digest(tmp_path / "other", SOURCE) == digest(tmp_path, SOURCE)
    assert digest(tmp_path, SOURCE, "another.py") != digest(tmp_path, SOURCE)


def test_a_string_that_is_not_a_docstring_stays():
    assert '"""kept"""' in without_comments('def f():\n    x = 1\n    """kept"""\n    return x\n')


def test_a_function_that_is_only_a_docstring_is_no_problem():
    assert without_comments('def f():\n    """All."""\n') == "def f():"


@pytest.mark.parametrize("source", ["def f(:\n", "x = '''", "\0"])
def test_what_is_not_python_is_named(tmp_path, source):
    with pytest.raises(OracleError, match=r"oracle\.py is not Python"):
        digest(tmp_path, source)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(OracleError, match=r"gone\.py cannot be read: No such file"):
        sources_digest([tmp_path / "gone.py"])
