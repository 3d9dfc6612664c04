"""Makes a live PyTorch module of a described network, so that the trusted side can train it. No student code runs."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.oracle.rebuilding import CannotRebuild
from grader.transplant.architecture import (
    NO_PADDING,
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Network,
    Padding,
    Pooling,
    Reshape,
    Shape,
    ZeroPadding,
    title,
)

if TYPE_CHECKING:
    import torch

ACTIVATIONS: Mapping[str, str] = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh"}
BATCH_NORMS: Mapping[int, str] = {1: "BatchNorm1d", 3: "BatchNorm2d"}
"""By the number of axes of one example."""


def rebuild(network: Network, like: "torch.nn.Module") -> "torch.nn.Module":
    """Return ``network`` as a module that takes images (N, channels, height, width), with its arrays, in float32.

    Its method ``penalty`` is that of ``like``, the network of the reference: the same factors on the squares of the
    kernels, paired in the order of the data; 0 where ``like`` has none.

    Raises:
        CannotRebuild: it has a layer that PyTorch has no like of.
    """
    from torch import nn

    shapes = (network.input_shape, *network.shapes)
    entry = _applied(partial(_entering, network.input_shape))
    rebuilt = nn.Sequential(entry, *(_module(*pair) for pair in zip(network.layers, shapes, strict=False)))
    rebuilt.penalty = partial(_penalty, tuple(zip(penalty_factors(like), kernels(rebuilt), strict=False)))
    return rebuilt


def penalty_factors(network: "torch.nn.Module") -> tuple[float, ...]:
    """Return for each kernel of ``network`` the factor of its sum of squares in ``network.penalty()``; 0 without one.

    They are read off the penalty's gradient, 2 · factor · w, so that no attribute's name has to be known.
    """
    import torch

    every = kernels(network)
    value = network.penalty() if hasattr(network, "penalty") else 0
    if not isinstance(value, torch.Tensor) or not value.requires_grad:
        return (0.0,) * len(every)
    gradients = torch.autograd.grad(value, every, allow_unused=True)
    return tuple(
        0.0 if gradient is None else float((gradient * kernel).sum() / (2 * kernel.square().sum()))
        for gradient, kernel in zip(gradients, (kernel.detach() for kernel in every), strict=True)
    )


def kernels(network: "torch.nn.Module") -> "list[torch.Tensor]":
    """Return the kernels of the convolutions and dense layers of a network, in the order of its modules."""
    from torch import nn

    return [module.weight for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]


def _module(layer: Layer, input_shape: Shape) -> "torch.nn.Module":
    from torch import nn

    match layer:
        case Convolution():
            return _convolution(layer)
        case Dense():
            return _filled(
                nn.Linear(*layer.kernel.shape, bias=layer.bias is not None), weight=layer.kernel.T, bias=layer.bias
            )
        case BatchNormalization():
            return _batch_norm(layer, input_shape)
        case Pooling(reduction="maximum"):
            return _after_padding(layer.padding, float("-inf"), nn.MaxPool2d(layer.size, layer.strides))
        case Pooling():
            pool = nn.AvgPool2d(layer.size, layer.strides)
            if layer.padding == NO_PADDING or layer.padding_counts:
                return _after_padding(layer.padding, 0.0, pool)
            return _applied(partial(_averaged, layer.padding, pool))
        case ZeroPadding():
            return _applied(partial(_padded, layer.padding, 0.0))
        case Activation(function="softmax" | "log_softmax"):
            return _applied(partial(_softmax, layer.function))
        case Activation():
            activation: torch.nn.Module = getattr(nn, ACTIVATIONS[layer.function])()
            return activation
        case Dropout(always=True):
            drop = nn.functional.dropout2d if layer.whole_channels else nn.functional.dropout
            return _applied(partial(drop, p=layer.rate, training=True))
        case Dropout():
            return (nn.Dropout2d if layer.whole_channels else nn.Dropout)(layer.rate)
        case Flatten():
            return _applied(_flattened)
        case Reshape():
            return _applied(partial(_reshaped, layer.shape))
    raise CannotRebuild(f"there is no {title(layer)} in PyTorch")


def _convolution(layer: Convolution) -> "torch.nn.Module":
    from torch import nn

    rows, columns, channels, count = layer.kernel.shape
    sides = layer.padding
    is_even = all(before == after for before, after in sides)
    module = nn.Conv2d(
        channels,
        count,
        (rows, columns),
        layer.strides,
        padding=(sides[0][0], sides[1][0]) if is_even else 0,
        bias=layer.bias is not None,
    )
    _filled(module, weight=layer.kernel.transpose(3, 2, 0, 1), bias=layer.bias)
    return module if is_even else _after_padding(sides, 0.0, module)


def _batch_norm(layer: BatchNormalization, input_shape: Shape) -> "torch.nn.Module":
    from torch import nn

    if len(input_shape) not in BATCH_NORMS:
        raise CannotRebuild(f"there is no batch norm in PyTorch for values of shape {input_shape}, channels last")
    kind = getattr(nn, BATCH_NORMS[len(input_shape)])
    module: torch.nn.Module = kind(len(layer.mean), eps=layer.epsilon, momentum=1 - layer.momentum)
    # a new one has a scale of 1 and a shift of 0
    _filled(module, weight=layer.scale, bias=layer.shift, running_mean=layer.mean, running_var=layer.variance)
    for parameter, array in zip(module.parameters(), (layer.scale, layer.shift), strict=True):
        parameter.requires_grad = array is not None
    return module


def _filled(module: "torch.nn.Module", **arrays: np.ndarray | None) -> "torch.nn.Module":
    import torch

    with torch.no_grad():
        for name, values in arrays.items():
            if values is not None:
                getattr(module, name).copy_(torch.from_numpy(np.array(values, np.float32)))
    return module


def _after_padding(padding: Padding, value: float, module: "torch.nn.Module") -> "torch.nn.Module":
    from torch import nn

    return module if padding == NO_PADDING else nn.Sequential(_applied(partial(_padded, padding, value)), module)


def _applied(function: "Callable[[torch.Tensor], torch.Tensor]") -> "torch.nn.Module":
    """Return a module without parameters that applies ``function``."""
    from torch import nn

    module = nn.Module()
    module.forward = function
    return module


def _penalty(weighted: "tuple[tuple[float, torch.Tensor], ...]") -> Any:
    return sum(factor * kernel.square().sum() for factor, kernel in weighted if factor)


# what the modules apply; maps are (N, channels, height, width)


def _entering(input_shape: Shape, images: "torch.Tensor") -> "torch.Tensor":
    if len(input_shape) == 3:
        return images
    return images.permute(0, 2, 3, 1).reshape(len(images), *input_shape)


def _padded(padding: Padding, value: float, maps: "torch.Tensor") -> "torch.Tensor":
    from torch.nn import functional

    (top, bottom), (left, right) = padding
    return functional.pad(maps, (left, right, top, bottom), value=value)


def _averaged(padding: Padding, pool: "torch.nn.Module", maps: "torch.Tensor") -> "torch.Tensor":
    """The average of each window without what was padded."""
    present = pool(_padded(padding, 0.0, maps.new_ones((1, 1, *maps.shape[2:]))))
    averages: torch.Tensor = pool(_padded(padding, 0.0, maps)) / present
    return averages


def _softmax(function: str, values: "torch.Tensor") -> "torch.Tensor":
    """Over the channels of maps, and the last axis of anything else."""
    result: torch.Tensor = getattr(values, function)(dim=1 if values.ndim == 4 else -1)
    return result


def _flattened(values: "torch.Tensor") -> "torch.Tensor":
    """Row by row, channels fastest, as the description has it."""
    return (values.permute(0, 2, 3, 1) if values.ndim == 4 else values).flatten(1)


def _reshaped(shape: Shape, values: "torch.Tensor") -> "torch.Tensor":
    return values.reshape(len(values), *shape).permute(0, 3, 1, 2)
