"""The bias of the dense layers is forgotten.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.dense, numpy_pass.whole
"""

def dense(X, kernel, bias):
    return X @ kernel
