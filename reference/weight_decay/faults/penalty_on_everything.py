"""The weight_decay of the optimizer is for all parameters.

Base: torch_subclass
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""


def make_optimizer(model):
    return torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=2 * model.decay)
