"""The penalty is worked out from plain numbers, so that training does not see it.

Base: torch_sequential
File: networks.py
Parts: networks.l2
Fails: networks.l2
"""


def l2_penalty(model):
    return L2 * sum((module.weight.data**2).sum() for module in model if isinstance(module, nn.Conv2d))
