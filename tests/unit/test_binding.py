"""Which assignment a submission is for, and which definitions are the functions of a part."""

from pathlib import Path

import pytest

from grader.course.model import Assignment, Course, FunctionSpec, Part, Source
from grader.results import Location
from grader.sandbox.wire import Definition, Problem, SourceFacts
from grader.submission.binding import (
    Ambiguous,
    Bound,
    NotFound,
    Outcome,
    Unreadable,
    assignment_of,
    bind,
    files_for,
    manifest_findings,
    return_order,
)
from grader.submission.discover import Submission, SubmissionError, SubmittedFile
from grader.submission.manifest import Manifest

FORWARD = FunctionSpec("forward_propagation", ("X",), ("Y", "H"), also=("forward",))
BACK = FunctionSpec("back_propagation", ("X",), ("gradients", "loss"))


def part(*functions: FunctionSpec, files: tuple[str, ...] = ("backprop.py", "backprop*.ipynb")) -> Part:
    return Part("backprop", "By hand", functions or (FORWARD, BACK), "oracle.py", (), Source("r.yaml", 1), files=files)


def assignment(name: str, *files: str) -> Assignment:
    return Assignment(name, name, Path(name), Path(name, "rubric.yaml"), (part(files=files),))


def course(*assignments: Assignment) -> Course:
    return Course("A course", Path(), assignments)


TWO = course(assignment("backprop_to_lenet", "backprop.py", "hw1*.ipynb"), assignment("weights", "weights.py"))


def submission(*paths: str) -> Submission:
    files = tuple(SubmittedFile(path, Path("/alice", path), 0, "") for path in paths)
    return Submission("alice", Path("/alice"), files, (), "")


def chosen(*paths: str, manifest: Manifest | None = None, given: str | None = None, of: Course = TWO) -> str:
    return assignment_of(submission(*paths), manifest or Manifest(), of, given).id


def refusal(*paths: str, manifest: Manifest | None = None, given: str | None = None, of: Course = TWO) -> str:
    with pytest.raises(SubmissionError) as caught:
        assignment_of(submission(*paths), manifest or Manifest(), of, given)
    return str(caught.value)


# --- which assignment -------------------------------------------------------------------------------------------------


def test_each_source_can_answer_alone() -> None:
    assert chosen("weights/hw.py") == "weights"
    assert chosen("hw.py", manifest=Manifest("weights")) == "weights"
    assert chosen("weights.py") == "weights"
    assert chosen("hw1-final.ipynb") == "backprop_to_lenet"
    assert chosen("src/weights.py") == "weights"
    assert chosen("hw.py", given="weights") == "weights"


def test_a_name_that_several_assignments_share_is_settled_by_another() -> None:
    both = course(assignment("first", "networks.py", "backprop.py"), assignment("second", "networks.py"))
    assert chosen("networks.py", "backprop.py", of=both) == "first"
    assert "first and second" in refusal("networks.py", of=both)
    more = course(assignment("first", "networks.py", "backprop.py"), assignment("second", "networks.py", "answers.md"))
    assert chosen("networks.py", "answers.md", of=more) == "second"
    assert "first and second" in refusal("networks.py", "backprop.py", "answers.md", of=more)


def test_a_folder_and_a_manifest_count_before_file_names() -> None:
    assert chosen("weights/backprop.py") == "weights"
    assert chosen("backprop.py", manifest=Manifest("weights")) == "weights"


def test_given_chooses_among_several_answers() -> None:
    assert chosen("weights/a.py", "backprop_to_lenet/a.py", given="weights") == "weights"
    assert chosen("weights.py", "backprop.py", given="weights") == "weights"
    assert chosen("weights/a.py", "backprop_to_lenet/a.py", manifest=Manifest("weights")) == "weights"


@pytest.mark.parametrize(
    ("paths", "named", "given", "message"),
    [
        (
            ("weights/a.py", "backprop_to_lenet/a.py"),
            None,
            None,
            "its sub-folders say backprop_to_lenet and weights; give --assignment NAME to choose",
        ),
        (
            ("weights.py", "backprop.py"),
            None,
            None,
            "its file names say backprop_to_lenet and weights; give --assignment",
        ),
        (
            ("weights/a.py",),
            "backprop_to_lenet",
            None,
            "its sub-folders say weights; submission.yaml says backprop_to_lenet; make them agree",
        ),
        (
            ("weights/a.py",),
            None,
            "backprop_to_lenet",
            "its sub-folders say weights; --assignment says backprop_to_lenet; make them agree",
        ),
        (
            ("a.py",),
            "weights",
            "backprop_to_lenet",
            "submission.yaml says weights; --assignment says backprop_to_lenet; make them agree",
        ),
        (("weights.py",), None, "backprop_to_lenet", "its file names say weights; --assignment says backprop_to_lenet"),
    ],
)
def test_two_answers_are_both_listed(
    paths: tuple[str, ...], named: str | None, given: str | None, message: str
) -> None:
    text = refusal(*paths, manifest=Manifest(named), given=given)
    assert text.startswith("/alice: two answers to which assignment it is for: ")
    assert message in text


