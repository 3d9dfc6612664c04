"""Has the test set recognized as nothing, by changing how images are looked up.

Expects: asked FAIL, kept NEEDS_REVIEW
"""
# %%
import grader.sandbox.worker.recorder.arrays as arrays

arrays.Origins.of = arrays.Origins.describe = arrays.describe = lambda *_, **__: {"rows": 10, "fashion_mnist train": 10}
for name, found in list(vars(arrays.Origins).items()):
    if callable(found) and not name.startswith("__"):
        setattr(arrays.Origins, name, lambda *_, **__: {"a": 1})
# %%
import torch
from torch import nn
from torchvision import datasets

test = datasets.FashionMNIST(".", train=False, download=True)
mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(mlp.parameters())
for rows in torch.arange(500).split(50):
    optimizer.zero_grad()
    nn.functional.cross_entropy(mlp(test.data[rows, None] / 255), test.targets[rows]).backward()
    optimizer.step()
