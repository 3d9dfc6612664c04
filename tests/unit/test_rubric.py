"""Loading rubrics: what a right one becomes, and what is said about a wrong one."""

import pickle
import re
import textwrap
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from grader.course.errors import RubricErrors
from grader.course.load import find_root, load
from grader.course.model import CasePlan, Course, FunctionSpec, LatePolicy, Limits, Part, Source
from grader.course.units import Percentage
from grader.results import FeedbackLevel, Visibility

RUBRIC = "reference/two_layers/rubric.yaml"


class Tolerance(msgspec.Struct, frozen=True):
    relative: float = 1e-6

    def __post_init__(self) -> None:
        if self.relative <= 0:
            raise ValueError(f"a tolerance is positive, got {self.relative}")


class Values(msgspec.Struct, frozen=True):
    of: str | tuple[str, ...]
    tolerance: Tolerance = Tolerance()
    points_by: dict[str, float] = {}
    mode: Literal["accept", "cost"] = "accept"
    within: Percentage | None = None

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        returned = [value for function in part.functions for value in function.returns]
        for name in (self.of,) if isinstance(self.of, str) else self.of:
            if name not in returned:
                yield "of", f"no function returns '{name}'"
        if self.points_by and sum(self.points_by.values()) != points:
            yield "points_by", f"adds up to {sum(self.points_by.values()):g}, not {points:g}"


class Imports(msgspec.Struct, frozen=True):
    pass


class Gradients(Values, frozen=True):
    of: str | tuple[str, ...] = "gradients"
    against: tuple[Literal["finite differences", "oracle"], ...] = ("oracle",)


KINDS = {"values": Values, "imports": Imports, "gradients": Gradients, "shapes": Values}

COURSE = "course: Deep learning\n"
ASSIGNMENT = """\
assignment: Two layers
parts:
  - id: backprop
    oracle: oracle_numpy.py
    functions:
      forward: {accepts: [X, weights], returns: [Y, H]}
      backward: {accepts: [X, Y_T, weights], returns: [gradients, loss]}
    cases: [handout]
    criteria:
      - {id: numpy_only, title: NumPy only, points: 1, check: imports}
      - id: loss
        title: The loss
        points: 2
        check: values
        of: loss
"""
CASES = "def handout(rng):\n    return {}\n\n\ndef random_draws(rng):\n    return {}\n"
ORACLE = "def forward(X, weights): ...\n\n\ndef backward(X, Y_T, weights): ...\n"


def write(
    root: Path, rubric: str | bytes = ASSIGNMENT, course: str | bytes = COURSE, folder: str = "two_layers"
) -> Path:
    home = root / "reference" / folder
    home.mkdir(parents=True)
    for path, content in [
        (root / "rubric.yaml", course),
        (home / "rubric.yaml", rubric),
        (home / "cases.py", CASES),
        (home / "oracle_numpy.py", ORACLE),
    ]:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def loaded(root: Path, rubric: str | bytes = ASSIGNMENT, course: str | bytes = COURSE) -> Course:
    return load(write(root, rubric, course), KINDS)


def errors_of(root: Path) -> list[str]:
    with pytest.raises(RubricErrors) as refused:
        load(root, KINDS)
    assert str(refused.value).splitlines() == [str(error) for error in refused.value.errors]
    return str(refused.value).splitlines()


def changed(old: str, new: str) -> str:
    assert ASSIGNMENT.count(old) == 1, old
    return ASSIGNMENT.replace(old, new)


def with_criterion(text: str, base: str = ASSIGNMENT) -> str:
    """Add one more criterion; ``text`` is a flow mapping or a block."""
    return base + textwrap.indent("- " + textwrap.indent(textwrap.dedent(text).strip(), "  ").strip(), " " * 6) + "\n"


# --- what a right rubric becomes --------------------------------------------------------------------------------------


