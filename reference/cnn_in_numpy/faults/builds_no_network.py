"""The function builds the layers, but nothing that a framework could run.

Base: torch_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.layers, shallow_cnn.parameters, shallow_cnn.weights
Blocks: shallow_cnn.computes
"""

def build_shallow_cnn():
    return [nn.Conv2d(1, 64, 3), nn.MaxPool2d(2), nn.Linear(10816, 1024), nn.Linear(1024, 10)]
