"""The windows of the pooling move by two places, as they do where no stride is given.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.layers, cnn.parameters
Blocks: cnn.computes, cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.3),
        nn.Conv2d(64, 32, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(7 * 7 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
