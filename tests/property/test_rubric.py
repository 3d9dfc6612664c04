"""Properties of the rubric loader, over generated rubrics."""

import itertools
import json
import tempfile
from pathlib import Path

import msgspec
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.course.errors import Problems, RubricError, RubricErrors
from grader.course.load import load
from grader.course.model import Source
from grader.course.needs import Wanted, resolve_needs
from grader.course.yaml_source import Node, read_yaml


class NoOptions(msgspec.Struct, frozen=True):
    pass


KINDS = {"imports": NoOptions}
HEAD = "assignment: A\nparts:\n  - id: p\n    oracle: oracle.py\n    criteria:\n"


def write(root: Path, rubric: bytes) -> None:
    folder = root / "reference/a"
    folder.mkdir(parents=True)
    (root / "rubric.yaml").write_text("course: C\n")
    (folder / "oracle.py").write_text("")
    (folder / "rubric.yaml").write_bytes(rubric)


def errors_of(root: Path) -> tuple[RubricError, ...]:
    """Load a course; return its mistakes, none if it loads. Whatever else is raised fails the test."""
    try:
        load(root, KINDS)
    except RubricErrors as errors:
        return errors.errors
    return ()


def criterion(number: int, keys: dict[str, object]) -> str:
    return f"      - {json.dumps({'id': f'c{number}', 'points': 1, 'check': 'imports', **keys}, ensure_ascii=False)}\n"


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), min_size=1, max_size=5))
def test_any_quoted_title_survives(titles):
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(criterion(number, {"title": title}) for number, title in enumerate(titles))
        write(Path(folder), (HEAD + lines).encode())
        assert [c.title for c in load(Path(folder), KINDS).assignments[0].criteria] == titles


@given(st.data(), st.integers(1, 12), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_the_line_of_a_mistake_is_the_line_it_is_in(data, count, blank_lines):
    wrong = data.draw(st.integers(0, count - 1), label="which criterion is wrong")
    text, expected = HEAD, 0
    for number in range(count):
        text += "\n" * blank_lines[number]
        if number == wrong:
            expected = text.count("\n") + 1
        text += criterion(number, {"title": "T", **({"poinst": 1} if number == wrong else {})})
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), text.encode())
        assert [error.source for error in errors_of(Path(folder))] == [Source("reference/a/rubric.yaml", expected)]


RIGHT = (HEAD + "".join(criterion(n, {"title": "T", "needs": ["c0"] if n else []}) for n in range(3))).encode()
pieces = st.sampled_from(
    [b"", b"\n", b"\r", b"  ", b"- ", b": ", b"{", b"]", b"&a ", b"*a", b"<<: ", b"'", b'"', b"!!int ", b"\t", b"\x00",
     b"\xff", b"null", b"1e999", b"? ", b"|\n", b"# ", b"---\n", b"due: 5\n", b"limits: {time: 3}\n"]
)  # fmt: skip


@settings(max_examples=300)
@example(b"{", 0, 0)
@given(pieces, st.integers(0, len(RIGHT)), st.integers(0, 12))
def test_a_damaged_rubric_loads_or_is_refused_with_places(piece, start, cut):
    damaged = RIGHT[:start] + piece + RIGHT[start + cut :]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), damaged)
        for error in errors_of(Path(folder)):
            assert error.source is not None
            assert 1 <= error.source.line <= len(damaged.splitlines()) + 1, str(error)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**17), 10**17), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])),
)  # fmt: skip
trees = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text("abcxyz_", min_size=1), inner), max_leaves=20
)


@given(trees)
def test_json_reads_as_itself(tree):
    """JSON is YAML: what json writes, the reader gives back."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(json.dumps({"tree": tree}, ensure_ascii=False), encoding="utf-8")
        problems = Problems()
        node = read_yaml(path, "x.yaml", problems)
        problems.raise_if_any()
        assert node is not None
        assert node.plain() == {"tree": tree}


@given(st.text("0123456789+-.eE_:", min_size=1, max_size=8))
def test_numbers_are_never_sexagesimal_octal_or_grouped(written):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_text(f"[{written}, 0]", encoding="utf-8")
        problems = Problems()
        node = read_yaml(path, "x.yaml", problems)
        if node is None or len(problems):
            return
        value = node.plain()[0]
        if isinstance(value, int | float):
            assert value == float(written)
            assert not {"_", ":"} & set(written)


edges = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size)
)


@given(edges)
def test_needs_are_refused_exactly_when_one_does_not_stand_above(needs):
    wanted = [
        Wanted(f"p.c{number}", tuple(Node(Source("r", number + 1), f"c{need}", f"c{need}") for need in needed))
        for number, needed in enumerate(needs)
    ]
    problems = Problems()
    resolved = resolve_needs(wanted, problems)
    assert resolved == {f"p.c{n}": tuple(dict.fromkeys(f"p.c{m}" for m in needed)) for n, needed in enumerate(needs)}
    assert bool(len(problems)) == any(need >= number for number, needed in enumerate(needs) for need in needed)
    for error in problems:
        if "each other: " in error.message:
            cycle = error.message.partition("each other: ")[2].split(" → ")
            assert cycle[0] == cycle[-1]
            assert all(later in resolved[earlier] for earlier, later in itertools.pairwise(cycle))


def test_the_pure_python_parser_reads_the_same(tmp_path, monkeypatch):
    """PyYAML comes without its C parser on some machines."""
    path = tmp_path / "x.yaml"
    path.write_bytes(RIGHT + b"a: 'quoted'\nb: |\n  1\nc: 1\nd: \"1\"\n")
    with_c = read_yaml(path, "x.yaml", Problems())
    monkeypatch.setattr("grader.course.yaml_source._LOADER", yaml.BaseLoader)
    in_python = read_yaml(path, "x.yaml", Problems())
    assert with_c is not None
    assert in_python is not None
    assert msgspec.json.encode(with_c) == msgspec.json.encode(in_python)
