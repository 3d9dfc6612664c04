"""The rows of the first dense layer's weights stay in the order in which PyTorch flattens maps.

Base: torch_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.weights
"""

def network_weights(network):
    kernel, conv1_bias, dense1, dense1_bias, logits, logits_bias = (
        values.detach().numpy() for values in network.state_dict().values()
    )
    return {
        "conv1_kernel": kernel.transpose(2, 3, 1, 0),
        "conv1_bias": conv1_bias,
        "dense1_kernel": dense1.T,
        "dense1_bias": dense1_bias,
        "logits_kernel": logits.T,
        "logits_bias": logits_bias,
    }
