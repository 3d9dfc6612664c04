"""The penalty is added as a plain number, so training does not see it.

Base: torch
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""

right_penalty = l2_penalty


def l2_penalty(model):
    return right_penalty(model).item()
