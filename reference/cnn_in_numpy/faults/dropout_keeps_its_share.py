"""The rates of the first two are the share that is kept, not the one that is dropped.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.7),
        nn.Conv2d(64, 32, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.7),
        nn.Flatten(),
        nn.Linear(26 * 26 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