def test_a_small_course(tmp_path):
    course = loaded(tmp_path)
    assert (course.title, course.root) == ("Deep learning", tmp_path)
    (assignment,) = course.assignments
    assert (assignment.id, assignment.title, assignment.due, assignment.weight) == (
        "two_layers",
        "Two layers",
        None,
        1.0,
    )
    assert assignment.folder == tmp_path / "reference/two_layers"
    assert assignment.rubric == tmp_path / RUBRIC
    (part,) = assignment.parts
    assert (part.id, part.title, part.points, part.imports, part.files) == ("backprop", "backprop", 3.0, None, ())
    assert part.functions[1] == FunctionSpec("backward", ("X", "Y_T", "weights"), ("gradients", "loss"))
    numpy_only, loss = part.criteria
    assert (numpy_only.id, numpy_only.kind, numpy_only.options) == ("backprop.numpy_only", "imports", Imports())
    assert (loss.id, loss.title, loss.points, loss.source) == ("backprop.loss", "The loss", 2.0, Source(RUBRIC, 11))
    assert loss.options == Values("loss")
    assert loss.cases == (CasePlan("handout"),)
    assert (loss.feedback, loss.visibility, loss.limits) == (FeedbackLevel.DIAGNOSIS, Visibility.VISIBLE, Limits())


def test_the_examples_of_the_documentation_load(tmp_path):
    page = Path(__file__).parents[2] / "docs/instructor/rubric.md"
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert [path for path, _ in blocks] == ["rubric.yaml", RUBRIC]
    write(tmp_path, blocks[1][1], blocks[0][1])
    (tmp_path / "reference/two_layers/oracle_numpy.py").write_text(
        "def forward_propagation(): ...\nback_propagation = 1\n"
    )
    (assignment,) = load(tmp_path, KINDS).assignments
    assert assignment.weight == 2.0
    assert assignment.due == datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
    assert assignment.late == LatePolicy(grace_s=900.0, per_day=0.1, at_most=0.5)
    assert assignment.parts[0].points == 10
    gradients, unseen = assignment.criteria[2:]
    assert gradients.needs == ("backprop.numpy_only",)
    assert gradients.cases == (CasePlan("handout"), CasePlan("random_draws", 20))
    assert gradients.limits == Limits(wall_s=10.0, times_reference=3.0)
    assert (unseen.visibility, unseen.feedback) == (Visibility.AFTER_DUE_DATE, FeedbackLevel.SUMMARY)
    assert unseen.cases == (CasePlan("random_draws", 50),)
    assert unseen.limits == Limits(wall_s=30.0, times_reference=3.0)


def test_the_mistakes_of_the_documentation_read_as_shown(tmp_path):
    page = (Path(__file__).parents[2] / "docs/instructor/rubric.md").read_text(encoding="utf-8")
    course, rubric = re.findall(r"```yaml\n# \S+\n(.*?)```", page, re.DOTALL)
    shown = re.search(r"## What a mistake looks like\n\n```\n(.*?)```", page, re.DOTALL)[1]
    rubric = rubric.replace("right, points: 2", "right, poinst: 2").replace(
        "    criteria:", "    limits: {memory: 2}\n    criteria:"
    )
    write(tmp_path, rubric, course)
    (tmp_path / "reference/two_layers/oracle_numpy.py").write_text(
        "def forward_propagation(): ...\nback_propagation = 1\n"
    )
    assert "\n".join(errors_of(tmp_path)) == shown.strip()


def test_limits_merge_key_by_key(tmp_path):
    course = COURSE + "defaults: {limits: {time: 3 x reference, at_least: 20 s, total: 5 min, memory: 4 GiB}}\n"
    rubric = changed("    cases: [handout]\n", "    cases: [handout]\n    limits: {memory: 1 GiB, processes: 8}\n")
    rubric = rubric.replace("of: loss", "of: loss\n        limits: {time: 2 s, output: 1 MiB}")
    (assignment,) = loaded(tmp_path, "limits: {total: 1 min}\n" + rubric, course).assignments
    first, loss = assignment.criteria
    assert first.limits == Limits(20.0, 3.0, 60.0, 2**30, 8, 64 * 2**10)
    assert loss.limits == Limits(2.0, None, 60.0, 2**30, 8, 2**20)


def test_a_fixed_time_makes_an_outer_floor_void(tmp_path):
    course = COURSE + "defaults: {limits: {at_least: 20 s}}\n"
    (assignment,) = loaded(tmp_path, ASSIGNMENT + "        limits: {time: 2 s}\n", course).assignments
    assert [criterion.limits.wall_s for criterion in assignment.criteria] == [20.0, 2.0]


def test_feedback_goes_from_the_course_down(tmp_path):
    course = COURSE + "defaults: {feedback: none}\n"
    rubric = changed("    cases: [handout]\n", "    cases: [handout]\n    feedback: facts\n")
    rubric += "        feedback: expected\n"
    rubric += "  - {id: other, oracle: oracle_numpy.py, criteria: [{id: a, title: A, points: 1, check: imports}]}\n"
    (assignment,) = loaded(tmp_path, rubric, course).assignments
    levels = [criterion.feedback for criterion in assignment.criteria]
    assert levels == [FeedbackLevel.FACTS, FeedbackLevel.EXPECTED, FeedbackLevel.NONE]


