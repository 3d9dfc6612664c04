import numpy as np
import pytest

from grader.checks.agreement import Tolerance, agreement, axis_findings
from grader.checks.base import Seen
from grader.sandbox import wire


def seen(actual, expected, case="case one"):
    return Seen(case, {} if actual is None else {"W1": actual}, {"W1": np.asarray(expected, float)})


def test_the_worst_case_decides():
    right, wrong = np.array([1.0, 2.0]), np.array([1.0, 2.5])
    found = agreement("W1", (seen(right, right, "first"), seen(wrong, right, "second"), seen(right, right)), 1e-6)
    assert not found.agrees
    assert (found.case, found.place, found.own, found.expected) == ("second", "W1[1]", "2.5", "2")
    assert found.worst == pytest.approx(0.25)
    assert found.cases == 3


def test_a_small_error_against_the_scale_of_the_array_agrees():
    expected = np.array([1e-9, 1.0])
    assert agreement("W1", (seen(np.array([1.1e-8, 1.0]), expected),), 1e-6).agrees


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "W1 was not returned."),
        ("a string", "W1 is not an array of numbers: it is the string 'a string'."),
        (wire.Opaque("list", "its rows have different lengths, so it is not an array"), "its rows have different"),
        ((np.ones(2), np.ones(2)), "it is 2 values"),
        (np.ones((2, 3)), "W1 has the shape (2, 3), which is not the one the handout asks for."),
        (np.ones(0), "W1 is empty."),
    ],
    ids=["absent", "string", "ragged", "tuple", "shape", "empty"],
)
def test_what_is_not_the_array_is_said_in_words(value, words):
    found = agreement("W1", (seen(value, [1.0, 2.0]),), 1e-6)
    assert not found.agrees
    assert words in found.complaint


def test_nan_and_infinity_never_agree():
    for bad in (np.nan, np.inf, -np.inf):
        found = agreement("W1", (seen(np.array([1.0, bad]), [1.0, 2.0]),), 1e-6)
        assert not found.agrees
        assert found.place == "W1[1]"
        assert found.measurement.value is None


def test_axes_of_length_one_agree_and_are_mentioned_once():
    items = [agreement("W1", (seen(np.ones((2, 1)), np.ones(2)), seen(np.ones(2), np.ones(2))), 1e-6)]
    assert items[0].agrees
    (finding,) = axis_findings(items)
    assert finding.kind == "shape-extra-axis"
    assert not finding.costs_points


def test_nothing_is_mentioned_where_shapes_are_exact():
    assert axis_findings([agreement("W1", (seen(np.ones(2), np.ones(2)),), 1e-6)]) == ()


@pytest.mark.parametrize("relative", [0, -1e-6, 1, 2])
def test_a_tolerance_is_a_small_positive_share(relative):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Tolerance(relative)
