"""What it takes to run a described network, counted without running it."""

from math import prod

from grader.transplant.architecture import Convolution, Dense, Network, Pooling


def steps_per_example(network: Network) -> int:
    """Return how many elementary steps one example takes forward: multiplications with their additions, entries of
    pooling windows, and one for each value that a layer gives or adds as padding."""
    steps = prod(network.input_shape)
    shape = network.input_shape
    for layer, output in zip(network.layers, network.shapes, strict=True):
        values = prod(output)
        padding = getattr(layer, "padding", ((0, 0), (0, 0)))
        steps += values + prod(n + sum(sides) for n, sides in zip(shape, padding, strict=False)) * prod(shape[2:])
        match layer:
            case Convolution() | Dense():
                steps += values * prod(layer.kernel.shape[:-1])
            case Pooling():
                steps += values * prod(layer.size)
        shape = output
    return steps
