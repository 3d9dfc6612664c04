import numpy as np
import pytest

from grader.checks.base import Seen
from grader.checks.shapes import Shapes, ShapesOptions
from grader.results import Verdict
from grader.sandbox import wire


def judge(make_criterion, value, expected, singleton_axes="accept"):
    actual = {} if value is None else {"b1": value}
    criterion = make_criterion(ShapesOptions(of="b1", singleton_axes=singleton_axes), kind="shapes")
    return Shapes().judge((Seen("case one", actual, {"b1": np.zeros(expected)}),), criterion)


def test_wrong_numbers_of_the_right_shape_pass(make_criterion):
    assert judge(make_criterion, np.full(3, np.nan), (3,)).verdict is Verdict.PASS


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1, 3, 1)])
def test_axes_of_length_one_pass_with_a_finding(make_criterion, shape):
    judgement = judge(make_criterion, np.zeros(shape), (3,))
    assert judgement.verdict is Verdict.PASS
    assert [finding.kind for finding in judgement.findings] == ["shape-extra-axis"]


def test_axes_of_length_one_cost_where_the_rubric_says_so(make_criterion):
    judgement = judge(make_criterion, np.zeros((3, 1)), (3,), "cost")
    assert judgement.verdict is Verdict.FAIL
    assert judgement.feedback.summary == "b1 does not have the shape the handout asks for."


@pytest.mark.parametrize(
    ("value", "own"),
    [
        (np.zeros((2, 3)), "(2, 3)"),
        (np.zeros(()), "scalar"),
        (None, "(not returned)"),
        (wire.Opaque("list", "its rows have different lengths, so it is not an array"), "rows have different lengths"),
    ],
)
def test_another_shape_fails_and_shows_the_students_own(make_criterion, value, own):
    judgement = judge(make_criterion, value, (3, 2))
    assert judgement.verdict is Verdict.FAIL
    assert own in judgement.feedback.table.rows[0][1]
    assert "(3, 2)" not in " ".join([judgement.feedback.summary, *judgement.feedback.facts])
