"""What a described network computes, in NumPy."""

import msgspec
import numpy as np

from grader.networks import layers
from grader.transplant.architecture import Activation, BatchNormalization, Dropout, Layer, Network
from grader.transplant.numpy_network import layer_outputs

CHUNK = 250
"""Examples at a time: the windows of a convolution take kernel-size times the memory of its map."""

LARGEST_EPSILON = 1e-2
"""Of batch norm. Frameworks have 1e-5 (PyTorch) and 1e-3 (Keras); where more is added it no longer normalizes."""

ENDINGS = {"softmax": "probabilities", "log_softmax": "log-probabilities"}
FORMS = ("logits", *ENDINGS.values())
"""In what form a network may give its result: each is as good as the others."""


def ending(network: Network) -> str:
    """Return what the network's output is: ``logits``, ``probabilities`` or ``log-probabilities``."""
    last = network.layers[-1] if network.layers else None
    return ENDINGS.get(last.function, "logits") if isinstance(last, Activation) else "logits"


def without_softmax(network: Network) -> Network:
    """Return the network without the softmax (or its logarithm) at its end, so that its output is its logits."""
    return network if ending(network) == "logits" else Network(network.input_shape, network.layers[:-1])


def always_drops(network: Network) -> bool:
    """Return whether a dropout is active in evaluation too, so that outputs are random."""
    return any(isinstance(layer, Dropout) and layer.always for layer in network.layers)


def outputs(network: Network, inputs: np.ndarray) -> np.ndarray:
    """Return what the network gives for N examples, in evaluation mode.

    Args:
        network: its arrays decide about the precision, together with the inputs'.
        inputs: (N, …) with as many values an example as the network takes, in the order rows, columns, channels.

    Raises:
        ValueError: an example has another number of values, or a dropout is active in evaluation.
    """
    shaped = inputs.reshape(len(inputs), *network.input_shape)
    if not network.layers:  # all that is left of a softmax alone
        return shaped
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


def with_epsilons_of(own: Network, reference: Network) -> Network:
    """Return ``reference`` with the ε that ``own`` has in its batch norms, taken in the order of the data.

    Each framework has its own default, and a handout that gives none means either. An ε above
    :data:`LARGEST_EPSILON` is nobody's default and stays the reference's.
    """
    epsilons = iter([layer.epsilon for layer in own.layers if isinstance(layer, BatchNormalization)])
    layers_with: list[Layer] = []
    for layer in reference.layers:
        epsilon = next(epsilons, None) if isinstance(layer, BatchNormalization) else None
        usual = epsilon is not None and 0 < epsilon <= LARGEST_EPSILON
        layers_with.append(msgspec.structs.replace(layer, epsilon=epsilon) if usual else layer)
    return Network(reference.input_shape, tuple(layers_with))


def difference(given: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference, relative to the largest expected value (or 1); infinite where not finite."""
    if given.shape != expected.shape or not np.isfinite(given).all():
        return float("inf")
    return float(np.abs(given - expected).max()) / max(1.0, float(np.abs(expected).max()))
