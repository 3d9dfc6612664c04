"""Slopes of a loss, their uncertainty, and what may be concluded about a gradient from them."""

from collections.abc import Callable

import numpy as np
import pytest

from grader.numerics.finite_difference import (
    Slope,
    choose_entries,
    judge_slopes,
    plan,
    slopes,
    slopes_from,
)
from grader.numerics.noise import Failure, noise_from, noise_points

Loss = Callable[[np.ndarray], float]
WEIGHTS = np.array([[0.3, -1.2], [2.0, 0.0]])
EVERY_ENTRY = choose_entries(WEIGHTS.shape, 10, np.random.default_rng(0))


def smooth(weights: np.ndarray) -> float:
    return float(np.sum(np.sin(weights) + weights**2) + 2.0)


def smooth_gradient(weights: np.ndarray) -> np.ndarray:
    gradient: np.ndarray = np.cos(weights) + 2 * weights
    return gradient


def single(weights: np.ndarray) -> float:
    """The smooth loss in single precision, and then divided, so that its precision no longer shows in its digits."""
    narrow = weights.astype(np.float32)
    return float(np.sum(np.sin(narrow) + narrow**2) + np.float32(2.0)) / 3.0


def raises(_: np.ndarray) -> float:
    raise RuntimeError("no such layer")


# --- slopes -----------------------------------------------------------------------------------------------------------


def test_the_slope_of_a_smooth_loss_is_right_and_known_to_be() -> None:
    found = slopes(smooth, WEIGHTS, EVERY_ENTRY)

    assert [slope.index for slope in found] == list(EVERY_ENTRY)
    for slope in found:
        error = abs(slope.value - smooth_gradient(WEIGHTS)[slope.index])
        assert error <= slope.uncertainty < 1e-7
        assert slope.step == pytest.approx(6e-6 * max(1.0, abs(WEIGHTS[slope.index])))


def test_a_loss_in_single_precision_gets_a_wider_step_and_a_wider_uncertainty() -> None:
    for slope in slopes(single, WEIGHTS, EVERY_ENTRY):
        error = abs(slope.value - smooth_gradient(WEIGHTS)[slope.index] / 3)
        assert error <= slope.uncertainty
        assert 1e-5 < slope.uncertainty < 0.1
        assert slope.step > 1e-3


def test_a_loss_in_half_precision_decides_nothing() -> None:
    def half(weights: np.ndarray) -> float:
        return float(np.sum(weights.astype(np.float16) ** 2, dtype=np.float16))

    found = slopes(half, WEIGHTS, EVERY_ENTRY)

    assert judge_slopes(2 * WEIGHTS, found, relative=1e-6).inconclusive


def test_scalars_have_one_entry_without_an_index() -> None:
    (slope,) = slopes(lambda bias: float(np.exp(bias)), np.array(0.0), [()])

    assert slope.value == pytest.approx(1.0, abs=1e-8)


def test_whole_and_single_precision_arrays_are_moved_in_double_precision() -> None:
    for at in (np.array([3], dtype=np.int64), np.array([3], dtype=np.float32)):
        (slope,) = slopes(lambda w: float(w[0] ** 2), at, [(0,)])
        assert slope.value == pytest.approx(6.0, abs=1e-7)


def test_the_array_handed_in_is_left_alone() -> None:
    at = WEIGHTS.copy()

    def vandal(weights: np.ndarray) -> float:
        value = smooth(weights)
        weights[:] = 99.0
        return value

    found = slopes(vandal, at, EVERY_ENTRY)

    assert (at == WEIGHTS).all()
    assert judge_slopes(smooth_gradient(WEIGHTS), found, relative=1e-6).agrees


@pytest.mark.parametrize("distance", [0.0, 0.1, 0.5, 0.7, 1.0, 1.5, 1.9])
def test_at_a_kink_neither_side_is_convicted(distance: float) -> None:
    at = np.array([distance * 6e-6, 1.0])
    found = slopes(lambda w: float(np.maximum(w, 0).sum() + 1.0), at, [(0,), (1,)])

    assert judge_slopes(np.array([1.0, 1.0]), found, relative=1e-6).where is not None
    assert not _is_convicted(judge_slopes(np.array([1.0, 1.0]), found, relative=1e-6))
    if distance == 0:
        assert not _is_convicted(judge_slopes(np.array([0.0, 1.0]), found, relative=1e-6))


