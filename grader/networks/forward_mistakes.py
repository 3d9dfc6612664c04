"""Mistakes of a layer written by hand that can be recognised from its output alone."""

from collections.abc import Iterator

import msgspec
import numpy as np

from grader.networks import layers as numpy_layers
from grader.transplant.architecture import Activation, Convolution, Dense, Flatten, Layer, Network, Pooling
from grader.transplant.numpy_network import layer_outputs

CLOSE = 1e-3
"""How near, relative to the largest value, an output must come to that of a mistake to be recognised."""


def likely_mistake(layer: Layer, given: np.ndarray, output: np.ndarray) -> str:
    """Say which known mistake gives ``output``, in a sentence without a number; nothing if none does.

    Args:
        layer: what should have been computed, with its arrays.
        given: what reached the layer, (N, …).
        output: what came out, (N, …).
    """
    with np.errstate(all="ignore"):
        return next((text for mistaken, text in _mistakes(layer, given) if _same(output, mistaken)), "")


def _mistakes(layer: Layer, given: np.ndarray) -> Iterator[tuple[np.ndarray, str]]:
    match layer:
        case Convolution(kernel=kernel, bias=bias):
            if bias is not None:
                yield _changed(layer, given, bias=np.zeros_like(bias)), "It is what comes out without the bias."
            yield (
                _changed(layer, given, kernel=kernel[::-1, ::-1]),
                "It is what a kernel turned by 180 degrees gives: the layers of frameworks do not turn it.",
            )
            if kernel.shape[0] == kernel.shape[1]:
                yield (
                    _changed(layer, given, kernel=kernel.transpose(1, 0, 2, 3)),
                    "It is what a kernel gives whose rows and columns are exchanged.",
                )
        case Dense(bias=bias) if bias is not None:
            yield _changed(layer, given, bias=np.zeros_like(bias)), "It is what comes out without the bias."
        case Pooling(reduction="maximum", strides=strides):
            yield _changed(layer, given, reduction="average"), "It is the mean of each window, not its largest value."
            if strides != (1, 1):
                yield _changed(layer, given, strides=(1, 1)), "It is what a stride of 1 gives."
        case Flatten() if given.ndim == 4:
            flat = len(given), -1
            yield (
                given.transpose(0, 3, 1, 2).reshape(flat),
                "The values are right, in the order channel, row, column; the handout's is row, column, channel.",
            )
            yield (
                given.transpose(0, 2, 1, 3).reshape(flat),
                "The values are right, in the order column, row, channel; the handout's is row, column, channel.",
            )
        case Activation(function="relu"):
            yield given, "It is the same as what reached it: nothing is cut off."
        case Activation(function="softmax"):
            exponentials = np.exp(given - given.max())
            yield (
                exponentials / exponentials.sum(axis=0),
                "Its columns add up to 1, so it was taken over the examples, not over the classes.",
            )
            yield (
                exponentials / exponentials.sum(),
                "All of its values together add up to 1; those of each example should.",
            )


def _changed(layer: Layer, given: np.ndarray, **fields: object) -> np.ndarray:
    changed = msgspec.structs.replace(layer, **fields)
    return layer_outputs(Network(given.shape[1:], (changed,)), given, numpy_layers)[-1]


def _same(output: np.ndarray, other: np.ndarray) -> bool:
    scale = float(np.abs(other).max())
    return output.shape == other.shape and float(np.abs(output - other).max()) <= CLOSE * scale
