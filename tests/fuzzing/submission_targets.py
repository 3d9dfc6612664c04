"""Submissions as folders: hostile names, links, pipes, sizes, and a ``submission.yaml`` that says anything."""

import contextlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.course.model import Course
from grader.submission import manifest
from grader.submission.binding import assignment_of, bind, files_for, manifest_findings
from grader.submission.discover import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    Submission,
    SubmissionError,
    discover,
    discover_all,
)
from tests.fuzzing.mutations import JSON_TREE, TEXT, damaged_bytes, damaged_trees, repeated
from tests.fuzzing.target import Target, assert_sentence

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"what lies outside of the submission"
"""The content of a file beside the submission. Nothing of a submission may have it."""

Entry: TypeAlias = tuple[str, tuple[bytes, ...], bytes]
"""A kind, where it lies below the submission, and its content, or what a link points to."""


@cache
def _course() -> Course:
    return load(ROOT, KINDS)


# --- folders ----------------------------------------------------------------------------------------------------------

NAMES = st.one_of(
    st.sampled_from([
        b"backprop.py", b"networks.py", b"hw.ipynb", b"submission.yaml", b"submission.yml", b"backprop_to_lenet",
        b"weights",
        b"cnn_in_numpy", b"a", b"b.py", b"README.md", b".hidden.py", b"__pycache__", b"__MACOSX", b"x\ny.py",
        b"\x1b[31m.py",
        b"\xff\xfe.py", b"\xe2\x80\xae.py", b"\xcc\x81.py", b" .py", b"-rf.py", b"~", b"*", b"a.py ",
        b"n" * 250 + b".py", b"conftest.py",
        b"lenet.pt", b"=1+1.py", b"<b>.py", b"CON.py", b".ipynb_checkpoints", b"a\\b.py", b"\xef\xbb\xbf.py",
    ]),
    st.binary(min_size=1, max_size=12).map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")),
)  # fmt: skip
PLACES = st.lists(NAMES, min_size=1, max_size=4).map(tuple) | st.lists(st.just(b"d"), min_size=6, max_size=10).map(
    lambda deep: (*deep, b"x.py")
)
LINKS = st.sampled_from([
    b"../secret", b"/etc/passwd", b".", b"..", b"backprop.py", b"a", b"missing", b"", b"../../../../../../..",
    b"x/../../secret",
]).filter(bool)  # fmt: skip
MANIFESTS = st.sampled_from([
    b"assignment: backprop_to_lenet\n", b"assignment: nothing\n", b"parts: {backprop: backprop.py}\n", b"a: &a [*a]",
    b"{",
    b"parts: {backprop: ../secret}\n", b"returns: {back_propagation: [gradients, loss]}\n", b"\xff", b"",
    b"parts: {backprop.back_propagation: 'backprop.py:f', lenet: a}\n",
    b"returns: {nothing: [x]}\nassignment: cnn_in_numpy",
])  # fmt: skip
ENTRIES: SearchStrategy[Entry] = st.one_of(
    st.tuples(st.just("file"), PLACES, st.binary(max_size=20) | st.just(b"def f(x): return x\n")),
    st.tuples(st.just("file"), st.just((b"submission.yaml",)), MANIFESTS),
    st.tuples(st.just("folder"), PLACES, st.just(b"")),
    st.tuples(st.just("link"), PLACES, LINKS),
    st.tuples(st.just("hard link"), PLACES, st.just(b"")),
    st.tuples(st.just("pipe"), PLACES, st.just(b"")),
    st.tuples(st.just("unreadable"), PLACES, st.just(b"x")),
    st.tuples(st.just("large"), PLACES, st.sampled_from([b"\x02", b"\x21", b"\x89", b"\xd1"])),
    st.tuples(st.just("many"), PLACES, st.sampled_from([b"\x02", b"\x02", b"\x02", b"\xc9"])),
)


def _make(top: Path, entries: tuple[Entry, ...]) -> None:
    """Make what can be made of ``entries``: a file where a folder stands already is left out."""
    for kind, parts, content in entries:
        place = top.joinpath(*map(os.fsdecode, parts))
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            match kind:
                case "folder":
                    place.mkdir(exist_ok=True)
                case "link":
                    place.symlink_to(os.fsdecode(content))
                case "hard link":
                    place.hardlink_to(top / "backprop.py")
                case "pipe":
                    os.mkfifo(place)
                case "many":
                    for number in range(content[0]):
                        place.with_name(f"{place.name}{number}.py").write_bytes(b"")
                case _:
                    _write(place, kind, content)


def _write(place: Path, kind: str, content: bytes) -> None:
    with place.open("xb") as file:
        if kind == "large":
            file.truncate(content[0] * 2**20)
        else:
            file.write(content)
    if kind == "unreadable":
        place.chmod(0)


