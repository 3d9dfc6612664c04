"""The dropout is a function that is not told whether the network is being trained, so it always drops.

Base: torch_sequential
File: networks.py
Parts: cnn
Fails: cnn.computes
Blocks: cnn.dropout
"""

class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 2, padding="same")
        self.conv2 = nn.Conv2d(64, 32, 2, padding="same")
        self.dense1 = nn.Linear(26 * 26 * 32, 256)
        self.scores = nn.Linear(256, 10)

    def forward(self, x):
        pool, dropout = nn.functional.max_pool2d, nn.functional.dropout
        x = dropout(pool(self.conv1(x).relu(), 2, stride=1), 0.3)
        x = dropout(pool(self.conv2(x).relu(), 2, stride=1), 0.3)
        return self.scores(dropout(self.dense1(x.flatten(1)).relu(), 0.5))


build_cnn = CNN
