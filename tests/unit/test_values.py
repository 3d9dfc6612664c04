import re

import numpy as np
import pytest

from grader.checks.base import Seen
from grader.checks.values import Values, ValuesOptions
from grader.results import Evidence, Verdict

RIGHT = {"Y": np.array([0.25, 0.5]), "H": np.array([[0.125, 2.0], [3.0, 4.0]])}


def judge(make_criterion, actual, points_by=None, cases=1):
    options = ValuesOptions(of=("Y", "H"), points_by=points_by or {})
    return Values().judge((Seen('case "handout"', actual, RIGHT),) * cases, make_criterion(options, points=4.0))


def test_right_values_get_everything(make_criterion):
    judgement = judge(make_criterion, RIGHT, cases=3)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PASS, 1.0)
    assert judgement.evidence is Evidence.VERIFIED
    assert judgement.feedback.summary == "Y and H agree with the reference on 3 cases."
    assert [m.name for m in judgement.measurements] == [f"{n}: worst error relative to its scale" for n in ("Y", "H")]


def test_without_points_by_it_is_all_or_nothing(make_criterion):
    judgement = judge(make_criterion, {**RIGHT, "Y": np.array([0.25, 0.75])})
    assert (judgement.verdict, judgement.fraction) == (Verdict.FAIL, 0.0)
    assert [row[4] for row in judgement.feedback.table.rows] == ["0 of 2", "0 of 2"]


def test_points_by_gives_each_value_its_own(make_criterion):
    judgement = judge(make_criterion, {**RIGHT, "Y": np.array([0.25, 0.75])}, {"Y": 1, "H": 3})
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.75)
    assert [row[4] for row in judgement.feedback.table.rows] == ["0 of 1", "3 of 3"]
    assert judgement.feedback.summary == "Y differs from what the handout asks for; the other one agrees."


def test_nothing_of_the_oracle_shows_below_expected(make_criterion):
    """Every number in what a student may read is the student's own, a tolerance, a size, or a power of ten."""
    expected = {"Y": np.array([0.7313, 0.2914])}
    judgement = Values().judge(
        (Seen('case "handout"', {"Y": np.array([0.5, 0.25])}, expected),), make_criterion(ValuesOptions(of="Y"))
    )
    feedback = judgement.feedback
    shown = " ".join([feedback.summary, *feedback.facts, *(d.text for d in feedback.diagnoses), str(feedback.table)])
    assert not re.search(r"0\.7|0\.29|0\.31|0\.23|0\.04", shown), shown
    assert "0.7313" in " ".join(feedback.expected)


def test_values_in_another_order_are_recognised(make_criterion):
    other = {"Y": np.array([1.0, 2.0]), "Z": np.array([3.0, 4.0])}
    seen = Seen("c", {"Y": other["Z"], "Z": other["Y"]}, other)
    judgement = Values().judge((seen,), make_criterion(ValuesOptions(of=("Y", "Z"))))
    assert judgement.verdict is Verdict.FAIL
    assert [d.id for d in judgement.feedback.diagnoses] == ["values-reordered"]
    assert "the value in Y's place is Z and the value in Z's place is Y" in judgement.feedback.diagnoses[0].text


def test_wrong_values_are_not_called_reordered(make_criterion):
    other = {"Y": np.array([1.0, 2.0]), "Z": np.array([3.0, 4.0])}
    seen = Seen("c", {"Y": other["Z"], "Z": np.array([7.0, 7.5])}, other)
    judgement = Values().judge((seen,), make_criterion(ValuesOptions(of=("Y", "Z"))))
    assert "values-reordered" not in [d.id for d in judgement.feedback.diagnoses]


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        (ValuesOptions(of="Q"), "of", "returns 'Q'; they return Y, Z2, H, Z1, gradients, loss"),
        (ValuesOptions(of=()), "of", "names no value"),
        (ValuesOptions(of=("Y", "H"), points_by={"Y": 1, "H": 2}), "points_by", "adds up to 3, the criterion has 4"),
        (ValuesOptions(of=("Y", "H"), points_by={"Y": 4}), "points_by", "gives points to Y, but the values are Y, H"),
        (ValuesOptions(of=("Y", "H"), points_by={"Y": 5, "H": -1}), "points_by", "not negative"),
    ],
)
def test_what_a_rubric_gets_wrong_is_named(backprop, options, field, words):
    problems = list(options.problems(points=4.0, part=backprop))
    assert any(where == field and words in text for where, text in problems), problems


def test_a_right_rubric_has_no_problems(backprop):
    assert not list(ValuesOptions(of=("Y", "H"), points_by={"Y": 1, "H": 3}).problems(points=4.0, part=backprop))
