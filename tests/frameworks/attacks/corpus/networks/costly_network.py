"""Is a network that takes the grader days to train again.

Expects: retrained FAIL or NEEDS_REVIEW or MISSING
"""

from torch import nn


def build_again():
    wide = [layer for _ in range(6) for layer in (nn.Conv2d(32, 32, 25, padding=12), nn.ReLU())]
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), *wide, nn.Flatten(), nn.Linear(784 * 32, 10))
