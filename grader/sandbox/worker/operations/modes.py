"""What training adds to the loss: the penalty on a network's weights, and how fast it changes with each of them."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox.wire import Raised
from grader.sandbox.worker.operations.live import Live
from grader.sandbox.worker.operations.workbench import Workbench

DECOUPLED = ("AdamW", "SGDW", "NAdamW", "RAdamW")
"""Optimizers whose weight decay is no penalty: it does not pass through the gradient."""


def penalty(bench: Workbench, handle: str, function: str, optimizer: str) -> dict[str, Any]:
    """Return the penalty of a network at its present weights, and its gradient.

    The sources, those that there are: the losses that a Keras network keeps itself; else what ``function(model)`` in
    the network's file returns, or the method of that name; for PyTorch also the weight decay of the optimizer
    that ``optimizer(model)`` returns, which adds ``weight_decay · w`` to the gradient.

    Returns:
        A mapping: ``sources`` (texts), ``value``, and ``gradients``: a mapping for each layer of the description, or,
        for a network that has none, an array for each weight, in the framework's layout and the network's order.
        ``detached``: a source gave a number without a gradient.
    """
    live = bench.network(handle)
    found = _Named(bench, live, (function, optimizer))
    weights = live.weights()
    gradients = {id(weight.native): np.zeros(weight.shape, np.float64) for weight in weights}
    if live.framework == "torch":
        sources, value, detached = _in_torch(live, found, function, optimizer, gradients)
    else:
        sources, value, detached = _in_keras(live, found, function, gradients)
    by_layer: tuple[Any, ...]
    if live.traced is None:
        by_layer = tuple(gradients[id(weight.native)] for weight in weights)
    else:
        by_layer = live.traced.collect(lambda native: gradients.get(id(native)))
    return {
        "sources": tuple(sources),
        "value": np.array(value, np.float64),
        "gradients": by_layer,
        "detached": np.array(detached),
    }


class _Named:
    """Functions in the file of a network, by name. A notebook runs what they need first."""

    def __init__(self, bench: Workbench, live: Live, names: tuple[str, ...]) -> None:
        self._bench = bench
        self._live = live
        loaded = bench.loader.load(live.path, tuple(name for name in names if name))
        if isinstance(loaded, Raised):
            raise RuntimeError(f"{live.path} raised {loaded.type_name}: {loaded.message}")

    def function(self, name: str) -> Callable[[Any], Any] | None:
        """Return the function or the network's own method called ``name``, to be called with the network."""
        if not name:
            return None
        method = getattr(self._live.model, name, None)
        try:
            found = self._bench.loader.named(self._live.path, name)
        except NameError:
            found = None
        if callable(found):
            return found  # type: ignore[no-any-return]
        return (lambda _: method()) if callable(method) else None


def _in_torch(
    live: Live, found: _Named, function: str, optimizer: str, gradients: dict[int, np.ndarray]
) -> tuple[list[str], float, bool]:
    import torch

    sources: list[str] = []
    value, detached = 0.0, False
    parameters = [weight.native for weight in live.weights() if weight.trained]
    compute = found.function(function)
    if compute is not None:
        with torch.enable_grad():
            result = compute(live.model)
        sources.append(f"{function}(model)")
        value += float(result.detach() if isinstance(result, torch.Tensor) else result)
        if isinstance(result, torch.Tensor) and result.requires_grad:
            for parameter, gradient in zip(
                parameters, torch.autograd.grad(result, parameters, allow_unused=True), strict=True
            ):
                if gradient is not None:
                    gradients[id(parameter)] += gradient.detach().numpy()
        else:
            detached = value != 0
    make = found.function(optimizer)
    if make is not None:
        made = make(live.model)
        kind = type(made).__name__
        for group in made.param_groups:
            decay = float(group.get("weight_decay", 0.0))
            if not decay or kind in DECOUPLED or group.get("decoupled_weight_decay"):
                continue
            for parameter in group["params"]:
                if id(parameter) not in gradients:
                    continue
                values = np.asarray(parameter.detach().numpy(), np.float64)
                gradients[id(parameter)] += decay * values
                value += decay / 2 * float((values * values).sum())
        sources.append(f"weight_decay of {optimizer}(model), {kind}")
    return sources, value, detached


def _in_keras(
    live: Live, found: _Named, function: str, gradients: dict[int, np.ndarray]
) -> tuple[list[str], float, bool]:
    tensorflow = sys.modules["tensorflow"]
    variables = [weight.native for weight in live.weights() if weight.trained]
    compute = found.function(function)
    with tensorflow.GradientTape() as tape:
        losses = list(live.model.losses)
        if losses:
            sources, total = ["model.losses"], sum(losses[1:], losses[0])
        elif compute is not None:
            sources, total = [f"{function}(model)"], compute(live.model)
        else:
            return [], 0.0, False
    value = float(total)
    if not tensorflow.is_tensor(total):
        return sources, value, value != 0
    found_gradients = tape.gradient(total, [variable.value for variable in variables])
    for variable, gradient in zip(variables, found_gradients, strict=True):
        if gradient is not None:
            gradients[id(variable)] += np.asarray(tensorflow.convert_to_tensor(gradient))
    return sources, value, value != 0 and all(gradient is None for gradient in found_gradients)
