"""Comparison of arrays: what agrees, what does not, and what the result says about it."""

import numpy as np
import pytest

from grader.numerics.compare import (
    DOUBLE_EPSILON,
    HALF_EPSILON,
    SINGLE_EPSILON,
    WIDEST_BOUND,
    Comparison,
    ShapeMatch,
    compare,
    machine_epsilon,
    match_shapes,
)


def array(*values: complex) -> np.ndarray:
    return np.array(values)


def test_the_error_is_relative_to_the_largest_expected_entry() -> None:
    result = compare(array(0.0, 100.0, -2.0), array(0.0, 100.0, -1.0), relative=1e-6)

    assert not result.agrees
    assert result.worst == pytest.approx(0.01)
    assert result.where == (2,)
    assert result.bound == 1e-6


@pytest.mark.parametrize(("error", "agrees"), [(0.9e-6, True), (1.1e-6, False)])
def test_the_bound_is_where_agreement_ends(error: float, agrees: bool) -> None:
    assert compare(array(3.0 + 3 * error, 1.0), array(3.0, 1.0), relative=1e-6).agrees is agrees


def test_the_handout_s_rounded_figures_agree_within_their_rounding() -> None:
    printed = array(0.00492, -0.000581, -0.00066)
    exact = array(0.00492576663, -0.000580228684, -0.000659765095)

    assert compare(printed, exact, relative=2e-3).agrees
    assert not compare(printed, exact, relative=1e-3).agrees


# --- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected", "match"),
    [
        ((3,), (3,), ShapeMatch.EXACT),
        ((3, 1), (3,), ShapeMatch.SINGLETON),
        ((1, 3), (3,), ShapeMatch.SINGLETON),
        ((1, 3), (3, 1), ShapeMatch.SINGLETON),
        ((), (1,), ShapeMatch.SINGLETON),
        ((1, 1), (), ShapeMatch.SINGLETON),
        ((2, 1, 3), (2, 3), ShapeMatch.SINGLETON),
        ((3, 2), (2, 3), ShapeMatch.DIFFERENT),
        ((6,), (2, 3), ShapeMatch.DIFFERENT),
        ((0, 3), (0,), ShapeMatch.DIFFERENT),
    ],
)
def test_shapes(actual: tuple[int, ...], expected: tuple[int, ...], match: ShapeMatch) -> None:
    assert match_shapes(actual, expected) is match
    assert match_shapes(expected, actual) is match


def test_additional_axes_of_length_one_agree_and_are_told() -> None:
    result = compare(array(1.0, 2.0, 3.0).reshape(3, 1), array(1.0, 2.0, 3.0), relative=1e-8)

    assert result.agrees
    assert result.shape is ShapeMatch.SINGLETON
    assert "(3, 1) where (3,) is asked for" in result.notes[0]


def test_the_worst_entry_is_indexed_in_the_array_that_was_handed_in() -> None:
    assert compare(array(1.0, 2.0, 9.0).reshape(3, 1), array(1.0, 2.0, 3.0), relative=1e-8).where == (2, 0)


def test_another_shape_never_agrees() -> None:
    result = compare(np.zeros(6), np.zeros((2, 3)), relative=1.0)

    assert not result.agrees
    assert result.worst == float("inf")
    assert not result.transposed


@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_a_transpose_does_not_agree_and_is_recognised(shape: tuple[int, ...]) -> None:
    expected = np.arange(np.prod(shape), dtype=float).reshape(shape)

    result = compare(expected.T, expected, relative=1e-8)

    assert not result.agrees
    assert result.transposed


def test_a_reversed_shape_with_other_values_is_not_called_transposed() -> None:
    assert not compare(np.ones((3, 2)), np.zeros((2, 3)), relative=1e-8).transposed


def test_empty_arrays_agree_and_say_that_nothing_was_compared() -> None:
    result = compare(np.zeros((0, 3)), np.zeros((0, 3)), relative=1e-8)

    assert result == Comparison(
        agrees=True,
        worst=0.0,
        where=(),
        bound=1e-8,
        shape=ShapeMatch.EXACT,
        finite=True,
        notes=("There are no entries to compare.",),
    )


def test_scalars() -> None:
    assert compare(np.array(2.0), np.array(2.0), relative=1e-8).agrees
    assert compare(np.array(2.1), np.array(2.0), relative=1e-8).where == ()


# --- numbers that are not finite, huge or tiny ------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, complex(0, np.nan)])
def test_the_first_number_that_is_not_finite_is_pointed_at(value: complex) -> None:
    result = compare(np.array([[1.0, 2.0], [value, value]]), np.ones((2, 2)), relative=1e-8)

    assert not result.agrees
    assert not result.finite
    assert result.worst == float("inf")
    assert result.where == (1, 0)


