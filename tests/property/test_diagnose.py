"""Diagnoses are found wherever the pattern is, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from grader.numerics.diagnose import PATTERN_IDS, Pair, Pattern, Subject, diagnose

SEED = st.integers(0, 2**32 - 1)
SHAPE = st.sampled_from([(3, 2), (3,), (2, 1), (5, 5), (40,), ()])
FACTS = {"examples": 32, "features": 7, "classes": 10}


def diagnosed(claimed: np.ndarray, right: np.ndarray, subject: Subject) -> tuple[Pattern, ...]:
    return diagnose({"A": Pair.whole(claimed, right)}, subject=subject, facts=FACTS)


@pytest.mark.parametrize("subject", list(Subject))
@given(seed=SEED, shape=SHAPE, dtype=st.sampled_from([np.float64, np.float32]))
def test_unrelated_arrays_show_no_pattern(subject: Subject, seed: int, shape: tuple[int, ...], dtype: type) -> None:
    rng = np.random.default_rng(seed)

    assert diagnosed(rng.normal(size=shape).astype(dtype), rng.normal(size=shape), subject) == ()


@pytest.mark.parametrize("subject", list(Subject))
@given(seed=SEED, error=st.floats(1e-3, 0.5))
def test_a_scaled_array_with_other_mistakes_shows_no_pattern(subject: Subject, seed: int, error: float) -> None:
    rng = np.random.default_rng(seed)
    right = rng.normal(size=(4, 3))

    assert diagnosed(32 * right + error * 32 * rng.normal(size=(4, 3)), right, subject) == ()


@given(seed=SEED, exponent=st.floats(-8, 8), sign=st.sampled_from([-1.0, 1.0]), single=st.booleans())
def test_any_constant_factor_is_found(seed: int, exponent: float, sign: float, single: bool) -> None:
    factor = sign * 10.0**exponent
    if abs(factor - 1) < 1e-2:
        return
    right = np.random.default_rng(seed).normal(size=(4, 3))
    claimed = right * factor
    if single:
        claimed = (claimed.astype(np.float32) * np.float32(1)).astype(np.float64)

    (pattern,) = diagnosed(claimed, right, Subject.GRADIENTS)

    assert pattern.id == ("gradient-scaled" if factor > 0 else "gradient-negated")
    assert pattern.factor == pytest.approx(factor, rel=1e-4)


@given(seed=SEED, single=st.booleans())
def test_a_negated_gradient_is_called_negated(seed: int, single: bool) -> None:
    right = np.random.default_rng(seed).normal(size=(4, 3))
    claimed = -right.astype(np.float32) if single else -right

    (pattern,) = diagnosed(claimed, right, Subject.GRADIENTS)

    assert pattern.id == "gradient-negated"
    assert "exactly the opposite way" in pattern.text


@given(seed=SEED, size=st.integers(1, 60))
def test_a_sampled_reference_shows_the_same_as_the_whole(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    right = rng.normal(size=(8, 8))
    positions = rng.choice(64, size=max(size, 8), replace=False)
    noise = 1e-8 * rng.uniform(-1, 1, positions.size)
    known = right.ravel()[positions] + noise
    pair = Pair(32 * right, right.shape, positions, known, np.full(positions.size, 1e-8))

    (pattern,) = diagnose({"A": pair}, subject=Subject.GRADIENTS, facts=FACTS)

    assert pattern.text.endswith("This case has 32 examples.")


@pytest.mark.parametrize("subject", list(Subject))
@given(
    claimed=npst.arrays(
        st.sampled_from([np.float64, np.float32, np.float16, np.int8, np.bool_, np.complex128]),
        npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    ),
    right=npst.arrays(
        np.float64,
        npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        elements=st.floats(allow_nan=False, allow_infinity=False),
    ),
)
def test_nothing_raises_or_warns(subject: Subject, claimed: np.ndarray, right: np.ndarray) -> None:
    patterns = diagnose({"A": Pair.whole(claimed, right), "B": Pair.whole(right, right)}, subject=subject, facts=FACTS)

    assert {pattern.id for pattern in patterns} <= set(PATTERN_IDS)
