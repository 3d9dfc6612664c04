"""The L2 penalty: its value, and its gradient on each array, for weights that the trusted side chose."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from grader.checks.mode_outcome import Outcome
from grader.checks.mode_subject import give
from grader.checks.student import StudentError
from grader.checks.student_models import Built, StudentModels
from grader.checks.words import count_of
from grader.networks.native import native_arrays
from grader.results import Evidence, Measurement
from grader.transplant.architecture import Convolution, Dense, Network, draw_arrays
from grader.transplant.transplant import fitted_arrays, sites

TOLERANCE = 1e-3
"""The largest relative difference accepted in a value or a gradient."""
CONVENTION = "The handout's penalty is factor · Σ w²; its gradient is 2 · factor · w."


class PenaltyAnswer(msgspec.Struct, frozen=True):
    """What the worker said. ``gradients`` are paired with ``names`` and the ``weights`` that they belong to."""

    sources: tuple[str, ...]
    value: float
    gradients: tuple[np.ndarray, ...]
    detached: bool


class PenaltyRequest(msgspec.Struct, frozen=True):
    """The handout's ``factor``, and the names it gives to the ``function`` and the ``optimizer`` of the penalty."""

    factor: float
    function: str
    optimizer: str


class PenaltySeen(msgspec.Struct, frozen=True):
    """``weights`` were written, by name; ``penalized`` says which of them the handout's penalty is about. ``answer`` is
    ``None`` where weights could not be given: ``why_not`` says why."""

    place: str
    framework: str
    request: PenaltyRequest
    names: tuple[str, ...] = ()
    weights: tuple[np.ndarray, ...] = ()
    penalized: tuple[bool, ...] = ()
    answer: PenaltyAnswer | None = None
    why_not: str = ""


def penalized_layers(network: Network, on: str | tuple[int, ...]) -> frozenset[int]:
    """Return the numbers (from 0, of all layers) of those whose kernels are penalized.

    Args:
        network: the reference.
        on: ``convolutions``, ``hidden`` (all layers with weights but the last), ``all``, or numbers from 1 among the
            layers with weights.

    Raises:
        ValueError: a number is larger than there are layers.
    """
    weighted = [site.number for site in sites(network) if isinstance(site.layer, Convolution | Dense)]
    match on:
        case "convolutions":
            return frozenset(number for number in weighted if isinstance(network.layers[number], Convolution))
        case "hidden":
            return frozenset(weighted[:-1])
        case "all":
            return frozenset(weighted)
    if any(not 1 <= int(number) <= len(weighted) for number in on):
        raise ValueError(f"the reference has {count_of(len(weighted), 'layer')} with weights, not {max(map(int, on))}")
    return frozenset(weighted[int(number) - 1] for number in on)


def see_penalty(
    models: StudentModels,
    built: Built,
    reference: Network,
    penalized: frozenset[int],
    request: PenaltyRequest,
    rng: np.random.Generator,
    reject: Callable[[str], StudentError],
) -> PenaltySeen:
    """Give the network drawn weights and ask for its penalty. ``reject`` ends a worker whose answer is none.

    Raises:
        StudentError: the student's code failed, or what came back is no penalty.
    """
    drawn = draw_arrays(reference, rng)
    why_not = give(models, built, drawn)
    if why_not:
        return PenaltySeen(built.place, built.framework, request, why_not=why_not)
    options = {"handle": built.handle, "function": request.function, "optimizer": request.optimizer}
    told = models.operate(built, "penalty", options, doing="worked out its penalty")
    marks = [
        {name: np.full(array.shape, name == "kernel" and number in penalized, np.float64) for name, array in of.items()}
        for number, of in enumerate(drawn.arrays)
    ]
    weights = _as_listed(drawn, built)
    try:
        answer = _decoded(told, built, [array.shape for array in weights])
    except (TypeError, KeyError, ValueError) as error:
        why = f"its penalty is told as no penalty is: {error}"
        raise reject(why) from None
    return PenaltySeen(
        built.place,
        built.framework,
        request,
        _names(built),
        weights,
        tuple(bool(array.any()) for array in _as_listed(drawn.with_arrays(marks), built)),
        answer,
    )


