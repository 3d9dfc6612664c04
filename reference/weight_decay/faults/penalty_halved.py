"""The factor is given to the optimizer as its weight_decay, which makes half the penalty.

Base: torch_subclass
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""


def make_optimizer(model):
    kernels = [model.hidden1.weight, model.hidden2.weight]
    others = [parameter for name, parameter in model.named_parameters() if name not in HIDDEN]
    groups = [{"params": kernels, "weight_decay": model.decay}, {"params": others}]
    return torch.optim.SGD(groups, lr=0.1)


HIDDEN = ("hidden1.weight", "hidden2.weight")
