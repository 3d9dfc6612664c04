"""A described network as bytes and arrays, so that it can leave the process that traced it.

The bytes are JSON and hold everything but numbers of weights; arrays are referred to by position. Decoding accepts
only what :class:`~grader.transplant.architecture.Network` accepts, so bytes may come from a stranger.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np

from grader.transplant import architecture
from grader.transplant.architecture import Layer, Network, frozen

MAX_LAYERS = 1000
_MAX_SIDE = 1_000_000

_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=_MAX_SIDE)]
_Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=_MAX_SIDE)]
_Label: TypeAlias = Annotated[str, msgspec.Meta(max_length=200)]
_Arrays: TypeAlias = Annotated[dict[_Label, int], msgspec.Meta(max_length=8)]
_Pair: TypeAlias = tuple[_Positive, _Positive]
_Sides: TypeAlias = tuple[tuple[_Count, _Count], tuple[_Count, _Count]]
_Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Convolution(msgspec.Struct, frozen=True, tag="convolution", forbid_unknown_fields=True):
    label: _Label
    arrays: _Arrays
    strides: _Pair
    padding: _Sides


class _Dense(msgspec.Struct, frozen=True, tag="dense", forbid_unknown_fields=True):
    label: _Label
    arrays: _Arrays


class _BatchNormalization(msgspec.Struct, frozen=True, tag="batch_normalization", forbid_unknown_fields=True):
    label: _Label
    arrays: _Arrays
    epsilon: Annotated[float, msgspec.Meta(ge=0, le=1e6)]
    momentum: Annotated[float, msgspec.Meta(ge=-1, le=2)]


class _Pooling(msgspec.Struct, frozen=True, tag="pooling", forbid_unknown_fields=True):
    label: _Label
    reduction: Literal["maximum", "average"]
    size: _Pair
    strides: _Pair
    padding: _Sides
    padding_counts: bool


class _ZeroPadding(msgspec.Struct, frozen=True, tag="zero_padding", forbid_unknown_fields=True):
    label: _Label
    padding: _Sides


class _Activation(msgspec.Struct, frozen=True, tag="activation", forbid_unknown_fields=True):
    label: _Label
    function: Literal["relu", "sigmoid", "tanh", "softmax", "log_softmax"]


class _Dropout(msgspec.Struct, frozen=True, tag="dropout", forbid_unknown_fields=True):
    label: _Label
    rate: _Share
    always: bool
    whole_channels: bool = False


class _Flatten(msgspec.Struct, frozen=True, tag="flatten", forbid_unknown_fields=True):
    label: _Label


class _Reshape(msgspec.Struct, frozen=True, tag="reshape", forbid_unknown_fields=True):
    label: _Label
    shape: tuple[_Positive, _Positive, _Positive]


_Portable: TypeAlias = (
    _Convolution | _Dense | _BatchNormalization | _Pooling | _ZeroPadding | _Activation | _Dropout | _Flatten | _Reshape
)


class _Structure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    input_shape: Annotated[tuple[_Positive, ...], msgspec.Meta(max_length=3)]
    layers: Annotated[tuple[_Portable, ...], msgspec.Meta(max_length=MAX_LAYERS)]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Structure)


def encode(network: Network) -> tuple[bytes, tuple[np.ndarray, ...]]:
    """Return the structure of ``network`` as JSON, and its arrays in the order of the layers and of ``ARRAYS``."""
    arrays: list[np.ndarray] = []
    layers: list[dict[str, Any]] = []
    for layer in network.layers:
        fields: dict[str, Any] = {"type": _tag(layer), "label": layer.label[:200]}
        if layer.ARRAYS:
            fields["arrays"] = {name: len(arrays) + number for number, name in enumerate(layer.arrays)}
            arrays.extend(layer.arrays.values())
        for field in msgspec.structs.fields(layer):
            if field.name not in (*layer.ARRAYS, "label"):
                fields[field.name] = getattr(layer, field.name)
        layers.append(fields)
    return _encoder.encode({"input_shape": network.input_shape, "layers": layers}), tuple(arrays)


def decode(structure: bytes, arrays: Sequence[np.ndarray]) -> Network:
    """Return the network that :func:`encode` made ``structure`` and ``arrays`` of.

    Raises:
        ValueError: the bytes or the arrays are not those of a network; says what is wrong.
    """
    try:
        decoded = _decoder.decode(structure)
        if len(decoded.layers) > MAX_LAYERS:
            raise ValueError(f"{len(decoded.layers)} layers; at most {MAX_LAYERS} are read")
        return Network(decoded.input_shape, tuple(_layer(portable, arrays) for portable in decoded.layers))
    except (msgspec.MsgspecError, RecursionError, TypeError, OverflowError) as error:
        raise ValueError(f"not a description of a network: {error}") from None


def _tag(layer: Layer) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(layer).__name__).lstrip("_")


def _layer(portable: _Portable, arrays: Sequence[np.ndarray]) -> Layer:
    kind: type[Layer] = getattr(architecture, type(portable).__name__.lstrip("_"))
    fields = {name: getattr(portable, name) for name in portable.__struct_fields__ if name != "arrays"}
    given: dict[str, int] = getattr(portable, "arrays", {})
    optional = {"bias", "scale", "shift"}
    required = set(kind.ARRAYS) - optional
    if not required <= set(given) <= set(kind.ARRAYS):
        raise ValueError(f"a {kind.__name__} has the arrays {', '.join(kind.ARRAYS)}, not {', '.join(given)}")
    for name in kind.ARRAYS:
        fields[name] = None
    for name, index in given.items():
        if not 0 <= index < len(arrays):
            raise ValueError(f"array {index} of {len(arrays)}")
        if arrays[index].dtype.kind != "f":
            raise ValueError(f"weights are floating-point numbers, not {arrays[index].dtype}")
        fields[name] = frozen(arrays[index])
    return kind(**fields)
