"""The rubric loader: an instructor's rubric loads, or every mistake in it has a line and a sentence."""

import atexit
import json
import shutil
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path, PurePath
from typing import Any

import msgspec
import yaml
from hypothesis import strategies as st

from grader.checks.registry import KINDS
from grader.course.errors import Problems, RubricError, RubricErrors
from grader.course.load import load
from grader.course.model import Course, Source
from grader.course.yaml_source import read_yaml
from tests.fuzzing.mutations import damaged_bytes, damaged_trees, repeated
from tests.fuzzing.target import Target, assert_sentence

ROOT = Path(__file__).resolve().parents[2]
COURSE = "rubric.yaml"
RUBRICS = tuple(sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("reference/*/rubric.yaml")))
PIECES = st.sampled_from(
    [b"", b"\n", b"\r", b"  ", b"- ", b": ", b":\n", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"<<: *a\n", b"'", b'"',
    b"!!int ",
     b"\t", b"\x00", b"\xff", b"\xc2\x85", b"\xe2\x80\xa8", b"null", b"1e999", b"? ", b"|\n", b">-\n", b"# ",
     b"---\n", b"...\n",
     b"due: 5\n", b"limits: {time: 3}\n", b"id: ", b"needs: [", b"points: -1\n", b"check: layers\n", b"check: values\n",
     b"visible: never\n", b"&a [*a]", b"0x10", b"10 x random_draws", b"@", b"%YAML 9.9\n"]
)  # fmt: skip


@cache
def _folder() -> Path:
    """A copy of the course whose rubrics may be overwritten. It is kept for as long as the process lives."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-course-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for rubric in RUBRICS:
        target = folder / rubric
        shutil.copytree(
            ROOT / PurePath(rubric).parent,
            target.parent,
            ignore=shutil.ignore_patterns("__pycache__", "faults", "variants", "starter"),
        )
    return folder


def _right(path: str) -> bytes:
    return (ROOT / path).read_bytes()


def _course_bytes(path: str) -> bytes:
    """A course with the one assignment whose rubric is at ``path``, so that one example takes milliseconds."""
    return json.dumps({"course": "C", "include": [path]}).encode()


def load_with(path: str, rubric: bytes) -> Course:
    """Load the course with other bytes in the rubric at ``path``: the course's own, or one assignment's."""
    folder = _folder()
    if path == COURSE:
        (folder / COURSE).write_bytes(rubric)
        return load(folder, KINDS)
    (folder / COURSE).write_bytes(_course_bytes(path))
    try:
        (folder / path).write_bytes(rubric)
        return load(folder, KINDS)
    finally:
        (folder / path).write_bytes(_right(path))


def check_rubric(example: tuple[str, bytes]) -> None:
    """It loads, or is refused with places in it; what loads, loads as the same when it is written as JSON."""
    path, rubric = example
    try:
        course = load_with(path, rubric)
    except RubricErrors as refused:
        _check_mistakes(refused.errors, path, len(rubric.splitlines()))
        return
    again = load_with(path, _as_json(rubric))
    assert _plain(again) == _plain(course), "the same rubric written as JSON is another course"


def _check_mistakes(errors: tuple[RubricError, ...], path: str, lines: int) -> None:
    assert errors
    for error in errors:
        assert_sentence(error, prints=False)
        assert error.source is not None, error
        if error.source.path == path:
            assert 1 <= error.source.line <= lines + 1, error


def _as_json(rubric: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rubric.yaml")
        path.write_bytes(rubric)
        node = read_yaml(path, "rubric.yaml", Problems())
    assert node is not None, "a rubric that loads can be read"
    return json.dumps(node.plain(), ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """A course without the lines that things stand in."""
    match value:
        case Source():
            return None
        case msgspec.Struct():
            return {name: _plain(item) for name, item in msgspec.structs.asdict(value).items()}
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case datetime() | PurePath():
            return str(value)
    return value


PATHS = st.sampled_from((COURSE, *RUBRICS))


@cache
def _tree(path: str) -> Any:
    return yaml.load(_right(path), yaml.SafeLoader)


def _damaged(path: str) -> st.SearchStrategy[tuple[str, bytes]]:
    right = st.just(path).map(_right)
    by_line = st.builds(_with_moved_lines, right, st.lists(st.integers(0, 500), min_size=1, max_size=4))
    by_tree = damaged_trees(st.just(path).map(_tree), 1, 3).map(_dumped)
    return st.tuples(st.just(path), damaged_bytes(right, repeated(PIECES)) | by_line | by_tree)


def _with_moved_lines(rubric: bytes, places: list[int]) -> bytes:
    """Doubles, drops, indents and moves a line: one after the other, for each of ``places``."""
    changed = rubric.splitlines(keepends=True)
    for turn, number in enumerate(places):
        place = number % len(changed)
        line = changed[place]
        match turn:
            case 0:
                changed.insert(place, line)
            case 1:
                del changed[place]
            case 2:
                changed[place] = b"  " + line
            case _:
                changed.insert(0, changed.pop(place))
    return b"".join(changed)


def _dumped(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


RUBRIC = Target(
    "rubric",
    "the rubric loader: a course, or mistakes with their lines",
    st.one_of(
        PATHS.flatmap(_damaged),
        st.tuples(PATHS, st.lists(repeated(PIECES), max_size=4).map(b"".join)),
        st.tuples(PATHS, st.binary(max_size=60)),
    ),
    check_rubric,
    sample=80,
    known=(
        (COURSE, b"- " * 1000),
        (COURSE, b"course: C\n" + "\u2028".encode() * 30 + b"a: 1\na: 1\n"),
        (COURSE, b"a: b\n" * 49_000),
        (COURSE, b"".join(b"k%d: &k%d [*k%d]\n" % (n, n, n - 1) for n in range(1, 2000)).replace(b"*k0", b"x")),
    ),
)
