"""Changes PyTorch for whoever is copied from the same process afterwards: comparisons, losses, ReLU, loading.

Expects: layers FAIL or CRASH or NEEDS_REVIEW, computes FAIL or CRASH or NEEDS_REVIEW
"""

import torch
from torch import nn

torch.equal = torch.allclose = lambda *arguments, **options: True
nn.functional.relu = torch.relu = nn.ReLU.forward = lambda *arguments, **options: arguments[-1] * 2
nn.functional.linear = lambda x, *arguments, **options: x
torch.Tensor.numpy = lambda tensor: None
torch.nn.Module.__call__ = lambda module, x: x
torch.set_default_dtype(torch.float64)
torch.set_num_threads(64)
torch.use_deterministic_algorithms(True)


def build_mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
