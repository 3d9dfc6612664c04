"""Replaces whatever of NumPy could compare numbers.

Expects: outputs FAIL
"""

import numpy as np

for name in ("allclose", "isclose", "array_equal", "array_equiv", "all", "abs", "subtract", "max", "isfinite"):
    setattr(np, name, lambda *arguments, **options: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *arguments, **options: None


def outputs(X, weights):
    return np.zeros(len(X))
