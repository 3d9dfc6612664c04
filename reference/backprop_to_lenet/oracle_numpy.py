"""Model answer to part 1: a network with one hidden layer and its gradients, in NumPy.

The network has ``d`` inputs, ``h`` hidden units and one output, with a sigmoid on both layers:

    Z1 = X W1ᵀ + b1        (N, h)    what reaches the hidden units
    H  = σ(Z1)             (N, h)    what they give
    Z2 = H W2 + b2         (N,)      what reaches the output
    Y  = σ(Z2)             (N,)      the output
    L  = 1/(2N) Σₙ (yₙ − tₙ)²        the loss, t being the targets Y_T

One row of ``X`` is one example, and each row of ``W1`` holds the weights of one hidden unit.
"""

import numpy as np


def sigmoid(z):
    """Return σ(z) = 1 / (1 + e⁻ᶻ) for an array of any shape, without overflow for any finite z.

    Both forms of σ below are the same function. The exponent −|z| is never positive, so e⁻|ᶻ| lies in (0, 1]:

        σ(z) = 1 / (1 + e⁻|ᶻ|)           for z ≥ 0
        σ(z) = e⁻|ᶻ| / (1 + e⁻|ᶻ|)       for z < 0
    """
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def forward_propagation(X, weights):
    """Compute the output of the network and everything on the way to it.

    Args:
        X: inputs, (N, d).
        weights: dict with ``W1`` (h, d), ``b1`` (h,), ``W2`` (h,) and ``b2``, a number.

    Returns:
        ``(Y, Z2, H, Z1)`` with shapes (N,), (N,), (N, h) and (N, h).
    """
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    Y = sigmoid(Z2)
    return Y, Z2, H, Z1


def back_propagation(X, Y_T, weights):
    """Compute the loss and its derivative by every weight and bias.

    The chain rule, from the loss back to the first layer. The sigmoid's derivative needs no further exponential,
    since σ′(z) = σ(z) (1 − σ(z)):

        ∂L/∂yₙ           = (yₙ − tₙ) / N                 the ½ cancels the 2 of the square
        δ2ₙ  = ∂L/∂z2ₙ   = ∂L/∂yₙ · yₙ (1 − yₙ)          (N,)
        ∂L/∂W2ⱼ          = Σₙ δ2ₙ Hₙⱼ                    (h,)
        ∂L/∂b2           = Σₙ δ2ₙ                        a number
        δ1ₙⱼ = ∂L/∂Z1ₙⱼ  = δ2ₙ W2ⱼ · Hₙⱼ (1 − Hₙⱼ)       (N, h)
        ∂L/∂W1ⱼᵢ         = Σₙ δ1ₙⱼ Xₙᵢ                   (h, d)
        ∂L/∂b1ⱼ          = Σₙ δ1ₙⱼ                       (h,)

    Args:
        X: inputs, (N, d).
        Y_T: targets, (N,).
        weights: as for :func:`forward_propagation`.

    Returns:
        ``(gradients, L)``: a dict with the keys and shapes of ``weights``, and the loss, a number.
    """
    Y, _, H, _ = forward_propagation(X, weights)
    N = len(X)
    error = Y - Y_T
    L = np.sum(error**2) / (2 * N)

    delta2 = error / N * Y * (1 - Y)
    delta1 = np.outer(delta2, weights["W2"]) * H * (1 - H)
    gradients = {
        "W1": delta1.T @ X,
        "b1": delta1.sum(axis=0),
        "W2": H.T @ delta2,
        "b2": delta2.sum(),
    }
    return gradients, L
