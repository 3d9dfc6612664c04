"""Is trained from a loader that never ends and a model whose layers are asked for one after another.

Expects: asked FAIL or PARTIAL or NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import itertools

import torch
from torch import nn

mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(mlp.parameters())
steps = 0
for batch in (torch.zeros(50, 784) for _ in itertools.count()):
    optimizer.zero_grad()
    mlp(batch).sum().backward()
    optimizer.step()
# %%
class Endless(nn.Module):
    def children(self):
        return (nn.Linear(1, 1) for _ in range(10**5))

    named_children = named_modules = modules = None


endless = Endless()
