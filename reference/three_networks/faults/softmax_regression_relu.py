"""A ReLU stands behind the one layer.

Base: torch
File: networks.py
Parts: softmax_regression
Fails: softmax_regression.computes
"""

plain_regression = build_softmax_regression


def build_softmax_regression():
    return plain_regression().append(nn.ReLU())
