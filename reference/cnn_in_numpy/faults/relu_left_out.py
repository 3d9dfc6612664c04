"""The first convolution has no ReLU.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.computes
Blocks: cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 2, padding="same"),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Conv2d(64, 32, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(26 * 26 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