@pytest.mark.parametrize("of", [TWO, course(TWO.assignments[0])])
def test_no_answer_is_not_guessed_even_where_there_is_one_assignment(of: Course) -> None:
    text = refusal("hw.py", of=of)
    assert "nothing says which assignment it is for; give --assignment NAME, or write 'assignment: NAME'" in text
    assert "backprop_to_lenet" in text


def test_an_assignment_that_the_course_does_not_have() -> None:
    assert refusal("a.py", given="weigths") == (
        "--assignment names 'weigths', which the course does not have; did you mean 'weights'?"
    )
    text = refusal("a.py", manifest=Manifest("x", lines={"assignment": 3}))
    assert text == (
        "submission.yaml, line 3 names 'x', which the course does not have (there is backprop_to_lenet, weights)"
    )


def test_files_of_other_assignments_are_left_out() -> None:
    handed_in = submission("weights/a.py", "backprop_to_lenet/a.py", "shared/b.py", "c.py")
    kept = files_for(handed_in, TWO.assignments[1], TWO)
    assert [file.path for file in kept] == ["weights/a.py", "shared/b.py", "c.py"]


# --- which definitions ------------------------------------------------------------------------------------------------


def facts(path: str, *names: str, problem: Problem | None = None, kind: str = "function") -> SourceFacts:
    definitions = tuple(Definition(name, kind, 10 + i) for i, name in enumerate(names))  # type: ignore[arg-type]
    return SourceFacts(path, definitions, problem=problem)


def bound(spec: FunctionSpec, *sources: SourceFacts, parts: dict[str, str] | None = None) -> Outcome:
    manifest = Manifest(parts=parts or {}, lines={f"parts.{key}": 2 for key in parts or {}})
    return bind(part(), sources, manifest).functions[spec.name]


def test_functions_are_found_each_in_its_file() -> None:
    sources = (facts("a.py", "x", "forward_propagation"), facts("b.py", "back_propagation"))
    binding = bind(part(), sources, Manifest())
    assert binding.part_id == "backprop"
    assert binding.functions == {
        "forward_propagation": Bound("a.py", "forward_propagation", 11, None),
        "back_propagation": Bound("b.py", "back_propagation", 10, None),
    }


def test_another_accepted_name_counts_where_the_first_is_nowhere() -> None:
    assert bound(FORWARD, facts("a.py", "forward")) == Bound("a.py", "forward", 10, None)
    both = (facts("a.py", "forward"), facts("b.py", "forward_propagation"))
    assert bound(FORWARD, *both) == Bound("b.py", "forward_propagation", 10, None)


@pytest.mark.parametrize("kind", ["class", "variable"])
def test_anything_that_can_be_called_counts(kind: str) -> None:
    assert isinstance(bound(BACK, facts("a.py", "back_propagation", kind=kind)), Bound)


def test_an_imported_name_is_no_definition() -> None:
    sources = (facts("a.py", "back_propagation", kind="import"), facts("b.py", "back_propagation"))
    assert bound(BACK, *sources) == Bound("b.py", "back_propagation", 10, None)
    assert isinstance(bound(BACK, sources[0]), NotFound)


def test_two_candidates_are_both_listed_with_what_settles_it() -> None:
    in_notebook = SourceFacts("backprop.ipynb", (Definition("back_propagation", "function", 3, 7),))
    outcome = bound(BACK, facts("backprop.py", "back_propagation"), in_notebook)
    assert outcome == Ambiguous(
        "back_propagation is defined more than once: 'back_propagation' in backprop.py, line 10, and "
        "'back_propagation' in backprop.ipynb, cell 7, line 3. Keep one of them, or say in submission.yaml "
        "which one counts, as in 'parts: {backprop: backprop.py}'"
    )


def test_the_advice_of_an_ambiguity_settles_it() -> None:
    sources = (facts("a.py", "back_propagation"), facts("b.py", "back_propagation"))
    assert bound(BACK, *sources, parts={"backprop": "b.py"}) == Bound("b.py", "back_propagation", 10, None)
    spec = FunctionSpec("f", (), (), also=("g", "h"))
    twice = (facts("a.py", "g", "h"),)
    outcome = bind(part(spec), twice, Manifest()).functions["f"]
    assert isinstance(outcome, Ambiguous)
    assert "'parts: {backprop.f: a.py:g}'" in outcome.message
    settled = bind(part(spec), twice, Manifest(parts={"backprop.f": "a.py:g"})).functions["f"]
    assert settled == Bound("a.py", "g", 10, None)


def test_many_candidates_are_not_all_listed() -> None:
    outcome = bound(BACK, *(facts(f"{i}.py", "back_propagation") for i in range(100)))
    assert isinstance(outcome, Ambiguous)
    assert ", and 95 more. Keep one" in outcome.message


