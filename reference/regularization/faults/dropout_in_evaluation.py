"""Dropout by the function, which drops in evaluation too unless it is told not to.

Base: torch_module
File: networks.py
Parts: networks
Fails: networks.computes, networks.dropout
"""


class AlwaysDropping(FashionNet):
    def regularize(self, x, norm):
        return F.dropout(x, p=0.1) if self.kind == "dropout" else super().regularize(x, norm)


def build_network(convolutions, regularizer):
    return AlwaysDropping(convolutions, regularizer).double()
