"""There is a ReLU behind the last layer too.

Base: torch
File: networks.py
Parts: mlp
Fails: mlp.computes
"""

plain_mlp = build_mlp


def build_mlp():
    return plain_mlp().append(nn.ReLU())
