"""Dropout by the function, which drops in evaluation too unless it is told not to.

Base: torch_subclass
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.dropout
"""


class AlwaysDropping(LeNet):
    def forward(self, x):
        if x.ndim == 3:
            x = x.unsqueeze(1)
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = F.dropout(F.relu(self.fc1(x.flatten(start_dim=1))))
        return self.fc2(x)


def build_lenet():
    return AlwaysDropping().double()
