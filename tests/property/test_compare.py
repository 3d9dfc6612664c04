"""Comparison of arrays, over arrays that hypothesis makes up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.numerics.compare import ShapeMatch, compare

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY_ARRAY = npst.arrays(np.float64, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
FINITE_ARRAY = npst.arrays(np.float64, npst.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=FINITE)
SEED = st.integers(0, 2**32 - 1)


@given(FINITE_ARRAY)
def test_an_array_agrees_with_itself(values: np.ndarray) -> None:
    result = compare(values, values, relative=0.0)

    assert result.agrees
    assert result.worst == 0


@given(ANY_ARRAY, FINITE_ARRAY)
def test_nothing_raises_or_warns_and_what_is_claimed_is_consistent(actual: np.ndarray, expected: np.ndarray) -> None:
    result = compare(actual, expected, relative=1e-8)

    assert result.finite == bool(np.isfinite(actual).all())
    assert result.agrees == (result.worst <= result.bound)
    assert not np.isnan(result.worst)
    if result.where:
        actual[result.where]
    if result.shape is ShapeMatch.DIFFERENT or not result.finite:
        assert not result.agrees


@given(
    npst.arrays(np.complex128, 3),
    npst.arrays(np.complex128, 3, elements=st.complex_numbers(allow_nan=False, allow_infinity=False)),
)
def test_complex_arrays_neither_raise_nor_warn(actual: np.ndarray, expected: np.ndarray) -> None:
    result = compare(actual, expected, relative=1e-8)

    assert result.agrees == (result.worst <= result.bound)


@given(SEED, st.floats(-12, 12), st.floats(1e-5, 1e3))
def test_the_verdict_does_not_depend_on_the_unit(seed: int, exponent: float, error: float) -> None:
    rng = np.random.default_rng(seed)
    expected = rng.normal(size=(4, 3))
    actual = expected + error * rng.choice([-1.0, 1.0], size=expected.shape) * np.abs(expected).max()
    unit = 10.0**exponent

    result = compare(actual * unit, expected * unit, relative=error * 1.001, floor=unit)

    assert result.agrees
    assert not compare(actual * unit, expected * unit, relative=error * 0.999, floor=unit).agrees


@given(SEED, st.integers(1, 300), st.integers(1, 200), st.sampled_from([1.0, 1 / 255, 10.0]))
def test_a_layer_computed_in_single_precision_agrees(seed: int, examples: int, features: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    inputs, weights = rng.normal(size=(examples, features)) * scale, rng.normal(size=(features, 7))
    targets = rng.integers(0, 2, size=(examples, 7))

    def gradient(x: np.ndarray, w: np.ndarray) -> np.ndarray:
        outputs = 1 / (1 + np.exp(-np.clip(x @ w, -50, 50)))
        result: np.ndarray = (
            x.T @ ((outputs - targets.astype(x.dtype)) * outputs * (1 - outputs)) / x.dtype.type(examples)
        )
        return result

    exact = gradient(inputs, weights)
    single = gradient(inputs.astype(np.float32), weights.astype(np.float32))

    floor = max(1.0, float(np.abs(inputs).max()))
    assert compare(single, exact, relative=1e-8, floor=floor).agrees
    assert compare(single.astype(np.float64), exact, relative=1e-8, floor=floor).agrees
