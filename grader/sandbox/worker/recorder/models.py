"""The models of a notebook: a number for each, and what each of them is."""

import sys
import weakref
from typing import Any, NamedTuple

import numpy as np

from grader.sandbox.worker.operations.live import framework_of
from grader.sandbox.worker.recorder.log import Event, Log, number, settings, text
from grader.transplant import portable

MAX_LAYERS = 300
MAX_TRACED_PARAMETERS = 30_000_000
USUAL_SHAPE = (28, 28, 1)
"""One image of the given data, tried where a model does not know what it takes."""

_KERAS_SETTINGS = (
    "units", "filters", "kernel_size", "strides", "pool_size", "padding", "rate", "activation", "momentum", "epsilon",
    "use_bias", "data_format", "axis", "kernel_initializer", "kernel_regularizer",
)  # fmt: skip
_TORCH_SETTINGS = (
    "in_features", "out_features", "in_channels", "out_channels", "kernel_size", "stride", "padding", "p", "eps",
    "momentum", "num_features", "negative_slope", "dim",
)  # fmt: skip


class _Structure(NamedTuple):
    """The description of a network without its numbers, the shapes of its arrays, or why there is none."""

    structure: str
    shapes: list[list[int]]
    why_not: str


class Models:
    """Knows the models that were seen, without keeping them alive."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._numbers: dict[int, tuple[Any, int]] = {}
        self._told: dict[int, Event] = {}
        self._traced: dict[Any, _Structure] = {}
        self._count = 0
        self.example_shapes: dict[int, tuple[int, ...]] = {}
        """One example as each model of PyTorch took it, by the model's number."""
        self.steps: dict[int, int] = {}
        """How many steps each model has been trained, by its number."""

    def number(self, model: Any) -> int:
        """Return the number of ``model``, a new one if it has not been seen."""
        known = self._numbers.get(id(model))
        if known is not None and known[0]() is model:
            return known[1]
        self._count += 1
        self._numbers[id(model)] = (weakref.ref(model), self._count)
        return self._count

    def living(self) -> list[tuple[int, Any]]:
        """Return the models that are still there, by number."""
        found = [(count, reference()) for reference, count in self._numbers.values()]
        return [(count, model) for count, model in found if model is not None]

    def tell_used(self, model: Any) -> int:
        """Record ``model`` now, in case that it is gone when the cell ends; return its number."""
        count = self.number(model)
        if count not in self._told:
            self._tell(count, model, [])
        return count

    def tell(self, namespace: dict[str, Any]) -> None:
        """Record each model that is new, or is no longer what was recorded of it, with the names it goes by."""
        names: dict[int, list[str]] = {}
        for name, value in list(namespace.items()):
            for key, model in _models_in(name, value):
                names.setdefault(self.number(model), []).append(key)
        for count, model in self.living():
            self._tell(count, model, names.get(count, []))

    def _tell(self, count: int, model: Any, names: list[str]) -> None:
        known = self._told.get(count)
        facts = self._facts(count, model) | {"names": (names or (known["names"] if known else []))[:10]}
        if facts["layers"] and known != facts:
            self._told[count] = facts
            self._log.add("model", **facts)

    def _facts(self, count: int, model: Any) -> Event:
        known = self._told.get(count)
        try:
            layers, parameters, trainable = _outline(model)
        except Exception:
            # a model that is half built, or whose own methods fail, is told once it can be
            return {"model": count, "layers": []}
        if known is not None and known["layers"] == layers and known["parameters"] == parameters and known["structure"]:
            # tracing a network takes longer than all the rest, and its layers are the same
            return {name: value for name, value in known.items() if name != "names"}
        structure, shapes, why_not = self._structure(count, model, layers, parameters)
        return {
            "model": count,
            "framework": framework_of(model) or "",
            "class_name": type(model).__name__[:100],
            "layers": layers,
            "parameters": parameters,
            "trainable": trainable,
            "structure": structure,
            "shapes": shapes,
            "why_not": why_not,
        }

    def _structure(self, count: int, model: Any, layers: list[Any], parameters: int) -> _Structure:
        if parameters > MAX_TRACED_PARAMETERS:
            return _Structure("", [], f"it has {parameters:,} parameters")
        example = self.example_shapes.get(count)
        # a loop that compares settings makes the same network again and again
        key = (type(model), repr(layers), example)
        if key not in self._traced:
            self._log.is_muted = True
            try:
                encoded, arrays = portable.encode(_traced(model, example))
                self._traced[key] = _Structure(encoded.decode(), [list(array.shape) for array in arrays], "")
            except Exception as error:
                self._traced[key] = _Structure("", [], text(error))
            finally:
                self._log.is_muted = False
        return self._traced[key]