def test_a_kink_at_one_entry_does_not_hide_a_mistake_at_another() -> None:
    found = slopes(
        lambda w: float(np.maximum(w, 0).sum() + 1.0), np.array([0.0, 1.0, 2.0, 3.0]), [(0,), (1,), (2,), (3,)]
    )

    result = judge_slopes(np.array([1.0, 1.0, 2.0, 1.0]), found, relative=1e-6)

    assert _is_convicted(result)
    assert result.where == (2,)


# --- losses that are no numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (raises, "your loss raised RuntimeError: no such layer"),
        (lambda _: float("nan"), "your loss is nan near this point"),
        (lambda _: float("inf"), "your loss is inf near this point"),
        (lambda _: np.zeros(2), "your loss returned float64 of shape (2,) instead of a number"),
        (lambda _: None, "your loss returned object of shape () instead of a number"),
        (lambda _: 0.0, "your loss is exactly 0 at every point tried, so it shows no slope"),
        (lambda w: 1e308 * float(np.sign(w[0, 0] - 0.3 + 1e-9)), "your loss changes too much to take its slope"),
    ],
)
def test_a_loss_without_a_slope_is_inconclusive_and_the_reason_is_told(loss: Loss, reason: str) -> None:
    found = slopes(loss, WEIGHTS, [(0, 0)])
    result = judge_slopes(np.zeros((2, 2)), found, relative=1e-6)

    assert np.isnan(found[0].value)
    assert found[0].uncertainty == float("inf")
    assert result.inconclusive
    assert not result.agrees
    assert result.reason == reason == found[0].reason


def test_a_failure_around_one_entry_leaves_the_others() -> None:
    def fragile(weights: np.ndarray) -> float:
        if weights[0, 0] > 0.3 + 5e-6:
            raise ValueError("too far")
        return smooth(weights)

    noise = noise_from([smooth(point) for point in noise_points(WEIGHTS)])
    planned = plan(WEIGHTS, EVERY_ENTRY, noise=noise)
    values: list[float | Failure] = []
    for point in planned.points():
        try:
            values.append(fragile(point))
        except ValueError:
            values.append(Failure("raised ValueError: too far"))
    found = slopes_from(planned, values)

    assert [slope.reason for slope in found] == ["your loss raised ValueError: too far", "", "", ""]
    assert judge_slopes(smooth_gradient(WEIGHTS), found, relative=1e-6).agrees


def test_a_random_loss_decides_nothing() -> None:
    rng = np.random.default_rng(5)

    found = slopes(lambda w: smooth(w) + float(rng.normal()), WEIGHTS, EVERY_ENTRY)

    assert not _is_convicted(judge_slopes(smooth_gradient(WEIGHTS), found, relative=1e-6))


# --- planning ---------------------------------------------------------------------------------------------------------


def test_the_split_form_gives_the_same_slopes() -> None:
    noise = noise_from([smooth(point) for point in noise_points(WEIGHTS)])
    planned = plan(WEIGHTS, EVERY_ENTRY, noise=noise)

    assert slopes_from(planned, [smooth(point) for point in planned.points()]) == slopes(smooth, WEIGHTS, EVERY_ENTRY)


def test_a_plan_can_be_walked_twice() -> None:
    planned = plan(WEIGHTS, [(1, 0)], noise=noise_from([1.0] * 13))

    assert [point.tolist() for point in planned.points()] == [point.tolist() for point in planned.points()]
    assert all((point != WEIGHTS).sum() == 1 for point in planned.points())


@pytest.mark.parametrize("entry", [(2, 0), (-1, 0), (0,), (0, 0, 0)])
def test_an_entry_that_does_not_exist_is_refused(entry: tuple[int, ...]) -> None:
    with pytest.raises(IndexError, match="is not an entry of an array of shape"):
        plan(WEIGHTS, [entry], noise=noise_from([1.0] * 13))


def test_the_number_of_values_must_be_that_of_the_points() -> None:
    with pytest.raises(ValueError, match="loss at 13 points, got 12"):
        noise_from([1.0] * 12)
    with pytest.raises(ValueError, match="loss at 4 points, got 3"):
        slopes_from(plan(WEIGHTS, [(0, 0)], noise=noise_from([1.0] * 13)), [1.0] * 3)


@pytest.mark.parametrize(
    ("loss", "lowest", "highest"),
    [(smooth, 1e-16, 1e-13), (single, 1e-9, 1e-5), (lambda _: 0.7, 1e-17, 1e-15), (lambda _: 0.5, 1e-4, 1e-3)],
)
def test_the_noise_of_a_loss_is_found(loss: Loss, lowest: float, highest: float) -> None:
    assert lowest < noise_from([loss(point) for point in noise_points(WEIGHTS)]).level < highest


