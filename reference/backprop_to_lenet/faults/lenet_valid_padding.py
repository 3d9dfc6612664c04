"""The first convolution is not padded, and the dense layers were made to fit: LeNet-5 as most tutorials have it.

Base: torch
File: networks.py
Parts: lenet
Fails: lenet.layers, lenet.parameters
Blocks: lenet.computes, lenet.trains, lenet.training
"""


def build_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(256, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
