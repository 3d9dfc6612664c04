"""3×3 kernels in place of 2×2: with padding the sizes are the same, the parameters are not.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.parameters
Blocks: cnn.computes, cnn.dropout
"""

def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Conv2d(64, 32, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(26 * 26 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )
