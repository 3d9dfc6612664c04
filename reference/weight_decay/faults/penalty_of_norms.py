"""The penalty is the norm of each kernel, not the sum of its squares.

Base: torch
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""


def l2_penalty(model):
    return model.l2_factor * (model[1].weight.norm() + model[3].weight.norm())
