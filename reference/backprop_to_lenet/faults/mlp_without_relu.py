"""The second hidden layer of the MLP is linear.

Base: torch
File: networks.py
Parts: mlp
Fails: mlp.computes
Blocks: mlp.training
"""


def build_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.Linear(64, 10))
