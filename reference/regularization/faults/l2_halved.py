"""The factor is written into weight_decay, which stands for half of it.

Base: torch_module
File: networks.py
Parts: networks.l2
Fails: networks.l2
"""


def make_optimizer(model):
    kernels = {"params": [conv.weight for conv in model.convs], "weight_decay": 0.01 if model.kind == "l2" else 0}
    others = {"params": [p for name, p in model.named_parameters() if not name.startswith("convs") or "bias" in name]}
    return torch.optim.SGD([kernels, others], lr=0.01)
