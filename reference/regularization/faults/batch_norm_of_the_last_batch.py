"""The momentum that Keras has is written into PyTorch, where it means the opposite.

Base: torch_module
File: networks.py
Parts: networks
Fails: networks.batch_norm
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = 0.99
    return model
