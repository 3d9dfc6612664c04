"""``check: numpy_forward`` — does a forward pass written by hand compute what the network computes, layer by layer?

The trusted side draws weights and images, hands both to the student's function, and compares every layer's output. A
layer is right if it agrees with the reference, or with what the reference makes of the student's own output of the
layer before: one mistake costs the points of one layer.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from grader.checks.agreement import Agreement, Tolerance, agreement
from grader.checks.base import CheckContext, Seen, name_points
from grader.checks.each_model import problems_of_models
from grader.checks.student import StudentError
from grader.checks.values import judge_agreements, problems_of_points
from grader.checks.words import count_of, describe
from grader.course.model import Criterion, Part
from grader.networks.evaluate import with_precision
from grader.networks.forward_mistakes import likely_mistake
from grader.networks.forward_pass import Step, fitting_order, named_arrays, named_layers, steps
from grader.numerics.diagnosis_text import listed
from grader.oracle.networks import reference_network
from grader.oracle.run import Inputs, OracleError
from grader.results import Feedback, Judgement, Verdict
from grader.sandbox import wire
from grader.transplant.architecture import draw_arrays


class NumpyForwardOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``function`` takes two arguments, images and weights, and returns a dict with an output for each of ``layers``.
    These name the layers of the reference for ``model`` in their order, and a softmax at the end if there is one name
    more. Weights are called ``<layer>_kernel`` and ``<layer>_bias``."""

    function: str
    model: str
    layers: tuple[str, ...]
    images: Annotated[int, msgspec.Meta(ge=2, le=1000)] = 10
    tolerance: Tolerance = Tolerance()
    points_by: dict[str, float] = {}

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models((self.model,), part)
        yield from problems_of_function(self.function, ("images", "weights"), part)
        if len(set(self.layers)) != len(self.layers):
            yield "layers", "names a layer twice"
        if self.points_by:
            yield from problems_of_points(self.points_by, self.layers, points)


class ForwardSeen(msgspec.Struct, frozen=True):
    """What came back by name, beside what should have, step by step. ``images`` is how many there were."""

    outputs: dict[str, wire.Payload]
    steps: tuple[Step, ...]
    images: int


class NumpyForward:
    """Follows a student's pass from layer to layer."""

    Options: ClassVar[type] = NumpyForwardOptions

    def observe(self, context: CheckContext) -> ForwardSeen:
        """Draw weights and images, run the student's pass once, and compute what each layer should have given."""
        options: NumpyForwardOptions = context.criterion.options
        reference = reference_network(context.folder, context.part.model(options.model))
        drawn = draw_arrays(with_precision(reference, np.float32), context.rng)
        try:
            layers = named_layers(drawn, options.layers)
        except ValueError as error:
            raise OracleError(f"'layers' of {context.criterion.id}: {error}") from error
        images = context.rng.uniform(0, 1, (options.images, *drawn.input_shape)).astype(np.float32)
        function = context.part.function(options.function)
        first, second = function.accepts
        inputs: Inputs = {first: images, second: named_arrays(layers)}
        (returned,) = context.student.outputs(function, [inputs])
        outputs = _by_name(returned[function.returns[0]], options.layers, context.student.bound(function).name)
        order = fitting_order(layers, images, outputs)
        return ForwardSeen(outputs, steps(order, images, outputs), options.images)

    def judge(self, seen: ForwardSeen, criterion: Criterion) -> Judgement:
        """Give each layer its points."""
        options: NumpyForwardOptions = criterion.options
        points = name_points(options.layers, options.points_by, criterion.points)
        items = _agreements(seen, options.tolerance.relative)
        wrong = [item for item in items if not item.agrees]
        judgement = judge_agreements(
            items,
            points,
            criterion,
            all_or_nothing=not options.points_by,
            summary=_summary(wrong, len(items), seen.images),
            diagnoses=(),
        )
        if not wrong:
            return judgement
        facts = (*judgement.feedback.facts, *_recognised(wrong, seen))
        return msgspec.structs.replace(judgement, feedback=msgspec.structs.replace(judgement.feedback, facts=facts))


def problems_of_function(name: str, accepts: tuple[str, ...], part: Part) -> Iterable[tuple[str, str]]:
    """Yield ``(field, message)`` for an option ``function`` that names none that takes ``accepts``, in other words."""
    known = [function.name for function in part.functions]
    if name not in known:
        yield "function", f"part '{part.id}' has no function '{name}'; it has {', '.join(known) or 'none'}"
    elif len(part.function(name).accepts) != len(accepts) or len(part.function(name).returns) != 1:
        yield "function", f"'{name}' must accept {count_of(len(accepts), 'value')}, {listed(accepts)}, and return one"


def _by_name(returned: wire.Payload, names: tuple[str, ...], function: str) -> dict[str, wire.Payload]:
    """Return the outputs by name; a tuple or list of one output for each layer is taken in the handout's order.

    Raises:
        StudentError: it is neither.
    """
    if isinstance(returned, dict) and any(name in returned for name in names):
        return {name: returned[name] for name in names if name in returned}
    if isinstance(returned, tuple) and len(returned) == len(names):
        return dict(zip(names, returned, strict=True))
    asked = f"the handout asks for a dict with the output of every layer: {', '.join(names)}"
    raise StudentError(Verdict.MISSING, Feedback(f"{function} returned {describe(returned)}; {asked}."))


def _agreements(seen: ForwardSeen, relative: float) -> list[Agreement]:
    case = f"{count_of(seen.images, 'image')} with drawn weights"
    found = []
    for step in seen.steps:
        actual = {step.name: seen.outputs[step.name]} if step.name in seen.outputs else {}
        expected = [step.output] if step.own_output is None else [step.output, step.own_output]
        items = [agreement(step.name, (Seen(case, actual, {step.name: one}),), relative) for one in expected]
        # where neither agrees, what the student's own last output should have become says more
        found.append(next((item for item in items if item.agrees), items[-1]))
    return found


def _summary(wrong: list[Agreement], count: int, images: int) -> str:
    if not wrong:
        return f"Each of {count} layers gives what it should on {count_of(images, 'image')}."
    names = listed([item.name for item in wrong])
    verb = "does" if len(wrong) == 1 else "do"
    right = count - len(wrong)
    if not right:
        return f"None of the layers gives what it should: {names}."
    rest = "the other one is" if right == 1 else f"the other {right} are"
    return f"{names} {verb} not give what the layer should; {rest} right for what reached them."


def _recognised(wrong: list[Agreement], seen: ForwardSeen) -> tuple[str, ...]:
    """Say which of the wrong outputs are those of a known mistake."""
    by_name = {step.name: step for step in seen.steps}
    facts = []
    for item in wrong:
        step, value = by_name[item.name], seen.outputs.get(item.name)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
            continue
        for given in (step.own_given, step.given):
            if given is not None and (text := likely_mistake(step.layer, given, value)):
                facts.append(f"{item.name}: {text}")
                break
    return tuple(facts)
