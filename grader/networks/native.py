"""A network's weights as a framework would list them, for networks that can be run but not read."""

from math import prod

import numpy as np

from grader.transplant.architecture import BatchNormalization, Convolution, Dense, Flatten, Network

_KEPT = ("mean", "variance")


def native_arrays(network: Network, framework: str) -> tuple[np.ndarray, ...]:
    """Return the arrays of ``network`` in the order and layout in which a network of ``framework`` usually has them.

    ``keras``: layer by layer, as described. ``torch``: kernels (out, in, height, width) and (out, in), a dense layer
    after a flattened map with its inputs in the order channels, rows, columns; running figures of batch norm last.
    """
    if framework != "torch":
        return tuple(array for layer in network.layers for array in layer.arrays.values())
    parameters: list[np.ndarray] = []
    kept: list[np.ndarray] = []
    shapes = (network.input_shape, *network.shapes)
    flattened = None
    for number, layer in enumerate(network.layers):
        arrays = layer.arrays
        match layer:
            case Flatten():
                flattened = shapes[number] if len(shapes[number]) == 3 else flattened
            case Convolution():
                arrays = {**arrays, "kernel": layer.kernel.transpose(3, 2, 0, 1)}
            case Dense():
                arrays = {**arrays, "kernel": _channels_first(layer.kernel, flattened).T}
                flattened = None
            case BatchNormalization():
                kept += [arrays[name] for name in _KEPT]
        parameters += [array for name, array in arrays.items() if name not in _KEPT]
    return tuple(np.ascontiguousarray(array) for array in (*parameters, *kept))


def _channels_first(kernel: np.ndarray, flattened: tuple[int, ...] | None) -> np.ndarray:
    if flattened is None or prod(flattened) != len(kernel):
        return kernel
    return kernel.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(len(kernel), -1)
