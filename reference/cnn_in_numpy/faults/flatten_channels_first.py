"""The maps are flattened channel by channel, as PyTorch does.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.relu_and_flatten, numpy_pass.whole
"""

def flatten(X):
    return X.transpose(0, 3, 1, 2).reshape(len(X), -1)
