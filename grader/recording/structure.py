"""What a described network is, in a form that can be compared: the same whatever the framework and the names."""

import json
from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple, TypeAlias

from grader.recording.events import ModelSeen, RecordedLayer
from grader.transplant import portable
from grader.transplant.architecture import Network, Shape

Signature: TypeAlias = tuple[str, ...]
_OF_THE_FRAMEWORK = frozenset(("label", "epsilon", "momentum"))
_ENDINGS = frozenset(("softmax", "log_softmax"))
MAX_CHARACTERS = 200_000


def signature(structure: str, shapes: Sequence[Shape]) -> Signature:
    """Return a line for each layer of a description: its kind, its settings, the shapes of its arrays.

    A softmax at the end, names, and what each framework has its own default for are left out. Whatever is not a
    description has the empty signature, which is like no other.
    """
    try:
        decoded: Any = json.loads(structure[:MAX_CHARACTERS])
        layers = [_line(layer, shapes) for layer in decoded["layers"] if isinstance(layer, dict)]
        if layers and decoded["layers"][-1].get("function") in _ENDINGS:
            layers.pop()
        return (json.dumps(decoded["input_shape"]), *layers) if layers else ()
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return ()


class Link(NamedTuple):
    """A layer in the order of the data: its kind in lower case, and the rate of a dropout."""

    kind: str
    rate: float | None = None


def chain(model: ModelSeen) -> tuple[Link, ...]:
    """Return a model's layers in the order of the data; none where it is not known.

    The layers of Keras are listed in that order. Those of PyTorch are listed in the order in which they were made, so
    only a description tells.
    """
    try:
        layers = json.loads(model.structure[:MAX_CHARACTERS])["layers"] if model.structure else None
        if layers is not None:
            return tuple(Link(str(layer["type"]), layer.get("rate")) for layer in layers)
        if model.framework == "keras":
            return tuple(Link(layer.kind.lower(), _rate(layer)) for layer in model.layers)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return ()


def _rate(layer: RecordedLayer) -> float | None:
    rate = layer.settings.get("rate")
    return None if rate is None else float(rate)


def signature_of(network: Network) -> Signature:
    """Return the signature of a reference."""
    encoded, arrays = portable.encode(network)
    return signature(encoded.decode(), [array.shape for array in arrays])


def without_rates(found: Signature) -> Signature:
    """Return a signature in which nothing stands of dropout: two networks that differ in it compute the same."""
    return tuple(line for line in found if '"type": "dropout"' not in line)


def array_shapes(network: Network) -> tuple[Shape, ...]:
    """Return the shapes of a network's arrays, in order."""
    return tuple(array.shape for array in portable.encode(network)[1])


def parameters_of(shapes: Sequence[Shape]) -> int:
    """Return how many numbers arrays of these shapes hold."""
    return sum(prod(shape) for shape in shapes)


def _line(layer: dict[str, Any], shapes: Sequence[Shape]) -> str:
    settings = {key: value for key, value in layer.items() if key not in _OF_THE_FRAMEWORK}
    if isinstance(arrays := settings.get("arrays"), dict):
        settings["arrays"] = {name: list(shapes[place]) for name, place in arrays.items()}
    return json.dumps(settings, sort_keys=True)