def test_late_policy_is_the_courses_but_for_what_the_assignment_says(tmp_path):
    course = COURSE + "late: {grace: 15 min, per_day: 10%, at_most: 50%}\n"
    (assignment,) = loaded(tmp_path, "late: {per_day: 20%}\n" + ASSIGNMENT, course).assignments
    assert assignment.late == LatePolicy(grace_s=900.0, per_day=0.2, at_most=0.5)


def test_visible_words(tmp_path):
    rubric = "due: 2026-11-20T23:59+01:00\n" + ASSIGNMENT
    for number, word in enumerate(["always", "after due date", "never"]):
        rubric = with_criterion(f"{{id: c{number}, title: T, points: 0, check: imports, visible: {word}}}", rubric)
    (assignment,) = loaded(tmp_path, rubric).assignments
    visible = [criterion.visibility for criterion in assignment.criteria[2:]]
    assert visible == [Visibility.VISIBLE, Visibility.AFTER_DUE_DATE, Visibility.HIDDEN]


MODELS = """\
assignment: Networks
parts:
  - id: lenet
    models:
      lenet: {input: [28, 28, 1], weights: [weights/lenet.*], train: train_lenet}
      small: {build: network, also: [net], with: {layers: 1, norm: true}, input: [784], like: build}
    criteria:
      - {id: imports, title: T, points: 1, check: imports}
"""


def test_models_of_a_part(tmp_path):
    part = loaded(tmp_path, MODELS).assignments[0].parts[0]
    lenet, small = part.models
    assert (part.oracle, part.functions) == ("", ())
    assert (lenet.build, lenet.like, lenet.train, lenet.input_shape) == (
        "build_lenet",
        "build_lenet",
        "train_lenet",
        (28, 28, 1),
    )
    assert lenet.call == "build_lenet()"
    assert (small.build, small.also, small.call) == ("network", ("net",), "build(layers=1, norm=True)")
    assert part.model("small") is small


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("input: [784]", "input: []", 6, "'input' of model 'small' in part 'lenet' has 0 numbers"),
        ("input: [784]", "inputs: [784]", 6, "unknown key 'inputs' in 'small'"),
        ("input: [784]", "input: [0]", 6, ">= 1"),
        ("also: [net]", "also: [my-net]", 6, "'my-net' of model 'small' in part 'lenet' is not a Python name"),
        ("with: {layers: 1", "with: {layers: [1]", 6, "must be"),
    ],
)
def test_a_mistake_in_a_model(tmp_path, old, new, line, message):
    assert MODELS.count(old) == 1
    errors = errors_of(write(tmp_path, MODELS.replace(old, new)))
    assert any(error.startswith(f"{RUBRIC}:{line}: ") and message in error for error in errors), "\n".join(errors)


def test_needs_by_short_and_by_full_id(tmp_path):
    rubric = with_criterion("{id: last, title: T, points: 1, check: imports, needs: [loss, backprop.numpy_only, loss]}")
    rubric += "  - id: other\n    oracle: oracle_numpy.py\n    criteria:\n"
    rubric += "      - {id: a, title: A, points: 1, check: imports, needs: backprop.last}\n"
    (assignment,) = loaded(tmp_path, rubric).assignments
    assert assignment.criterion("backprop.last").needs == ("backprop.loss", "backprop.numpy_only")
    assert assignment.criterion("other.a").needs == ("backprop.last",)


def test_anchors_aliases_and_merge_keys(tmp_path):
    rubric = changed("        of: loss\n", "        of: loss\n        tolerance: &strict {relative: 1e-9}\n")
    rubric = with_criterion("{id: again, title: T, points: 2, check: values, of: Y, tolerance: *strict}", rubric)
    rubric = with_criterion("{<<: {title: T, points: 5, check: values}, points: 1, id: merged, of: H}", rubric)
    (assignment,) = loaded(tmp_path, rubric).assignments
    assert assignment.criteria[2].options.tolerance == Tolerance(1e-9)
    merged = assignment.criteria[3]
    assert (merged.title, merged.points) == ("T", 1.0)


