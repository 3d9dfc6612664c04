"""The convolutions are not padded, and the dense layer was made to fit.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.layers, cnn.parameters
Blocks: cnn.computes, cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 2),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Conv2d(64, 32, 2),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(24 * 24 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
