"""Describes a PyTorch network by running it once and listening to the functions that it calls.

Every way to write a network comes down to the same functions: a ``Sequential``, a subclass, layers shared between
modules, activations as modules, as functions or as methods. What is called is recorded in evaluation mode, in the
order of the data, and weights are recognized by being the model's own parameters, so neither names nor the order of
definition matter.
"""

from collections.abc import Iterable, Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.transplant.architecture import NO_PADDING, Padding, Shape
from grader.transplant.chain import Chain
from grader.transplant.torch_calls import Call, listening
from grader.transplant.traced import TracedModel, TraceError

if TYPE_CHECKING:
    import torch

CHANNELS = 0
"""Where one example has its channels in PyTorch."""
REARRANGEMENTS = frozenset(
    ("view", "reshape", "flatten", "unflatten", "permute", "transpose", "movedim", "squeeze", "unsqueeze", "contiguous")
)
"""Functions and methods that only move values. They are applied to the values' positions as well."""
SAME_VALUES = frozenset(("to", "type", "float", "double", "clone", "detach"))


class TorchParameter:
    """A parameter or buffer of a module. See :class:`grader.transplant.traced.Parameter`."""

    def __init__(self, native: "torch.Tensor") -> None:
        self.native = native

    def read(self) -> np.ndarray:
        """Return a copy of the values, on the host."""
        return np.array(self.native.detach().cpu().numpy())

    def write(self, values: np.ndarray) -> None:
        """Replace the values where the tensor is, on its device and in its data type."""
        import torch

        with torch.no_grad():
            self.native.copy_(torch.tensor(values))


def trace_torch(module: "torch.nn.Module", input_shape: Shape, *, channels_last: bool = False) -> TracedModel:
    """Describe ``module``. It is run on two examples of zeros in evaluation mode and left in the mode it was in.

    Args:
        module: any module that is a chain of known layers, on any device, in float32 or float64.
        input_shape: one example as the *description* will have it: (height, width, channels), (height, width) or
            (values,).
        channels_last: whether the module itself takes its images channels last.

    Raises:
        TraceError: the module does something that is not such a chain, or fails on an input of this shape.
    """
    import torch

    if any(isinstance(p, torch.nn.UninitializedParameter) for p in module.parameters()):
        raise TraceError("the module has lazy layers that have not seen an input yet: call it once, then trace it")
    named = dict(module.named_parameters(remove_duplicate=False)) | dict(module.named_buffers(remove_duplicate=False))
    floating = [tensor for tensor in named.values() if tensor.is_floating_point()]
    chain = Chain(input_shape, -1 if channels_last else CHANNELS)
    inputs = torch.zeros(
        (2, *chain.positions.shape),
        dtype=floating[0].dtype if floating else torch.get_default_dtype(),
        device=floating[0].device if floating else None,
    )
    recorder = _Recorder(chain, inputs, {id(tensor) for tensor in named.values()})
    try:
        with listening(module, recorder.record), torch.no_grad():
            output = module(inputs)
    except TraceError:
        raise
    except Exception as error:
        raise TraceError(f"the module fails on an input of shape {tuple(inputs.shape)}: {error}") from error
    recorder.finish(output)
    used = chain.used()
    return chain.finish([name for name, p in module.named_parameters() if id(p) not in used])