def judge_penalty(seen: PenaltySeen) -> Outcome:
    """Decide about the penalty's value and gradient."""
    answer, factor = seen.answer, seen.request.factor
    if answer is None:
        summary = "The L2 penalty could not be tried: weights chosen for the handout's network do not go into this one."
        return Outcome(None, summary, (f"Tried on {seen.place}: {seen.why_not}",))
    if not answer.sources:
        return Outcome(False, "The network has no L2 penalty that could be found.", (_where_to_write(seen),))
    source = f"Read from {' and '.join(answer.sources)}."
    evidence = Evidence.OBSERVED if any("weight_decay" in text for text in answer.sources) else Evidence.VERIFIED
    wanted = [factor if marked else 0.0 for marked in seen.penalized]
    exact = sum(f * float((w * w).sum()) for f, w in zip(wanted, seen.weights, strict=True))
    measurements = (Measurement("penalty / the handout's", _finite(answer.value / exact if exact else 0.0)),)
    expected = (f"The handout's factor is {factor:g}, on {_listed(seen, [bool(f) for f in wanted])}.",)

    def wrong(summary: str, *facts: str) -> Outcome:
        return Outcome(False, summary, (*facts, source), expected, measurements, evidence)

    if not np.isfinite(answer.value) or not all(np.isfinite(gradient).all() for gradient in answer.gradients):
        return wrong("The L2 penalty or its gradient is not finite.")
    if answer.detached:
        return wrong("The penalty is a plain number without a gradient, so training does not see it.", CONVENTION)
    gradients_right = all(map(_is_gradient, answer.gradients, seen.weights, wanted))
    value_right = abs(answer.value - exact) <= TOLERANCE * exact
    if gradients_right and value_right:
        summary = f"The L2 penalty has its value and its gradient on {_listed(seen, [bool(f) for f in wanted])}."
        return Outcome(True, summary, (source,), measurements=measurements, evidence=evidence)
    if not any(np.any(gradient) for gradient in answer.gradients):
        return wrong("The L2 penalty is zero.", _where_to_write(seen))
    if gradients_right:
        return wrong("The gradient of the penalty is right, but not its value.", CONVENTION)
    touched = [bool(np.any(gradient)) for gradient in answer.gradients]
    if touched != [bool(f) for f in wanted]:
        return wrong(f"The L2 penalty is on {_listed(seen, touched)}, which is not where the handout has it.")
    for ratio, words in ((0.5, "half"), (2.0, "twice")):
        if all(map(_is_gradient, answer.gradients, seen.weights, [ratio * f for f in wanted])):
            return wrong(
                f"The L2 penalty is {words} the handout's.",
                f"{CONVENTION} The weight_decay of an optimizer stands for factor/2 · Σ w².",
            )
    factors = [_factor(g, w) for g, w in zip(answer.gradients, seen.weights, strict=True)]
    if any(f is None for f in factors):
        return wrong("The gradient of the penalty is not proportional to the weights.", CONVENTION)
    norms = [f * 2 * float(np.sqrt((w * w).sum())) for f, w in zip(factors, seen.weights, strict=True) if f]
    if np.allclose(norms, factor, rtol=TOLERANCE):
        return wrong("The penalty is the norm of the weights, not the sum of their squares.", CONVENTION)
    sizes = [f * w.size for f, w in zip(factors, seen.weights, strict=True) if f]
    if np.allclose(sizes, factor, rtol=TOLERANCE):
        return wrong("The penalty is the mean of the squared weights, not their sum.", CONVENTION)
    return wrong("The L2 penalty has another factor than the handout's.", CONVENTION)


def _as_listed(network: Network, built: Built) -> tuple[np.ndarray, ...]:
    """The arrays of ``network`` in the shapes and the order in which the worker tells gradients."""
    if built.network is None:
        return native_arrays(network, built.framework)
    return tuple(array for arrays in fitted_arrays(network, built.network) for array in arrays.values())


def _names(built: Built) -> tuple[str, ...]:
    if built.network is None:
        return tuple(weight.name for weight in built.weights)
    own = enumerate(sites(built.network), 1)
    return tuple(f"the {name} of layer {number}" for number, site in own for name in site.layer.arrays)


def _decoded(told: object, built: Built, shapes: Sequence[tuple[int, ...]]) -> PenaltyAnswer:
    """Check what a worker said.

    Raises:
        TypeError, KeyError, ValueError: it is not the answer of ``penalty``.
    """
    if not isinstance(told, dict):
        raise TypeError("not a mapping")
    sources, listed = told["sources"], told["gradients"]
    if not isinstance(sources, tuple) or not all(isinstance(text, str) for text in sources):
        raise TypeError("sources are texts")
    if built.network is None:
        gradients = list(listed)
    else:
        own = zip(built.network.arrays, listed, strict=True)
        gradients = [gradients_of[name] for arrays, gradients_of in own for name in arrays]
    if [np.shape(gradient) for gradient in gradients] != list(shapes):
        raise ValueError("there is one gradient for each array")
    return PenaltyAnswer(
        tuple(text[:200] for text in sources),
        float(told["value"]),
        tuple(np.asarray(gradient, np.float64) for gradient in gradients),
        bool(told["detached"]),
    )


def _factor(gradient: np.ndarray, weights: np.ndarray) -> float | None:
    """Return f where the gradient is 2 · f · w, else ``None``."""
    factor = float((gradient * weights).sum() / (weights * weights).sum()) / 2
    return factor if _is_gradient(gradient, weights, factor) else None


def _is_gradient(gradient: np.ndarray, weights: np.ndarray, factor: float) -> bool:
    wanted = 2 * factor * weights
    return bool(np.abs(gradient - wanted).max() <= TOLERANCE * np.abs(wanted).max())


def _listed(seen: PenaltySeen, marked: Sequence[bool]) -> str:
    names = [name for name, is_marked in zip(seen.names, marked, strict=True) if is_marked]
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") if names else "nothing"


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _where_to_write(seen: PenaltySeen) -> str:
    if seen.framework == "torch":
        return (
            f"In PyTorch it is what {seen.request.function}(model) returns, or the weight_decay of the optimizer that "
            f"{seen.request.optimizer}(model) returns, in the same file as the network."
        )
    return f"In Keras it is the kernel_regularizer of the layers, or what {seen.request.function}(model) returns."
