"""Model answer to the step between parts 2a and 2b: the trained weights of the network, as NumPy needs them.

Both frameworks hold the same numbers. Keras has them as part 2b wants them: kernels (rows, columns, channels in,
channels out), dense weights (values in, values out), the inputs of the first dense layer in the order row, column,
channel. PyTorch has all three the other way around.
"""

WEIGHTS = ("conv1_kernel", "conv1_bias", "dense1_kernel", "dense1_bias", "logits_kernel", "logits_bias")


def network_weights(network):
    """Return the six arrays of the network of part 2a by name, from PyTorch or from Keras.

    Args:
        network: a ``torch.nn.Module`` or a ``keras.Model`` with one convolution and two dense layers.

    Returns:
        dict of arrays: ``conv1_kernel`` (3, 3, 1, 64), ``conv1_bias`` (64,), ``dense1_kernel`` (10816, 1024),
        ``dense1_bias`` (1024,), ``logits_kernel`` (1024, 10), ``logits_bias`` (10,).
    """
    if hasattr(network, "get_weights"):
        return dict(zip(WEIGHTS, network.get_weights(), strict=True))
    kernel, conv1_bias, dense1, dense1_bias, logits, logits_bias = (
        parameter.detach().cpu().numpy() for parameter in network.parameters()
    )
    channels, side = len(kernel), 13
    # (out, channel · row · column) → (out, channel, row, column) → (row, column, channel, out)
    dense1 = dense1.reshape(-1, channels, side, side).transpose(2, 3, 1, 0).reshape(side * side * channels, -1)
    arrays = (kernel.transpose(2, 3, 1, 0), conv1_bias, dense1, dense1_bias, logits.T, logits_bias)
    return dict(zip(WEIGHTS, arrays, strict=True))
