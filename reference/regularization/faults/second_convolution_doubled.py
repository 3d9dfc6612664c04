"""The second convolution has 32 kernels.

Base: torch_sequential
File: networks.py
Parts: networks
Fails: networks.layers, networks.parameters, networks.computes, networks.l2, networks.dropout, networks.batch_norm
"""

right_network = build_network


def build_network(convolutions, regularizer):
    model = right_network(convolutions, regularizer)
    if convolutions == 2:
        second = [number for number, module in enumerate(model) if isinstance(module, nn.Conv2d)][1]
        model[second] = nn.Conv2d(16, 32, 3)
        for number, module in enumerate(model):
            if number > second and isinstance(module, nn.BatchNorm2d):
                model[number] = nn.BatchNorm2d(32)
            if isinstance(module, nn.Linear) and module.in_features == 400:
                model[number] = nn.Linear(800, 80)
    return model
