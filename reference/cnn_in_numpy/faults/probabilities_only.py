"""The pass returns the probabilities, but not what the layers give.

Base: torch_sequential
File: forward_pass.py
Parts: numpy_pass
Fails: numpy_pass.whole
"""

def forward_pass(X, weights):
    maps = relu(max_pooling(convolution(X, weights["conv1_kernel"], weights["conv1_bias"])))
    hidden = relu(dense(flatten(maps), weights["dense1_kernel"], weights["dense1_bias"]))
    return softmax(dense(hidden, weights["logits_kernel"], weights["logits_bias"]))
