"""The hidden layer has 500 units instead of 512.

Base: torch
File: networks.py
Parts: mlp
Fails: mlp.layers, mlp.parameters
Blocks: mlp.computes
"""


def build_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 10)).apply(initialize)