def check_folder(entries: tuple[Entry, ...]) -> None:
    """It is a submission that holds files of its own and nothing else, or a refusal that says what was seen."""
    with tempfile.TemporaryDirectory() as outer:
        Path(outer, "secret").write_bytes(SECRET)
        top = Path(outer, "somebody")
        top.mkdir()
        _make(top, entries)
        _check_list(top)
        try:
            submission = discover(top)
        except SubmissionError as error:
            assert_sentence(error)
            return
        _check_files(submission, top)
        assert discover(top) == submission, "looking again shows something else"
        _check_meaning(submission)


def _check_list(top: Path) -> None:
    found = discover_all([top, top], [assignment.id for assignment in _course().assignments])
    assert found == [top] or all(path.parent == top for path in found), found
    assert len(set(found)) == len(found)


def _check_files(submission: Submission, top: Path) -> None:
    assert 0 < len(submission.files) <= MAX_FILES
    assert sum(file.size_bytes for file in submission.files) <= MAX_TOTAL_BYTES
    assert submission.files == tuple(sorted(submission.files, key=lambda file: file.path))
    for file in submission.files:
        assert file.path.isprintable(), file
        assert top / file.path == file.absolute, file
        assert not file.absolute.is_symlink(), file
        if file.size_bytes < 2**20:
            content = submission.read(file)
            assert len(content) == file.size_bytes
            assert content != SECRET, "what a link points to was read"
    for finding in submission.findings:
        assert_sentence(finding.text)


def _check_meaning(submission: Submission) -> None:
    """What is made of the names and of ``submission.yaml``, before anything of the student's is read."""
    try:
        said = manifest.read(submission)
        assignment = assignment_of(submission, said, _course(), None)
    except SubmissionError as error:
        assert_sentence(error)
        return
    assert set(files_for(submission, assignment, _course())) <= set(submission.files)
    for part in assignment.parts:
        binding = bind(part, (), said)
        assert set(binding.functions) == {function.name for function in part.functions}
    for finding in manifest_findings(said, assignment):
        assert_sentence(finding.text)


FOLDER = Target(
    "submissions",
    "the discovery of a submission: its own regular files, or a refusal",
    st.lists(ENTRIES, max_size=8).map(tuple),
    check_folder,
    sample=80,
)

# --- submission.yaml --------------------------------------------------------------------------------------------------

PLACED = TEXT | st.sampled_from(
    ["hw4.ipynb", "hw4.ipynb:backward", "a/b.py", "../a.py", "/a", ":", "a:", ":b", "a:b:c"]
)
RIGHT = st.fixed_dictionaries(
    {},
    optional={
        "assignment": st.sampled_from(["backprop_to_lenet"]) | TEXT,
        "parts": st.dictionaries(st.sampled_from(["backprop", "backprop.back_propagation"]) | TEXT, PLACED, max_size=3),
        "returns": st.dictionaries(TEXT, st.lists(TEXT, max_size=3), max_size=2),
    },
)
PIECES = st.sampled_from([
    b"\n", b"  ", b": ", b"- ", b"&a ", b"*a", b"!!str ", b"{", b"}", b"[", b"\t", b"\x00", b"\xff", b"---\n",
    b"'", b'"',
    b"|\n", b"? ", b"# ", b"<<: ", b"%YAML 1.2\n", b"...\n", b"assignment: a\n", b"\xe2\x80\xa8", b"\r",
    b"\xef\xbb\xbf", b"a: ",
    b"?", b"-\n", b"\\u0000", b"@", b"`",
])  # fmt: skip


def _json(tree: object) -> bytes:
    return json.dumps(tree).encode()


def check_manifest(data: bytes) -> None:
    """It is followed, or refused with a line; what is followed means the same when it is written as JSON."""
    try:
        said = manifest.parse(data)
    except manifest.ManifestError as error:
        assert_sentence(error)
        return
    for place in said.parts.values():
        path = PurePosixPath(manifest.split_place(place)[0])
        assert path.parts, place
        assert not path.is_absolute(), place
        assert ".." not in path.parts, place
    written = {"assignment": said.assignment, "parts": said.parts, "returns": said.returns}
    again = manifest.parse(_json({key: value for key, value in written.items() if value}))
    assert msgspec.structs.replace(again, lines={}) == msgspec.structs.replace(said, lines={})


MANIFEST = Target(
    "manifests",
    "submission.yaml: what it says, or a refusal with a line",
    st.one_of(
        RIGHT.map(_json),
        damaged_trees(RIGHT, 1, 3).map(_json),
        damaged_bytes(RIGHT.map(_json) | MANIFESTS, repeated(PIECES)),
        damaged_trees(JSON_TREE).map(_json),
        st.lists(repeated(PIECES), max_size=4).map(b"".join),
        st.binary(max_size=60),
    ),
    check_manifest,
    sample=250,
)