def test_what_is_not_finite_is_pointed_at_in_another_shape_too() -> None:
    result = compare(array(1.0, np.nan), np.ones(3), relative=1e-8)

    assert (result.finite, result.where) == (False, (1,))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_expected_number_that_is_not_finite_is_the_callers_error(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        compare(array(1.0), array(value), relative=1e-8)


def test_differences_of_huge_numbers_do_not_overflow() -> None:
    result = compare(array(-1.7e308, 1e308), array(1.7e308, 1e308), relative=1e-8)

    assert result.worst == pytest.approx(2.0)
    assert compare(array(1.7e308), array(1.7e308), relative=1e-8).agrees


def test_a_huge_answer_to_a_small_question_disagrees() -> None:
    assert not compare(array(1.7e308), array(1e-300), relative=1e-8).agrees


def test_subnormal_numbers_count_as_rounding_unless_the_floor_says_otherwise() -> None:
    assert compare(array(5e-324, 0.0), array(0.0, 0.0), relative=1e-8).agrees
    assert compare(array(2e-310), array(1e-310), relative=1e-8).agrees
    assert not compare(array(2e-290), array(1e-290), relative=1e-8, floor=1e-290).agrees


# --- where everything cancels -----------------------------------------------------------------------------------------


def test_rounding_where_zero_is_expected_agrees_and_a_mistake_does_not() -> None:
    assert compare(np.full(3, 4e-16), np.zeros(3), relative=1e-8).agrees
    assert not compare(np.full(3, 1e-12), np.zeros(3), relative=1e-8).agrees


def test_a_vanishing_gradient_is_still_told_from_a_wrong_one() -> None:
    gradient = np.array([1e-9, -3e-10])

    assert compare(gradient * (1 + 1e-12), gradient, relative=1e-8).agrees
    assert not compare(gradient * 1.01, gradient, relative=1e-8).agrees


def test_the_floor_is_the_size_of_the_numbers_that_cancelled() -> None:
    assert not compare(array(1e-10), array(0.0), relative=1e-8).agrees
    assert compare(array(1e-10), array(0.0), relative=1e-8, floor=1e6).agrees


# --- precision --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "epsilon"),
    [
        (np.array([0.1], dtype=np.float16), HALF_EPSILON),
        (np.array([0.1], dtype=np.float32), SINGLE_EPSILON),
        (np.array([0.1j], dtype=np.complex64), SINGLE_EPSILON),
        (np.array([0.1]), DOUBLE_EPSILON),
        (np.array([0.1j]), DOUBLE_EPSILON),
        (np.array([float(np.float32(0.1))]), SINGLE_EPSILON),
        (np.array([0.0, 0.5, 3.0]), DOUBLE_EPSILON),
        (np.array([float(np.float32(0.1)), 0.1]), DOUBLE_EPSILON),
        (np.array([1e300]), DOUBLE_EPSILON),
        (np.array([1, 2]), DOUBLE_EPSILON),
        (np.array([True]), DOUBLE_EPSILON),
        (np.array([]), DOUBLE_EPSILON),
    ],
)
def test_the_precision_that_numbers_show(values: np.ndarray, epsilon: float) -> None:
    assert machine_epsilon(values) == epsilon


@pytest.mark.parametrize("hidden", [False, True])
def test_single_precision_widens_the_tolerance_and_says_so(hidden: bool) -> None:
    exact = np.random.default_rng(3).normal(size=50)
    single = exact.astype(np.float32)
    actual = single.astype(np.float64) if hidden else single

    result = compare(actual, exact, relative=1e-8)

    assert result.agrees
    assert result.bound == pytest.approx(6.1e-5, rel=0.01)
    assert "single-precision" in result.notes[0]
    assert not compare((single * np.float32(1.001)), exact, relative=1e-8).agrees


def test_half_precision_is_held_to_the_widest_bound() -> None:
    exact = np.random.default_rng(3).normal(size=50)

    result = compare(exact.astype(np.float16), exact, relative=1e-8)

    assert result.agrees
    assert result.bound == WIDEST_BOUND
    assert "half-precision" in result.notes[0]
    assert not compare((exact * 1.02).astype(np.float16), exact, relative=1e-8).agrees


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.int64])
def test_whole_numbers_and_booleans_are_numbers(dtype: type) -> None:
    assert compare(np.array([0, 1, 1], dtype=dtype), array(0.0, 1.0, 1.0), relative=1e-8).agrees
    assert not compare(np.array([0, 1, 0], dtype=dtype), array(0.0, 1.0, 1.0), relative=1e-8).agrees


def test_unsigned_differences_do_not_wrap() -> None:
    result = compare(np.array([0], dtype=np.uint8), np.array([1], dtype=np.uint8), relative=1e-8)

    assert result.worst == 1.0


def test_complex_numbers_without_an_imaginary_part_agree_and_are_told() -> None:
    result = compare(array(1 + 0j, 2 + 0j), array(1.0, 2.0), relative=1e-8)

    assert result.agrees
    assert "every imaginary part is 0" in result.notes[0]


def test_an_imaginary_part_is_an_error_where_real_numbers_are_expected() -> None:
    assert compare(array(1 + 0j, 2 + 1j), array(1.0, 2.0), relative=1e-8).worst == pytest.approx(0.5)


def test_complex_numbers_are_compared_with_complex_ones() -> None:
    assert compare(array(1 + 1j), array(1 + 1j), relative=1e-8).agrees
    assert not compare(array(1 - 1j), array(1 + 1j), relative=1e-8).agrees


# --- callers' errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("relative", [-1e-9, np.nan, np.inf])
def test_a_tolerance_must_be_finite_and_not_negative(relative: float) -> None:
    with pytest.raises(ValueError, match="relative tolerance"):
        compare(array(1.0), array(1.0), relative=relative)


@pytest.mark.parametrize("floor", [0.0, -1.0, np.nan, np.inf])
def test_a_floor_must_be_positive_and_finite(floor: float) -> None:
    with pytest.raises(ValueError, match="floor"):
        compare(array(1.0), array(1.0), relative=1e-8, floor=floor)


@pytest.mark.parametrize("values", [np.array(["1"]), np.array([None])])
def test_what_does_not_hold_numbers_is_refused(values: np.ndarray) -> None:
    with pytest.raises(TypeError, match="actual array must hold numbers"):
        compare(values, array(1.0), relative=1e-8)
    with pytest.raises(TypeError, match="expected array must hold numbers"):
        compare(array(1.0), values, relative=1e-8)
