"""The pooling takes means.

Base: torch
File: networks.py
Parts: cnn
Fails: cnn.computes
"""

plain_cnn = build_cnn


def build_cnn():
    return nn.Sequential(*[nn.AvgPool2d(2) if isinstance(m, nn.MaxPool2d) else m for m in plain_cnn()])
