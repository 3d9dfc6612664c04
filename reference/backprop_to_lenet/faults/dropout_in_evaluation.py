"""Dropout by the function, which drops in evaluation too unless it is told not to.

Base: torch_functional
File: networks.py
Parts: lenet_dropout
Fails: lenet_dropout.computes
Blocks: lenet_dropout.mode
"""


class AlwaysDropping(LeNet):
    def hidden(self, x, number):
        return F.dropout(F.relu(x), self.drop)


def build_lenet_dropout():
    return AlwaysDropping(drop=0.5).double()
