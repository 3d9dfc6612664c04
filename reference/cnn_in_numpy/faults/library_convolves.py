"""A library does the convolution.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.numpy_only
Blocks: numpy_pass.convolution, numpy_pass.max_pooling, numpy_pass.softmax, numpy_pass.large_scores, numpy_pass.whole
"""

def convolution(X, kernel, bias):
    import torch

    maps = torch.from_numpy(X).permute(0, 3, 1, 2)
    kernels = torch.from_numpy(kernel).permute(3, 2, 0, 1)
    return torch.nn.functional.conv2d(maps, kernels, torch.from_numpy(bias)).permute(0, 2, 3, 1).numpy()
