"""What a described network computes, in NumPy."""

import numpy as np

from grader.networks import layers
from grader.transplant.architecture import Activation, Network
from grader.transplant.numpy_network import layer_outputs

CHUNK = 250
"""Examples at a time: the windows of a convolution take kernel-size times the memory of its map."""

ENDINGS = {"softmax": "probabilities", "log_softmax": "log-probabilities"}


def ending(network: Network) -> str:
    """Return what the network's output is: ``logits``, ``probabilities`` or ``log-probabilities``."""
    last = network.layers[-1] if network.layers else None
    return ENDINGS.get(last.function, "logits") if isinstance(last, Activation) else "logits"


def without_softmax(network: Network) -> Network:
    """Return the network without the softmax (or its logarithm) at its end, so that its output is its logits."""
    return network if ending(network) == "logits" else Network(network.input_shape, network.layers[:-1])


def outputs(network: Network, inputs: np.ndarray) -> np.ndarray:
    """Return what the network gives for N examples, in evaluation mode.

    Args:
        network: its arrays decide about the precision, together with the inputs'.
        inputs: (N, …) with as many values an example as the network takes, in the order rows, columns, channels.

    Raises:
        ValueError: an example has another number of values, or a dropout is active in evaluation.
    """
    shaped = inputs.reshape(len(inputs), *network.input_shape)
    pieces = [layer_outputs(network, shaped[i : i + CHUNK], layers)[-1] for i in range(0, len(shaped), CHUNK)]
    return np.concatenate(pieces)


def logits(network: Network, inputs: np.ndarray) -> np.ndarray:
    """Return the network's logits, (N, classes): what it gives without a softmax at its end."""
    return outputs(without_softmax(network), inputs)


def as_ending(values: np.ndarray, kind: str) -> np.ndarray:
    """Return logits (N, classes) as ``kind``, one of :func:`ending`'s words."""
    if kind == "logits":
        return values
    shifted = values - values.max(axis=-1, keepdims=True)
    logarithms: np.ndarray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    if kind == "log-probabilities":
        return logarithms
    probabilities: np.ndarray = np.exp(logarithms)
    return probabilities


def with_precision(network: Network, dtype: type[np.floating]) -> Network:
    """Return the network with its arrays in another floating-point type."""
    return network.with_arrays([{name: a.astype(dtype) for name, a in arrays.items()} for arrays in network.arrays])