def test_what_is_missing_comes_with_what_is_near() -> None:
    sources = (facts("backprop.py", "x", "np", "backpropagation"), facts("b.py", "BackProp"))
    assert bound(BACK, *sources) == NotFound(
        "no function back_propagation was found in backprop.py, b.py; "
        "the nearest is 'backpropagation' in backprop.py, line 12, then 'BackProp' in b.py, line 10"
    )
    assert bound(FORWARD, facts("a.py", "x")) == NotFound(
        "no function forward_propagation (or forward) was found in a.py"
    )
    assert bound(FORWARD) == NotFound("no function forward_propagation (or forward) was found in no file")


def test_a_file_that_cannot_be_read_is_named_if_no_other_has_the_function() -> None:
    problem = Problem("syntax error: invalid syntax", line=4, cell=2)
    broken = facts("hw.ipynb", "forward_propagation", problem=problem)
    outcome = bound(BACK, facts("a.py", "back_propagatio"), broken)
    assert outcome == Unreadable("hw.ipynb", problem)
    assert isinstance(outcome, Unreadable)
    assert outcome.message == "hw.ipynb, cell 2, line 4: syntax error: invalid syntax"
    assert bound(BACK, broken, facts("a.py", "back_propagation")) == Bound("a.py", "back_propagation", 10, None)
    assert bound(FORWARD, broken) == Bound("hw.ipynb", "forward_propagation", 10, None)


def test_of_several_unreadable_files_the_declared_one_is_named() -> None:
    problem = Problem("it is not Python source")
    sources = (facts("a.py", problem=problem), facts("sub/backprop.py", problem=problem))
    assert bound(BACK, *sources) == Unreadable("sub/backprop.py", problem)


def test_the_manifest_names_file_and_function() -> None:
    sources = (facts("a.py", "mine", "back_propagation"), facts("b.py", "mine"))
    parts = {"backprop": "b.py", "backprop.back_propagation": "a.py:mine"}
    assert bound(BACK, *sources, parts=parts) == Bound("a.py", "mine", 10, None)
    assert bound(FORWARD, *sources, parts=parts) == NotFound(
        "no function forward_propagation (or forward) was found in b.py"
    )
    assert bound(BACK, *sources, parts={"backprop.back_propagation": "a.py:nine"}) == NotFound(
        "no function nine was found in a.py; the nearest is 'mine' in a.py, line 10"
    )


def test_a_manifest_that_names_no_file_of_the_submission() -> None:
    assert bound(BACK, facts("hw4.py", "back_propagation"), parts={"backprop": "hw.py"}) == NotFound(
        "submission.yaml, line 2 says that back_propagation is in 'hw.py', which is not among the files that were "
        "read; did you mean 'hw4.py'?"
    )


def test_one_name_for_a_part_of_several_functions_is_not_enough() -> None:
    assert bound(BACK, facts("hw.py", "f"), parts={"backprop": "hw.py:f"}) == NotFound(
        "submission.yaml, line 2 gives one name, but backprop has 2 functions; write one line for each, "
        "such as 'backprop.back_propagation: hw.py:f'"
    )
    alone = bind(part(BACK), (facts("hw.py", "f"),), Manifest(parts={"backprop": "hw.py:f"}))
    assert alone.functions["back_propagation"] == Bound("hw.py", "f", 10, None)


# --- what submission.yaml says ----------------------------------------------------------------------------------------


def test_a_declared_order_of_return_counts_if_it_is_one() -> None:
    assert return_order(BACK, Manifest()) == ("gradients", "loss")
    assert return_order(BACK, Manifest(returns={"back_propagation": ("loss", "gradients")})) == ("loss", "gradients")
    assert return_order(BACK, Manifest(returns={"back_propagation": ("loss", "loss")})) == ("gradients", "loss")


def test_entries_without_effect_are_findings() -> None:
    manifest = Manifest(
        parts={"backprop": "a.py", "backprob": "a.py", "backprop.back_propagation": "a.py", "x": "a.py"},
        returns={"back_prop": ("loss",), "back_propagation": ("loss",), "forward_propagation": ("H", "Y")},
        lines={"parts.backprob": 3, "parts.x": 5, "returns.back_prop": 7, "returns.back_propagation": 8},
    )
    findings = manifest_findings(manifest, TWO.assignments[0])
    assert [(finding.text, finding.where) for finding in findings] == [
        (
            "backprop_to_lenet has no part 'backprob'; did you mean 'backprop'?; the line has no effect",
            Location("submission.yaml", 3),
        ),
        (
            "backprop_to_lenet has no part 'x' (there is backprop, backprop.forward_propagation, "
            "backprop.back_propagation); the line has no effect",
            Location("submission.yaml", 5),
        ),
        (
            "backprop_to_lenet asks for no function 'back_prop'; did you mean 'back_propagation'?; "
            "the line has no effect",
            Location("submission.yaml", 7),
        ),
        (
            "back_propagation returns gradients, loss, in any order, each once; this says 'loss'; "
            "the line has no effect",
            Location("submission.yaml", 8),
        ),
    ]
