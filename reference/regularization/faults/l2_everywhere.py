"""One weight_decay for all parameters.

Base: torch_module
File: networks.py
Parts: networks.l2
Fails: networks.l2
"""


def make_optimizer(model):
    return torch.optim.SGD(model.parameters(), lr=0.01, weight_decay=0.02 if model.kind == "l2" else 0)
