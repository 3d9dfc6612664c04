"""32 channels first, then 64.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.layers, cnn.parameters
Blocks: cnn.computes, cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Conv2d(32, 64, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(26 * 26 * 64, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
