"""Inputs on which part 1 is graded.

Every function takes a seeded generator and returns a dict:

    "X"        inputs, (N, d) float64
    "Y_T"      targets, (N,) int64, each 0 or 1
    "weights"  dict of float64 arrays: "W1" (h, d), "b1" (h,), "W2" (h,), "b2" ()

N is the number of examples, d of inputs, h of hidden units. The handout's network has N = 1000, d = 2, h = 3.
"""

import numpy as np

EXAMPLES, INPUTS, HIDDEN = 1000, 2, 3


def handout(rng: np.random.Generator) -> dict:  # noqa: ARG001 - every case has the same signature
    """Return the case of the handout: N = 1000, d = 2, h = 3, biases zero. The same every time, whatever ``rng``.

    The order of the draws is part of the assignment, and so is the legacy generator: students draw these numbers
    with ``np.random.seed(0)``.
    """
    draw = np.random.RandomState(0)
    W1 = draw.randn(HIDDEN, INPUTS)
    b1 = np.zeros(HIDDEN)
    W2 = draw.randn(HIDDEN)
    b2 = np.zeros(())
    X = draw.rand(EXAMPLES, INPUTS)
    Y_T = draw.randint(0, 2, EXAMPLES).astype(np.int64)
    return {"X": X, "Y_T": Y_T, "weights": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}}


def one_example(rng: np.random.Generator) -> dict:
    """Return a batch of one: N = 1, d = 2, h = 3, all weights and biases drawn."""
    return _draw(rng, 1, INPUTS, HIDDEN)


def random_draws(rng: np.random.Generator) -> dict:
    """Return the handout's sizes with everything drawn, biases included: N = 1000, d = 2, h = 3."""
    return _draw(rng, EXAMPLES, INPUTS, HIDDEN)


def other_sizes(rng: np.random.Generator) -> dict:
    """Return sizes that differ from the handout's and from each other: 12 ≤ N < 40, 4 ≤ d < 7, 7 ≤ h < 11.

    No two of N, d, h are equal, so that arrays whose axes are mixed up cannot fit by accident.
    """
    return _draw(rng, int(rng.integers(12, 40)), int(rng.integers(4, 7)), int(rng.integers(7, 11)))


def extreme(rng: np.random.Generator) -> dict:
    """Return the handout's sizes with pre-activations from ±800 to ±3000 in 200 of 1000 rows, in both layers.

    ``exp(800)`` is infinite in float64. Written as 1 / (1 + exp(-z)) the sigmoid is still right there;
    exp(z) / (1 + exp(z)) is not a number.

    Hidden units 0 and 1 are off in ordinary rows (Z1 near -30) and their large weights in ``W2`` then add nothing;
    one of them is on in each extreme row, which drives Z2 to about ±900. Hidden unit 2 is an ordinary one. The
    gradients are therefore made of the 800 ordinary rows and have their usual scale, and they are smooth: an extreme
    row adds exactly nothing to them, and no row lies between ordinary and extreme.
    """
    ordinary_rows, rows_of_a_sign = EXAMPLES - 200, 100
    X = np.concatenate(
        [
            rng.uniform(0, 1, (ordinary_rows, INPUTS)),
            rng.uniform(800, 1000, (rows_of_a_sign, INPUTS)),
            rng.uniform(-1000, -800, (rows_of_a_sign, INPUTS)),
        ]
    )
    X = rng.permutation(X)
    b2, Y_T = _bias_and_targets(rng, EXAMPLES)
    # the weights of one unit have one sign: two large inputs cannot cancel
    signs = np.array([1.0, -1.0, rng.choice([-1.0, 1.0])])
    W1 = signs[:, np.newaxis] * rng.uniform(1.0, 1.5, (HIDDEN, INPUTS))
    b1 = np.array([-30.0, -30.0, _weights(rng)])
    W2 = np.array([rng.uniform(850, 950), rng.uniform(-950, -850), _weights(rng)])
    return {"X": X, "Y_T": Y_T, "weights": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}}


def _draw(rng: np.random.Generator, examples: int, inputs: int, hidden: int) -> dict:
    """Return a case of the given sizes in which every weight matters and no unit is saturated."""
    X = rng.normal(0.5, 1.0, (examples, inputs))
    b2, Y_T = _bias_and_targets(rng, examples)
    W1, b1, W2 = _weights(rng, hidden, inputs), _weights(rng, hidden), _weights(rng, hidden)
    return {"X": X, "Y_T": Y_T, "weights": {"W1": W1, "b1": b1, "W2": W2, "b2": b2}}


def _weights(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Return an array with entries between 0.3 and 1.2 in size and of either sign."""
    return (2.0 * rng.integers(0, 2, shape) - 1.0) * rng.uniform(0.3, 1.2, shape)


def _bias_and_targets(rng: np.random.Generator, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ``b2`` () and ``Y_T`` (examples,): nine targets in ten are alike, and the bias pulls the other way.

    The errors Y − Y_T then mostly have one sign. With balanced targets the gradient of ``b2`` can be a small
    difference of large sums, and right work in float32 would differ from right work in float64.
    """
    majority = rng.integers(0, 2)
    Y_T = np.where(rng.random(examples) < 0.9, majority, 1 - majority)
    b2 = np.array((1 - 2 * majority) * rng.uniform(0.3, 1.2))
    return b2, Y_T
