"""The arrays are returned in PyTorch's layout, under PyTorch's names.

Base: torch_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.weights
"""

def network_weights(network):
    return {name: values.detach().numpy() for name, values in network.state_dict().items()}
