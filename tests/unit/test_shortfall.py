"""The factor of a bound keeps the false-failure rate that it was asked for."""

import numpy as np
import pytest

from grader.numerics.shortfall import shortfall_factor


@pytest.mark.parametrize(("recorded", "drawn", "rate"), [(12, 3, 1e-2), (12, 1, 1e-2), (5, 3, 2e-2), (24, 5, 1e-2)])
def test_the_median_falls_below_the_bound_as_often_as_was_said(recorded, drawn, rate):
    repetitions, rng = 200_000, np.random.default_rng(7)
    before = rng.normal(0.7, 0.02, (repetitions, recorded))
    new = np.median(rng.normal(0.7, 0.02, (repetitions, drawn)), axis=1)
    bounds = before.mean(axis=1) - shortfall_factor(recorded, drawn, rate) * before.std(axis=1, ddof=1)
    below = int((new < bounds).sum())
    # five standard deviations of a binomial count
    assert abs(below - rate * repetitions) < 5 * (rate * repetitions) ** 0.5


def test_fewer_seeds_and_rarer_failures_ask_for_more_room():
    usual = shortfall_factor(12, 3, 1e-3)
    assert shortfall_factor(6, 3, 1e-3) > usual
    assert shortfall_factor(12, 3, 1e-4) > usual
    assert shortfall_factor(12, 1, 1e-3) > usual
    assert usual == pytest.approx(2.948, abs=2e-3)


@pytest.mark.parametrize("wrong", [(2, 3, 1e-3), (12, 2, 1e-3), (12, 0, 1e-3), (12, 3, 0.0), (12, 3, 0.5)])
def test_what_has_no_factor_is_refused(wrong):
    with pytest.raises(ValueError, match="no factor for"):
        shortfall_factor(*wrong)