@pytest.mark.parametrize(("shape", "count"), [((), 1), ((3,), 5), ((2, 3), 6), ((0, 3), 4)])
def test_all_entries_are_chosen_if_they_are_few(shape: tuple[int, ...], count: int) -> None:
    assert choose_entries(shape, count, np.random.default_rng(0)) == tuple(np.ndindex(shape))


def test_a_sample_holds_the_corners_and_is_repeatable() -> None:
    chosen = choose_entries((784, 128), 20, np.random.default_rng(7))

    assert chosen == choose_entries((784, 128), 20, np.random.default_rng(7))
    assert chosen != choose_entries((784, 128), 20, np.random.default_rng(8))
    assert {(0, 0), (0, 127), (783, 0), (783, 127)} <= set(chosen)
    assert len(set(chosen)) == 20
    assert list(chosen) == sorted(chosen)


def test_more_corners_than_places_are_cut() -> None:
    assert choose_entries((9, 9, 9), 3, np.random.default_rng(0)) == ((0, 0, 0), (0, 0, 8), (0, 8, 0))


def test_choosing_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        choose_entries((3,), 0, np.random.default_rng(0))


# --- judging ----------------------------------------------------------------------------------------------------------


def test_a_wrong_gradient_is_convicted_where_it_is_furthest_off() -> None:
    wrong = smooth_gradient(WEIGHTS)
    wrong[1, 0] *= 32

    result = judge_slopes(wrong, slopes(smooth, WEIGHTS, EVERY_ENTRY), relative=1e-6)

    assert _is_convicted(result)
    assert result.where == (1, 0)
    assert result.claimed == wrong[1, 0]
    assert result.slope == pytest.approx(wrong[1, 0] / 32)
    assert result.worst == pytest.approx(31 * abs(result.slope) / result.scale)
    assert (result.compared, result.undecided) == (4, 0)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_convicted(value: float) -> None:
    wrong = smooth_gradient(WEIGHTS)
    wrong[0, 1] = value

    result = judge_slopes(wrong, slopes(smooth, WEIGHTS, EVERY_ENTRY), relative=1e-6)

    assert _is_convicted(result)
    assert result.where == (0, 1)
    assert result.worst == float("inf")


def test_a_gradient_in_single_precision_agrees_with_a_loss_in_double() -> None:
    gradient = smooth_gradient(WEIGHTS).astype(np.float32)

    assert judge_slopes(gradient, slopes(smooth, WEIGHTS, EVERY_ENTRY), relative=1e-8).agrees


def test_an_imaginary_part_counts_as_an_error() -> None:
    found = slopes(smooth, WEIGHTS, EVERY_ENTRY)

    assert judge_slopes(smooth_gradient(WEIGHTS) + 0j, found, relative=1e-6).agrees
    assert _is_convicted(judge_slopes(smooth_gradient(WEIGHTS) + 1j, found, relative=1e-6))


def test_a_loss_that_does_not_depend_on_the_array_has_a_gradient_of_zero() -> None:
    found = slopes(lambda _: 0.7, WEIGHTS, EVERY_ENTRY)

    assert judge_slopes(np.zeros((2, 2)), found, relative=1e-6).agrees
    assert _is_convicted(judge_slopes(np.full((2, 2), 1e-3), found, relative=1e-6))


def test_the_scale_can_be_given() -> None:
    found = [Slope((0,), 1e-9, 0.0, 1e-5)]

    assert _is_convicted(judge_slopes(np.zeros(1), found, relative=1e-6))
    assert judge_slopes(np.zeros(1), found, relative=1e-6, scale=1.0).agrees


def test_most_slopes_must_be_able_to_decide() -> None:
    vague, exact = Slope((0,), 1.0, 0.5, 1e-5), Slope((1,), 1.0, 0.0, 1e-5)

    result = judge_slopes(np.ones(2), [vague, vague, exact], relative=1e-6)

    assert result.inconclusive
    assert "too noisy" in result.reason
    assert (result.compared, result.undecided) == (1, 2)
    assert judge_slopes(np.ones(2), [vague, exact, exact], relative=1e-6).agrees


def test_what_is_far_beyond_a_wide_uncertainty_is_convicted_all_the_same() -> None:
    assert _is_convicted(judge_slopes(np.full(1, 32.0), [Slope((0,), 1.0, 0.5, 1e-5)], relative=1e-6))


def test_nothing_compared_is_inconclusive() -> None:
    result = judge_slopes(np.zeros(0), [], relative=1e-6)

    assert result.inconclusive
    assert result.reason == "no entry was compared"


def _is_convicted(result: object) -> bool:
    return not (result.agrees or result.inconclusive)  # type: ignore[attr-defined]