class _Recorder:
    """Turns each call of a PyTorch function on the network's values into a layer of the chain."""

    def __init__(self, chain: Chain, inputs: "torch.Tensor", parameters: set[int]) -> None:
        self.chain = chain
        self.current: Any = inputs
        self._earlier: list[Any] = []
        self._parameters = parameters

    def record(self, call: Call) -> None:
        """Add the layer that a function of PyTorch, just called, computes."""
        import torch

        args, kwargs = call.args, call.kwargs
        ours = [value for value in _tensors((*args, *kwargs.values())) if self._is_network_value(value)]
        if not ours or not isinstance(call.result, torch.Tensor):
            return
        label = f"{call.module}: {call.name}" if call.module else call.name
        if len(ours) > 1 or ours[0] is not self.current:
            raise TraceError(
                f"{label} combines values of the network with each other, or uses one from before the last layer: "
                "only chains of layers can be described"
            )
        if call.name in REARRANGEMENTS:
            positions = torch.from_numpy(self.chain.two_examples())
            args = tuple(positions if value is self.current else value for value in args)
            kwargs = {key: positions if value is self.current else value for key, value in kwargs.items()}
            self.chain.rearranged(call.function(*args, **kwargs).numpy(), label)
        elif call.name not in SAME_VALUES:
            self._read(call, label)
        self.chain.confirm(call.result.shape[1:], label)
        self._earlier.append(self.current)
        self.current = call.result

    def _read(self, call: Call, label: str) -> None:
        handler = getattr(self, f"read_{call.name.removesuffix('_')}", None)
        if handler is None or (call.args and call.args[0] is not self.current and call.name != "add"):
            raise TraceError(f"{label} is not one of the layers that can be described")
        others = [value for value in call.args if value is not self.current]
        named = {key: value for key, value in call.kwargs.items() if value is not self.current}
        try:
            read = signature(handler).bind(label, *others, **named)
        except TypeError as error:
            raise TraceError(f"{label} is called in a way that is not known: {error}") from error
        handler(*read.args, **read.kwargs)

    def finish(self, output: Any) -> None:
        """Check that ``output`` is the last value recorded."""
        if output is not self.current:
            raise TraceError("the network's output does not come from the last layer recorded")

    def _is_network_value(self, value: Any) -> bool:
        return value is self.current or any(value is earlier for earlier in self._earlier)

    def _parameter(self, value: Any, label: str) -> TorchParameter:
        if id(value) not in self._parameters:
            raise TraceError(f"{label} uses weights that are not a parameter of the network as they stand")
        return TorchParameter(value)

    def _optional(self, value: Any, label: str) -> TorchParameter | None:
        return None if value is None else self._parameter(value, label)

    # One method for each function, named as in PyTorch. Its signature is PyTorch's without the network's values.

    def read_conv2d(
        self,
        label: str,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> None:
        if _pair(dilation) != (1, 1) or groups != 1:
            raise TraceError(f"{label} has dilation {dilation} and {groups} groups: only 1 and 1 can be described")
        named: dict[str, Any] = {"same": "same", "valid": NO_PADDING}
        self.chain.convolution(
            self._parameter(weight, label),
            (2, 3, 1, 0),
            self._optional(bias, label),
            strides=_pair(stride),
            padding=named[padding] if isinstance(padding, str) else _symmetric(padding),
            channel_axis=CHANNELS,
            label=label,
        )

    def read_linear(self, label: str, weight: Any, bias: Any = None) -> None:
        self.chain.dense(self._parameter(weight, label), (1, 0), self._optional(bias, label), label)

    def read_matmul(self, label: str, other: Any) -> None:
        self.chain.dense(self._parameter(other, label), (0, 1), None, label)

    read_mm = read_matmul

    def read_add(self, label: str, other: Any) -> None:
        self.chain.add_bias(self._parameter(other, label), label)

    def read_batch_norm(
        self,
        label: str,
        running_mean: Any,
        running_var: Any,
        weight: Any = None,
        bias: Any = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> None:
        if training:
            raise TraceError(f"{label} normalizes by the batch in evaluation mode too: it has no running statistics")
        self.chain.batch_normalization(
            scale=self._optional(weight, label),
            shift=self._optional(bias, label),
            mean=self._parameter(running_mean, label),
            variance=self._parameter(running_var, label),
            epsilon=eps,
            momentum=1.0 - momentum,
            channel_axis=CHANNELS,
            label=label,
        )

    def read_max_pool2d(
        self,
        label: str,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> None:
        if _pair(dilation) != (1, 1):
            raise TraceError(f"{label} has dilation {dilation}: only 1 can be described")
        size, strides = _pair(kernel_size), _pair(stride or kernel_size)
        self.chain.pooling(
            "maximum",
            size=size,
            strides=strides,
            padding=self._ceiling(size, strides, padding)
            if ceil_mode and self.current.ndim == 4
            else _symmetric(padding),
            padding_counts=False,
            channel_axis=CHANNELS,
            label=label,
        )

    def _ceiling(self, size: tuple[int, int], strides: tuple[int, int], padding: Any) -> Padding:
        """Padding with which rounding down gives as many windows as PyTorch gets by rounding up. A window that would
        start in the padding at the end is left out."""
        sides = []
        for n, window, stride, side in zip(self.current.shape[2:], size, strides, _pair(padding), strict=True):
            windows = -(-(n + 2 * side - window) // stride) + 1
            if (windows - 1) * stride >= n + side:
                windows -= 1
            sides.append((side, max(side, (windows - 1) * stride + window - n - side)))
        return (sides[0], sides[1])

    def read_avg_pool2d(
        self,
        label: str,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        if ceil_mode or divisor_override is not None:
            raise TraceError(f"{label} has ceil_mode or divisor_override, with which it cannot be described")
        self.chain.pooling(
            "average",
            size=_pair(kernel_size),
            strides=_pair(stride or kernel_size),
            padding=_symmetric(padding),
            padding_counts=count_include_pad,
            channel_axis=CHANNELS,
            label=label,
        )

    def read_pad(self, label: str, pad: Any, mode: str = "constant", value: Any = None) -> None:
        if mode != "constant" or value or len(pad) != 4:
            raise TraceError(f"{label} pads by {tuple(pad)} ({mode} {value}): only rows and columns of zeros are known")
        left, right, above, below = pad
        self.chain.zero_padding(((above, below), (left, right)), CHANNELS, label)

    def read_relu(self, label: str, inplace: bool = False) -> None:
        self.chain.activation("relu", label)

    # The parameters' names are PyTorch's.
    def read_clamp(self, label: str, min: Any = None, max: Any = None) -> None:  # noqa: A002
        if min != 0 or max is not None:
            raise TraceError(f"{label} limits values to {min}..{max}: only a lower limit of 0, which is ReLU, is known")
        self.chain.activation("relu", label)

    def read_clamp_min(self, label: str, min: Any) -> None:  # noqa: A002
        self.read_clamp(label, min)

    def read_sigmoid(self, label: str) -> None:
        self.chain.activation("sigmoid", label)

    def read_tanh(self, label: str) -> None:
        self.chain.activation("tanh", label)

    def read_softmax(self, label: str, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> None:
        self.chain.activation("softmax", label, self._sample_axis(dim, label))

    def read_log_softmax(self, label: str, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> None:
        self.chain.activation("log_softmax", label, self._sample_axis(dim, label))

    def _sample_axis(self, axis: Any, label: str) -> int:
        """Return ``axis`` counted without the axis of the examples."""
        axes = self.current.ndim
        if not isinstance(axis, int) or axis % axes == 0:
            raise TraceError(f"{label} sums over dimension {axis}, so its results depend on the other examples")
        return int(axis % axes - 1)

    def read_dropout(self, label: str, p: float = 0.5, training: bool = True, inplace: bool = False) -> None:
        self.chain.dropout(p, training, label)

    def read_dropout2d(self, label: str, p: float = 0.5, training: bool = True, inplace: bool = False) -> None:
        self.chain.channel_dropout(p, training, CHANNELS, label)


def _tensors(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the tensors among ``values`` and in the lists among them."""
    import torch

    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _pair(value: Any) -> tuple[int, int]:
    """PyTorch takes one number for both directions, or a sequence of one or two."""
    if isinstance(value, int):
        return value, value
    numbers = tuple(value)
    return (numbers[0], numbers[-1])


def _symmetric(padding: Any) -> Padding:
    down, across = _pair(padding)
    return ((down, down), (across, across))
