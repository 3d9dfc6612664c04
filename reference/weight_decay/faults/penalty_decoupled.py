"""AdamW shrinks the weights apart from the gradient, which is no penalty.

Base: torch_subclass
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""


def make_optimizer(model):
    return torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=2 * model.decay)