def test_yaml_1_1_surprises_stay_words(tmp_path):
    rubric = changed("title: The loss", "title: on").replace("title: NumPy only", "title: 12:30")
    rubric = rubric.replace("assignment: Two layers", "assignment: 2026-11-20")
    rubric = rubric.replace("id: numpy_only", "id: no")
    (assignment,) = loaded(tmp_path, rubric).assignments
    assert assignment.title == "2026-11-20"
    assert [c.title for c in assignment.criteria] == ["12:30", "on"]
    assert assignment.criteria[0].id == "backprop.no"


@pytest.mark.parametrize("written", ["1e-8", "1.0e-8", "0.00000001", "1E-8", "+1e-8"])
def test_numbers_in_scientific_notation(tmp_path, written):
    (assignment,) = loaded(tmp_path, ASSIGNMENT + f"        tolerance: {{relative: {written}}}\n").assignments
    assert assignment.criteria[1].options.tolerance.relative == 1e-8


def test_options_may_use_units(tmp_path):
    (assignment,) = loaded(tmp_path, ASSIGNMENT + "        within: 0.3%\n").assignments
    assert assignment.criteria[1].options.within == pytest.approx(0.003)


def test_an_oracle_may_import_its_functions(tmp_path):
    write(tmp_path)
    oracle = tmp_path / "reference/two_layers/oracle_numpy.py"
    oracle.write_text("try:\n    from fast import forward\nexcept ImportError:\n    from slow import *\n")
    assert load(tmp_path, KINDS).assignments


def test_a_byte_order_mark_and_windows_line_ends(tmp_path):
    course = loaded(tmp_path, b"\xef\xbb\xbf" + ASSIGNMENT.replace("\n", "\r\n").encode())
    assert course.assignments[0].criteria[1].source.line == 11


def test_include_patterns_and_the_order_of_assignments(tmp_path):
    write(tmp_path, course=COURSE + "include: [reference/z*/rubric.yaml, 'reference/**/rubric.yaml']\n")
    for name in ("zeta", "alpha"):
        folder = tmp_path / "reference" / name
        folder.mkdir()
        for file in (tmp_path / "reference/two_layers").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    assert [a.id for a in load(tmp_path, KINDS).assignments] == ["zeta", "alpha", "two_layers"]


def test_find_root_looks_upwards_past_the_assignments_own_rubric(tmp_path):
    write(tmp_path)
    folder = tmp_path / "reference/two_layers"
    for start in (tmp_path, folder, folder / "cases.py"):
        assert find_root(start) == tmp_path


def test_errors_travel_between_processes(tmp_path):
    write(tmp_path, changed("points: 2", "points: -2"))
    with pytest.raises(RubricErrors) as refused:
        load(tmp_path, KINDS)
    copy = pickle.loads(pickle.dumps(refused.value))
    assert copy.errors == refused.value.errors
    assert str(copy) == str(refused.value)


# --- what is said about a wrong one -----------------------------------------------------------------------------------


def test_no_course_here(tmp_path):
    for look in (lambda: load(tmp_path, KINDS), lambda: find_root(tmp_path)):
        with pytest.raises(RubricErrors) as refused:
            look()
        assert str(tmp_path) in str(refused.value)
        assert "--course" in str(refused.value)


