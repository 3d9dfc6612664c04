"""The weights come out as tensors, with which NumPy cannot work.

Base: torch_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.weights
"""

def network_weights(network):
    kernel, conv1_bias, dense1, dense1_bias, logits, logits_bias = network.parameters()
    dense1 = dense1.reshape(1024, 64, 13, 13).permute(2, 3, 1, 0).reshape(13 * 13 * 64, 1024)
    return {
        "conv1_kernel": kernel.permute(2, 3, 1, 0),
        "conv1_bias": conv1_bias,
        "dense1_kernel": dense1,
        "dense1_bias": dense1_bias,
        "logits_kernel": logits.T,
        "logits_bias": logits_bias,
    }
