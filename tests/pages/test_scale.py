import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.pages.scale import LARGEST, axis, axis_by_powers, counting_marks, is_drawn, kept, written

numbers = st.floats(-LARGEST, LARGEST)


def test_an_axis_ends_at_round_numbers_around_all_values() -> None:
    scale, ticks = axis([0.13, 0.97], 0.0, 100.0)
    assert [written(tick) for tick in ticks] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert (scale(0.0), scale(1.0)) == (0.0, 100.0)
    assert scale(0.25) == pytest.approx(25.0)


def test_an_axis_may_run_downwards() -> None:
    scale, _ = axis([0.0, 1.0], 200.0, 0.0)
    assert scale(1.0) == 0.0
    assert scale(0.25) == pytest.approx(150.0)


@settings(deadline=None, max_examples=50)
@given(st.lists(numbers, max_size=5))
def test_an_axis_holds_whatever_is_drawn(values: list[float]) -> None:
    scale, ticks = axis(values, 10.0, 110.0)
    assert 2 <= len(ticks) <= 12
    assert list(ticks) == sorted(set(ticks))
    for value in values:
        assert 10.0 - 1e-6 <= scale(value) <= 110.0 + 1e-6
    slack = 1e-8 * max(map(abs, (scale.low, scale.high))) + 1e-90
    assert scale.low - slack <= min(values, default=0.0)
    assert scale.high + slack >= max(values, default=0.0)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(1e-90, 1e90), min_size=1, max_size=5))
def test_an_axis_by_powers_holds_whatever_is_drawn(values: list[float]) -> None:
    scale, ticks = axis_by_powers(values, 0.0, 100.0)
    assert 2 <= len(ticks) <= 7
    assert scale(scale.low) == pytest.approx(0.0)
    assert scale(scale.high) == pytest.approx(100.0)
    for value in values:
        assert scale.low <= value * (1 + 1e-9)
        assert value <= scale.high * (1 + 1e-9)


def test_equal_steps_by_powers() -> None:
    scale, _ = axis_by_powers([1e-8, 1.0], 0.0, 80.0)
    assert scale(1e-6) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("count", "expected"), [(1, (1,)), (5, (1, 2, 3, 4, 5)), (20, (1, 5, 10, 15, 20)), (40, (1, 10, 20, 30, 40))]
)
def test_epochs_are_marked_at_round_numbers(count: int, expected: tuple[int, ...]) -> None:
    assert counting_marks(count) == expected


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000_000))
def test_few_epochs_are_marked_however_many_there_are(count: int) -> None:
    marks = counting_marks(count)
    assert len(marks) <= 10
    assert len(set(marks)) == len(marks)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 5000), st.integers(2, 400))
def test_what_is_thinned_out_keeps_both_ends(count: int, at_most: int) -> None:
    places = list(kept(count, at_most))
    assert len(places) == min(count, at_most)
    assert places == sorted(set(places))
    if count:
        assert (places[0], places[-1]) == (0, count - 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.25, "0.25"), (12_000.0, "12,000"), (1e-6, "1e-06"), (0.97, "0.97"), (-3.0, "-3"), (2e9, "2e+09")],
)
def test_numbers_are_written_short(value: float, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 1e200])
def test_what_has_no_place_is_not_drawn(value: float | None) -> None:
    assert not is_drawn(value)