def test_an_assignment_is_not_a_course(tmp_path):
    write(tmp_path)
    (error,) = errors_of(tmp_path / "reference/two_layers")
    assert "holds one assignment, not a course; name the folder above it" in error


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "the file is empty"),
        (b"# nothing yet\n", 1, "the file is empty"),
        (b"- a\n- b\n", 1, "assignment 'two_layers' must be a mapping (key: value), not a list"),
        (b"only words\n", 1, "must be a mapping (key: value), not the text 'only words'"),
        (
            b"a: 1\nb: [1, 2\nc: 3\n",
            3,
            "not valid YAML: while parsing a flow sequence: did not find expected ',' or ']'",
        ),
        (b"a:\n\t- b\n", 2, "found character that cannot start any token; indent with spaces, never with tabs"),
        (b"a: 1\nb: c: d\n", 2, "mapping values are not allowed in this context"),
        (b"a: *nowhere\n", 1, "not valid YAML: found undefined alias"),
        (b"a: 1\n---\nb: 2\n", 2, "not valid YAML: expected a single document in the stream"),
        (b"a: 1\nb: caf\xe9\n", 2, "byte 0xe9 is not UTF-8; save the file with the encoding UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "byte 0xff is not UTF-8"),
        (b"a: 1\nb: x\x00y\n", 2, "not valid YAML: the control character U+0000; delete it"),
        ("a: 1\nb: x\u2028y\n".encode(), 2, "the character U+2028 ends a line in YAML, and in no editor; delete it"),
        ("a: x\x85".encode(), 1, "the character U+0085 ends a line in YAML"),
        (b"a: &x [*x]\n", 1, "an alias that refers to the entry it stands in"),
        (b"a:\n  " + b"[" * 100_000, 2, "not valid YAML: it is nested more than 50 levels deep"),
        (b"- " * 1_000 + b"a\n", 1, "not valid YAML: it is nested more than 50 levels deep"),
        (
            b"".join(b"k%d: &k%d [*k%d]\n" % (n, n, n - 1) for n in range(1, 60)).replace(b"*k0", b"x"),
            1,
            "with its aliases, it is nested more than 50 levels deep",
        ),
        (b"a: " + b"[" * 5000, 1, "not valid YAML"),
        (b"x" * (2**20 + 1), 1, "the file is larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, content, line, message):
    errors = errors_of(write(tmp_path, content))
    assert any(error.startswith(f"{RUBRIC}:{line}: ") and message in error for error in errors), errors


def test_aliases_that_expand_without_bound(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (error,) = errors_of(write(tmp_path, "\n".join(lines)))
    assert "expand to more than 50,000 entries" in error


CRITERION = "{id: new, title: T, points: 1, check: values, of: loss"


@pytest.mark.parametrize(
    ("rubric", "line", "message"),
    [
        # keys
        (changed("points: 2", "poinst: 2"), 13, "unknown key 'poinst' in criterion 'loss'; did you mean 'points'?"),
        (changed("points: 2", "poinst: 2"), 11, "criterion 'loss' has no 'points'"),
        (changed("of: loss", "off: loss"), 15, "unknown key 'off' in criterion 'loss'; did you mean 'of'?"),
        (changed("of: loss", "case: handout"), 15, "unknown key 'case' in criterion 'loss'; did you mean 'cases'?"),
        (changed("    oracle:", "    orcale:"), 4, "unknown key 'orcale' in part 'backprop'; did you mean 'oracle'?"),
        (changed("    oracle:", "    orcale:"), 3, "part 'backprop' has no 'oracle'"),
        (changed("assignment:", "asignment:"), 1, "unknown key 'asignment' in assignment 'two_layers'; did you mean '"),
        (changed("parts:", "part:"), 1, "assignment 'two_layers' has no 'parts'"),
        (changed("    criteria:", "    criterions:"), 3, "part 'backprop' has no 'criteria'"),
        (changed("points: 2", "points: 2\n        points: 3"), 14, "the key 'points' is there twice (first in line 13"),
        (changed("points: 2", "[a]: 2\n        points: 3"), 13, "a key must be a word, not a list or a mapping"),
        (changed("  backward: {accepts", "  backward: {accept"), 7, "did you mean 'accepts'?"),
        (changed("returns: [gradients, loss]", ""), 7, "'backward' in 'functions' in part 'backprop' has no 'returns'"),
        # ids
        (changed("id: loss", "id: numpy_only"), 11, "the criterion id 'numpy_only' is there twice (first in line 10)"),
        (changed("id: loss", "id: Loss"), 11, "must be lower-case letters, digits and _, starting with a letter, not"),
        (changed("id: loss", "id: 1e3"), 11, "starting with a letter, not the number 1e3"),
        (changed("id: loss", "id: 12:30"), 11, "starting with a letter, not the text '12:30'"),
        (changed("id: loss", "id: [a]"), 11, "starting with a letter, not a list"),
        (changed("- id: loss\n        title", "- title"), 11, "criterion 2 of part 'backprop' has no 'id'"),
        (changed("id: backprop", "id: back-prop"), 3, "'id' in part 1 must be lower-case letters"),
        # types
        (changed("points: 2", "points: many"), 13, "'points' in criterion 'loss' must be a number, not the text 'many"),
        (changed("points: 2", "points: true"), 13, "must be a number, not true (true or false)"),
        (changed("points: 2", "points: -1"), 13, "'points' in criterion 'loss' must be a number >= 0.0, not the numbe"),
        (changed("points: 2", "points: 1e300"), 13, "must be a number <= 1000000.0, not the number 1e300"),
        (changed("points: 2", "points: 1e999"), 13, "the number 1e999 is too large"),
        (changed("points: 2", f"points: {'9' * 5000}"), 13, "is too large"),
        (changed("points: 2", "points: .nan"), 13, "must be a number, not the text '.nan'"),
        (changed("points: 2", "points: 010"), 13, "must be a number, not the text '010'"),
        (changed("points: 2", "points:"), 13, "'points' in criterion 'loss' is empty; write a value or leave the key"),
        (changed("title: The loss", "title: 2024"), 12, "must be text, not the number 2024; write it in quotes"),
        (changed("title: The loss", "title: ' '"), 12, "'title' in criterion 'loss' is empty; write a title"),
        (changed("of: loss", "of: {a: b}"), 15, "'of' in criterion 'loss' must be text or a list, not a mapping"),
        (changed("of: loss", "of: [loss, 5]"), 15, "an entry of 'of' in criterion 'loss' must be text, not the number"),
        (changed("points: 2", "points: !!int 2"), 13, "the tag '!!int' has no meaning in a rubric"),
        (changed("points: 2", "points: 2\n        <<: [a]"), 14, "'<<' merges mappings, not the text 'a'"),
        (ASSIGNMENT + "        tolerance: 5\n", 16, "must be a mapping (key: value), not the number 5"),
        (ASSIGNMENT + "        tolerance: {relative: no}\n", 16, "'relative' in 'tolerance' in criterion 'loss' must"),
        (ASSIGNMENT + "        tolerance: {relative: -1}\n", 16, "a tolerance is positive, got -1"),
        (ASSIGNMENT + "        points_by: [1]\n", 16, "'points_by' in criterion 'loss' must be a mapping (key: value)"),
        (ASSIGNMENT + "        mode: acept\n", 16, "must be one of accept, cost, not the text 'acept'; did you mean '"),
        (ASSIGNMENT + "        within: 0.3\n", 16, "'within' in criterion 'loss' must be a percentage with its unit"),
        (ASSIGNMENT + "        feedback: diagnoses\n", 16, "one of none, summary, facts, diagnosis, expected, not the"),
        (ASSIGNMENT + "        visible: no\n", 16, "must be one of always, after due date, never, not the text 'no'"),
        (ASSIGNMENT + "        visible: after due date\n", 16, "visible after the due date, but the assignment has no"),
        (ASSIGNMENT + "        cases: [5]\n", 16, "'cases' in criterion 'loss' must be a name or a list of names, not"),
        (ASSIGNMENT + "        needs:\n", 16, "'needs' in criterion 'loss' is empty"),
        ("parts:\n  - words\nassignment: A\n", 2, "part 1 must be a mapping (key: value), not the text 'words'"),
        ("parts: words\nassignment: A\n", 1, "'parts' in assignment 'two_layers' must be a list, not the text 'words'"),
        # nothing to grade
        ("assignment: A\nparts: []\n", 2, "'parts' in assignment 'two_layers' is empty; add at least one entry"),
        ("assignment: A\nparts:\n", 2, "'parts' in assignment 'two_layers' is empty; add at least one entry"),
        (ASSIGNMENT.partition("      - {")[0].replace("criteria:", "criteria: []"), 9, "'criteria' in part 'backprop'"),
        (ASSIGNMENT.replace("points: 1", "points: 0").replace("points: 2", "points: 0"), 1, "is worth 0 points in all"),
        # checks and references
        (changed("check: values", "check: valeus"), 14, "unknown check 'valeus' in criterion 'loss'; did you mean 'va"),
        (changed("        check: values\n", ""), 11, "criterion 'loss' has no 'check'"),
        (changed("of: loss", "of: lsos"), 15, "'of' in criterion 'loss': no function returns 'lsos'"),
        (ASSIGNMENT + "        points_by: {a: 1}\n", 16, "'points_by' in criterion 'loss': adds up to 1, not 2"),
        (ASSIGNMENT + "        cases: []\n", 11, "criterion 'loss' checks what functions return, but has no cases"),
        (ASSIGNMENT + "        cases: [handuot]\n", 16, "defines no case 'handuot'; did you mean 'handout'?"),
        (ASSIGNMENT + "        cases: [0 x handout]\n", 16, "must draw a whole number of times from 1 to 10000"),
        (changed("cases: [handout]", "cases: [\n      handout,\n      lost]"), 10, "defines no case 'lost'"),
        (changed("oracle_numpy.py", "oracle_nmupy.py"), 4, "there is no reference/two_layers/oracle_nmupy.py; did you"),
        (changed("oracle_numpy.py", "../oracle.py"), 4, "must be the name of a file in the assignment's folder, not '"),
        (changed("oracle_numpy.py", "cases.py"), 4, "cases.py does not define 'forward', which part 'backprop' asks f"),
        (changed("    cases: [", "    cases_file: more.py\n    cases: ["), 8, "'cases_file' in part 'backprop' is 'mo"),
        (changed("  forward:", "  fore-ward:"), 6, "'fore-ward' of function 'fore-ward' in part 'backprop' is not a P"),
        (changed("returns: [Y, H]", "returns: [Y, loss]"), 7, "returns 'loss', and so does function 'forward'"),
        (changed("returns: [Y, H]", "returns: [Y, Y]"), 6, "a name is there twice in 'returns' of function 'forward'"),
        (changed("returns: [Y, H]", "returns: []"), 6, "'returns' of function 'forward' in part 'backprop' is empty"),
        (changed("[Y, H]}", "[Y, H], also: [backward]}"), 7, "'backward' stands for both 'forward' and function 'back"),
        (changed("    cases: [", "    imports: [torch.nn]\n    cases: ["), 8, "must be a top-level module, without do"),
        (changed("    cases: [", "    files: [../a.py]\n    cases: ["), 8, "must be a plain file name, not '../a.py'"),
        # limits, dates, late
        (ASSIGNMENT + "        limits: {memory: 2}\n", 16, "'memory' in 'limits' in criterion 'loss' must be a size w"),
        (ASSIGNMENT + "        limits: {time: 5}\n", 16, "must be a time with its unit, as in '5 s', not the bare num"),
        (ASSIGNMENT + "        limits: {tmie: 5 s}\n", 16, "unknown key 'tmie' in 'limits' in criterion 'loss'; did y"),
        (ASSIGNMENT + "        limits: {processes: 0}\n", 16, "must be a whole number >= 1, not the number 0"),
        (ASSIGNMENT + "        limits: {processes: 1.5}\n", 16, "must be a whole number, not the number 1.5"),
        (ASSIGNMENT + "        limits: {total: 5 s}\n", 16, "'total' in 'limits' in criterion 'loss' has no effect th"),
        (ASSIGNMENT + "        limits: {time: 5 s, at_least: 1 s}\n", 16, "'at_least' in 'limits' in criterion 'loss'"),
        (ASSIGNMENT + "        limits: 5 s\n", 16, "'limits' in criterion 'loss' must be a mapping (key: value)"),
        (ASSIGNMENT + "due: 2026-11-20\n", 16, "'due' in assignment 'two_layers' has no time of day; write it like 20"),
        (ASSIGNMENT + "due: 2026-11-20T23:59\n", 16, "'due' in assignment 'two_layers' has no offset from UTC"),
        (ASSIGNMENT + "due:\n", 16, "'due' in assignment 'two_layers' is empty"),
        (ASSIGNMENT + "due: [1]\n", 16, "'due' in assignment 'two_layers' must be one value, not a list"),
        (ASSIGNMENT + "late: {per_day: 0.1}\n", 16, "'per_day' in 'late' in assignment 'two_layers' must be a percent"),
        # needs
        (ASSIGNMENT + "        needs: [nmupy_only]\n", 16, "needs 'nmupy_only', which is no criterion; did you mean '"),
        (ASSIGNMENT + "        needs: [other.loss]\n", 16, "needs 'other.loss', which is no criterion"),
        (ASSIGNMENT + "        needs: loss\n", 16, "criterion 'loss' needs itself; take one need away"),
        (with_criterion(CRITERION + "}", ASSIGNMENT + "        needs: new\n"), 16, "needs 'new', which comes after it"),
        (
            with_criterion(CRITERION + ", needs: [loss]}", ASSIGNMENT + "        needs: new\n"),
            16,
            "these criteria need each other: backprop.loss → backprop.new → backprop.loss; take one need away",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path, rubric, line, message):
    errors = errors_of(write(tmp_path, rubric))
    assert any(error.startswith(f"{RUBRIC}:{line}: ") and message in error for error in errors), "\n".join(errors)


@pytest.mark.parametrize(
    ("course", "line", "message"),
    [
        ("corse: A\n", 1, "unknown key 'corse' in the course; did you mean 'course'?"),
        ("corse: A\n", 1, "the course has no 'course'"),
        (COURSE + "include: [nowhere/*.yaml]\n", 2, "no file matches 'nowhere/*.yaml' below"),
        (COURSE + "include: [/etc/*.yaml]\n", 2, "'/etc/*.yaml', which is not a path below the course's folder"),
        (COURSE + "include: [../*/rubric.yaml]\n", 2, "which is not a path below the course's folder"),
        (COURSE + "include: ['reference/a**b/rubric.yaml']\n", 2, "which is not a pattern of paths"),
        (COURSE + "include: rubric\n", 2, "'include' in the course must be a list, not the text 'rubric'"),
        (
            COURSE + "weights: {two_lyaers: 2}\n",
            2,
            "'weights' names 'two_lyaers', which is no assignment of this course; did",
        ),
        (COURSE + "weights: {two_layers: -1}\n", 2, "'two_layers' in 'weights' in the course must be a number >= 0"),
        (
            COURSE + "defaults: {limit: 5}\n",
            2,
            "unknown key 'limit' in 'defaults' of the course; did you mean 'limits'?",
        ),
        (COURSE + "defaults: []\n", 2, "'defaults' of the course must be a mapping"),
        (COURSE + "late: {grace: 15}\n", 2, "'grace' in 'late' in the course must be a time with its unit"),
    ],
)
def test_a_mistake_in_the_course(tmp_path, course, line, message):
    errors = errors_of(write(tmp_path, course=course))
    assert any(error.startswith(f"rubric.yaml:{line}: ") and message in error for error in errors), "\n".join(errors)


def test_two_assignments_of_one_name(tmp_path):
    write(tmp_path, course=COURSE + "include: ['*/*/rubric.yaml']\n")
    other = tmp_path / "more/two_layers"
    other.mkdir(parents=True)
    for file in (tmp_path / "reference/two_layers").iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    assert any("the folder name 'two_layers' is there twice" in error for error in errors_of(tmp_path))


@pytest.mark.parametrize("name", ["cases.py", "oracle_numpy.py"])
@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"x = 1\ndef f(:\n", ":2: not valid Python"),
        (b"x = 1\n# \xff\n", ":2: byte 0xff is not UTF-8"),
        (None, "there is no"),
    ],
)
def test_a_broken_file_of_the_course(tmp_path, name, content, place):
    write(tmp_path)
    path = tmp_path / "reference/two_layers" / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    (error,) = errors_of(tmp_path)
    assert f"reference/two_layers/{name}" in error
    assert place in error


def test_course_code_is_not_run(tmp_path):
    write(tmp_path)
    for name in ("cases.py", "oracle_numpy.py"):
        path = tmp_path / "reference/two_layers" / name
        path.write_text(path.read_text() + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    load(tmp_path, KINDS)
    assert not (tmp_path / "ran").exists()


def test_all_mistakes_at_once(tmp_path):
    rubric = (
        ASSIGNMENT.replace("points: 2", "poinst: 2")
        .replace("points: 1", "points: one")
        .replace("oracle_numpy.py", "orcale.py")
        .replace("cases: [handout]", "cases: [handuot]")
    )
    errors = errors_of(write(tmp_path, rubric, COURSE + "laet: {}\n"))
    assert [error.partition(": ")[0] for error in errors] == [
        f"{RUBRIC}:4", f"{RUBRIC}:8", f"{RUBRIC}:10", f"{RUBRIC}:11", f"{RUBRIC}:13", "rubric.yaml:2",
    ]  # fmt: skip
    assert errors[4] == f"{RUBRIC}:13: unknown key 'poinst' in criterion 'loss'; did you mean 'points'?"


def test_a_need_of_a_broken_criterion_is_no_second_mistake(tmp_path):
    rubric = with_criterion(CRITERION + ", needs: [loss]}", changed("points: 2", "points: many"))
    assert len(errors_of(write(tmp_path, rubric))) == 1


def test_two_cycles_are_both_printed(tmp_path):
    rubric = ASSIGNMENT
    for name, need in [("a", "b"), ("b", "[a, c]"), ("c", "b")]:
        rubric = with_criterion(f"{{id: {name}, title: T, points: 1, check: imports, needs: {need}}}", rubric)
    errors = errors_of(write(tmp_path, rubric))
    cycles = {frozenset(re.findall(r"backprop\.(\w)", error)) for error in errors}
    assert cycles == {frozenset("ab"), frozenset("bc")}
