"""Part 1: a network with one hidden layer, by hand. NumPy only.

Fill in the two functions. Keep their names, their arguments and the order of what they return.
"""

import numpy as np


def forward_propagation(X, weights):
    """Return (Y, Z2, H, Z1).

    X is (N, d). weights is a dict: W1 (h, d), b1 (h,), W2 (h,), b2 a number.
    Y and Z2 are (N,), H and Z1 are (N, h).
    """
    raise NotImplementedError("forward_propagation is still to be written")


def back_propagation(X, Y_T, weights):
    """Return (gradients, L).

    Y_T is (N,). gradients is a dict with the keys and shapes of weights; L is a number.
    """
    raise NotImplementedError("back_propagation is still to be written")


if __name__ == "__main__":
    # the handout's numbers: the order of these draws matters
    np.random.seed(0)
    weights = {"W1": np.random.randn(3, 2), "b1": np.zeros(3), "W2": np.random.randn(3), "b2": 0}
    X = np.random.rand(1000, 2)
    Y_T = np.random.randint(0, 2, 1000)

    gradients, L = back_propagation(X, Y_T, weights)
    print("L  =", L, "(handout: about 0.133)")
    print("b1 =", gradients["b1"], "(handout: about [0.00492, -0.000581, -0.00066])")
