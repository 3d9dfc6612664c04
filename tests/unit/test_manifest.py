"""submission.yaml: what it may say, and what is said about one that cannot be followed."""

from pathlib import Path

import pytest

from grader.submission import manifest
from grader.submission.discover import discover
from grader.submission.manifest import Manifest, ManifestError


def refusal(text: str | bytes) -> str:
    with pytest.raises(ManifestError) as caught:
        manifest.parse(text.encode() if isinstance(text, str) else text)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_everything_that_it_may_say() -> None:
    assert manifest.parse(
        b"""# my layout
assignment: backprop_to_lenet
parts:
  backprop: ./src/hw4.ipynb
  backprop.back_propagation: hw4.py:backward
returns:
  back_propagation: [loss, gradients]
"""
    ) == Manifest(
        assignment="backprop_to_lenet",
        parts={"backprop": "src/hw4.ipynb", "backprop.back_propagation": "hw4.py:backward"},
        returns={"back_propagation": ("loss", "gradients")},
        lines={
            "assignment": 2,
            "parts.backprop": 4,
            "parts.backprop.back_propagation": 5,
            "returns.back_propagation": 7,
        },
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_one_says_nothing(text: str) -> None:
    assert manifest.parse(text.encode()) == Manifest()


def test_values_are_text_whatever_they_look_like() -> None:
    assert manifest.parse(b"assignment: 2024-01-01\nparts: {1: yes}") == Manifest(
        "2024-01-01", {"1": "yes"}, {}, {"assignment": 1, "parts.1": 2}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("asignment: x", "line 1: 'asignment' is not a key of submission.yaml; did you mean 'assignment'?"),
        ("x: 1", "line 1: 'x' is not a key of submission.yaml; the keys are assignment, parts, returns"),
        ("<<: 1", "line 1: '<<' is not a key"),
        ("assignment:\n", "line 1: assignment should be a piece of text"),
        ("assignment: [a]", "line 1: assignment should be a piece of text"),
        ("assignment: x\nassignment: y", "line 2: 'assignment' is written twice, first in line 1"),
        ("parts:\n  a: x\n  b: y\n  a: z", "line 4: 'a' is written twice, first in line 2"),
        ("parts: x", "line 1: parts should hold lines of the form 'key: value'"),
        ("- a", "line 1: the file should hold lines of the form 'key: value'"),
        ("just words", "line 1: the file should hold lines"),
        ("parts:\n  a: /etc/passwd", "line 2: parts: a: '/etc/passwd' should be a file of the submission"),
        ("parts:\n  a: ../bob/hw.py", "line 2: parts: a: '../bob/hw.py' should be a file of the submission"),
        ("parts:\n  a: ':f'", "line 2: parts: a: '' should be a file of the submission"),
        ("parts:\n  a: 'hw.py:f()'", "line 2: parts: a: 'f()' after the colon should be the name of a function"),
        ("parts:\n  a: [x]", "line 2: parts: a should be a piece of text"),
        ("parts:\n  [a]: x", "line 2: a key should be a piece of text"),
        ("returns:\n  f: loss", "line 2: returns: f should be a list, such as [loss, gradients]"),
        ("returns:\n  f: []", "line 2: returns: f should be a list"),
        ("returns:\n  f: [[a]]", "line 2: returns: f should be a piece of text"),
        ("returns: {f: [" + "a, " * 101 + "]}", "line 1: returns: f has 101 entries, at most 100 are read"),
        ("parts:\n" + "".join(f"  p{i}: a\n" for i in range(101)), "parts has 101 entries, at most 100 are read"),
        ("assignment: &a x", "line 1: anchors (&) and aliases (*) are not understood"),
        ("parts: {a: *b}", "line 1: anchors (&) and aliases (*) are not understood"),
        ("assignment: !!python/object/apply:os.system [ls]", "line 1: the tag 'tag:yaml.org,2002:python/object/"),
        ("assignment: !!str x", "line 1: the tag"),
        ("assignment: x\n---\nassignment: y", "line 2: a second document starts here; write only one"),
        ("parts: {a: [", "line 1: this is not YAML"),
        ("assignment: x\n\tparts: y", "line 2: this is not YAML"),
        ("parts: {a: {b: {c: {d: e}}}}", "line 1: it is nested more than 4 levels deep"),
        ("parts: " + "[" * 60_000, "line 1: it is nested more than 4 levels deep"),
        ("- " * 30_000, "line 1: it is nested more than 4 levels deep"),
        ("parts: {a: [[[", "line 1: it is nested more than 4 levels deep"),
        ("parts: " + "[" * 5000 + "]" * 5000, "line 1: it is nested more than 4 levels deep"),
        ("assignment: " + "x" * 301, "line 1: assignment has 301 characters, at most 300 are read"),
        ('assignment: "a\\e[31m"', "line 1: assignment has characters that do not print"),
        ("assignment: \x1b[31m", "not YAML"),
        ("#" * (64 * 1024 + 1), "has 65,537 bytes, at most 64 KiB are read"),
        (b"assignment: x\n# \xff", "line 2: byte 16 does not belong to UTF-8 text"),
    ],
)
def test_what_cannot_be_followed_is_named_with_its_line(text: str | bytes, message: str) -> None:
    assert message in refusal(text)
    assert len(refusal(text)) < 300


def test_it_is_read_from_a_submission(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("")
    assert manifest.read(discover(tmp_path)) == Manifest()
    (tmp_path / "submission.yaml").write_text("assignment: weights")
    assert manifest.read(discover(tmp_path)).assignment == "weights"
    (tmp_path / "submission.yaml").write_text("#" * (manifest.MAX_BYTES + 1))
    with pytest.raises(ManifestError, match="has 65,537 bytes"):
        manifest.read(discover(tmp_path))


def test_a_misnamed_one_is_pointed_out(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("")
    (tmp_path / "submission.yml").write_text("assignment: weights")
    with pytest.raises(ManifestError, match=r"submission\.yml is not read; rename it to submission\.yaml"):
        manifest.read(discover(tmp_path))
