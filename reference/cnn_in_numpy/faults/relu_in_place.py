"""ReLU changes what it is given, so the output of the pooling is no longer there to be shown.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.whole
"""

def relu(X):
    X[X < 0] = 0
    return X
