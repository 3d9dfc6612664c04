"""The factor is accepted and not used.

Base: keras_functional
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""

right_wide_mlp = build_wide_mlp


def build_wide_mlp(l2_factor=0.0):
    return right_wide_mlp()