def _models_in(name: str, value: Any) -> list[tuple[str, Any]]:
    if framework_of(value) is not None:
        return [(name, value)] if not name.startswith("_") else []
    if isinstance(value, (list, tuple)) and len(value) <= 100:
        return [(f"{name}[{place}]", item) for place, item in enumerate(value) if framework_of(item) is not None]
    if isinstance(value, dict) and len(value) <= 100 and not name.startswith("_"):
        return [(f"{name}[{text(key, 40)!r}]", item) for key, item in value.items() if framework_of(item) is not None]
    return []


def _traced(model: Any, example: tuple[int, ...] | None) -> Any:
    if framework_of(model) == "keras":
        from grader.transplant.trace_keras import trace_keras

        return trace_keras(model).network
    import torch

    from grader.transplant.trace_torch import trace_torch

    shape = USUAL_SHAPE if example is None else example
    if len(shape) == 3 and example is not None:
        shape = (*shape[1:], shape[0])
    was_training = model.training
    with torch.random.fork_rng(devices=[]):
        try:
            return trace_torch(model, shape).network
        finally:
            model.train(was_training)


def _outline(model: Any) -> tuple[list[dict[str, Any]], int, int]:
    """Return a model's layers, and how many parameters it has and trains."""
    if framework_of(model) == "torch":
        return _outline_torch(model)
    layers = [
        {
            "kind": type(layer).__name__[:60],
            "name": text(layer.name, 60),
            "settings": _read(layer, _KERAS_SETTINGS),
            "output": _output(layer),
            "parameters": int(layer.count_params()) if layer.built else 0,
        }
        for layer in _flat(model.layers)[:MAX_LAYERS]
    ]
    sizes = {id(weight): int(np.prod(weight.shape)) for weight in model.weights if "seed" not in weight.path}
    trained = {id(weight) for weight in model.trainable_weights}
    return layers, sum(sizes.values()), sum(size for key, size in sizes.items() if key in trained)


def _flat(layers: Any) -> list[Any]:
    found = []
    for layer in layers:
        inner = getattr(layer, "layers", None)
        found += _flat(inner) if isinstance(inner, list) and inner else [layer]
    return found


def _outline_torch(model: Any) -> tuple[list[dict[str, Any]], int, int]:
    layers = [
        {
            "kind": type(module).__name__[:60],
            "name": text(name, 60),
            "settings": _read(module, _TORCH_SETTINGS),
            "output": "",
            "parameters": sum(p.numel() for p in module.parameters()),
        }
        for name, module in model.named_modules()
        if not list(module.children()) and module is not model
    ]
    parameters = list(model.parameters())
    if not layers and parameters:
        layers = [{"kind": type(model).__name__[:60], "name": "", "settings": {}, "output": "", "parameters": 0}]
    return (
        layers[:MAX_LAYERS],
        sum(p.numel() for p in parameters),
        sum(p.numel() for p in parameters if p.requires_grad),
    )


def _read(layer: Any, names: tuple[str, ...]) -> dict[str, str]:
    return settings(**{name: vars(layer).get(name) for name in names})


def _output(layer: Any) -> str:
    try:
        return "×".join("?" if n is None else str(n) for n in layer.output.shape[1:])
    except Exception:
        # a layer that was called on several inputs, or on none, has no one output
        return ""


def optimizer_facts(optimizer: Any) -> dict[str, Any]:
    """Return kind and settings of an optimizer of either framework."""
    if "torch" in sys.modules and isinstance(optimizer, sys.modules["torch"].optim.Optimizer):
        group = optimizer.param_groups[0] if optimizer.param_groups else {}
        names = ("lr", "momentum", "weight_decay", "betas", "nesterov", "eps", "alpha")
        found = {name: group.get(name) for name in names if group.get(name) not in (None, 0, False)}
        # where a schedule is at work, the rate that it started from
        rate = group.get("initial_lr", found.pop("lr", None))
        found.pop("lr", None)
        return {"kind": type(optimizer).__name__[:60], "settings": settings(learning_rate=number(rate), **found)}
    names = ("momentum", "beta_1", "beta_2", "weight_decay", "nesterov", "epsilon", "rho")
    found = {name: getattr(optimizer, name, None) for name in names}
    found = {name: value for name, value in found.items() if value not in (None, 0, False)}
    schedule = getattr(optimizer, "_learning_rate", None)
    rate = getattr(optimizer, "learning_rate", None)
    if type(schedule).__module__.startswith("keras") and "schedule" in type(schedule).__module__:
        return {"kind": type(optimizer).__name__[:60], "settings": settings(schedule=type(schedule).__name__, **found)}
    return {"kind": type(optimizer).__name__[:60], "settings": settings(learning_rate=number(rate), **found)}
