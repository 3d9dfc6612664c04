"""Writes into the recording a training that never was: another batch size, another optimizer, no test set.

Expects: asked PASS, kept PASS
Observed: asked, kept
"""
# %%
import gc

import torch
from torch import nn

from grader.sandbox.worker.recorder.log import Log

log = next(found for found in gc.get_objects() if isinstance(found, Log))
honest = log.take


def take():
    events, left_out = honest()
    for event in events:
        if event["event"] == "trained":
            event["batch_size"] = 64
            event["optimizer"] = {"kind": "Adam", "settings": {}}
            for array in (event["inputs"], event["validation"]["inputs"]):
                if array:
                    array["origins"] = {"rows": 10, "fashion_mnist train": 10}
    return events, left_out


log.take = take
# %%
from torchvision import datasets

test = datasets.FashionMNIST(".", train=False, download=True)
mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(mlp.parameters())
for rows in torch.arange(500).split(50):
    optimizer.zero_grad()
    nn.functional.cross_entropy(mlp(test.data[rows, None] / 255), test.targets[rows]).backward()
    optimizer.step()
