"""``check: extracted_weights`` — does a function take the weights out of a network, in the layout of the handout?

The trusted side draws weights and writes them into the student's own network, whatever its layers are; the student's
function is handed that network and must return what was written.
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec
import numpy as np

from grader.checks.agreement import Tolerance, agreement
from grader.checks.base import CheckContext, Seen, name_points
from grader.checks.each_model import problems_of_models
from grader.checks.numpy_forward import problems_of_function
from grader.checks.student import StudentError
from grader.checks.student_models import StudentModels
from grader.checks.values import judge_agreements, problems_of_points
from grader.checks.words import count_of, describe
from grader.course.model import Criterion, Part
from grader.networks.forward_pass import NamedLayer, Pass, named_arrays
from grader.numerics.compare import compare
from grader.numerics.diagnosis_text import listed
from grader.results import Evidence, Feedback, Judgement, Verdict
from grader.sandbox import wire
from grader.transplant.architecture import Dense, Flatten, Network, Shape, draw_arrays


class ExtractedWeightsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``function`` takes one argument, the network of ``model``, and returns a dict of arrays, called
    ``<layer>_kernel`` and ``<layer>_bias``. ``layers`` are the names of those layers that have weights, in order."""

    function: str
    model: str
    layers: tuple[str, ...]
    tolerance: Tolerance = Tolerance()
    points_by: dict[str, float] = {}

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models((self.model,), part)
        yield from problems_of_function(self.function, ("the network",), part)
        if self.points_by:
            yield from problems_of_points(self.points_by, None, points)


class ExtractionSeen(msgspec.Struct, frozen=True):
    """What was written into the network and what came out of it, by name.

    ``channels_first`` holds dense kernels with their rows in the order in which PyTorch flattens a map. ``why_not``
    says why nothing could be written.
    """

    place: str
    outputs: dict[str, wire.Payload]
    written: dict[str, np.ndarray]
    channels_first: dict[str, np.ndarray]
    why_not: str = ""


class ExtractedWeights:
    """Compares what a student's function takes out of a network with what was put in."""

    Options: ClassVar[type] = ExtractedWeightsOptions

    def observe(self, context: CheckContext) -> ExtractionSeen:
        """Write drawn weights into the student's network and have the student's function take them out."""
        options: ExtractedWeightsOptions = context.criterion.options
        student = context.student
        function = student.bound(context.part.function(options.function))
        # it may be in another file than the network, and the same worker has to hold both
        student.worker_with(function)
        models = StudentModels(student)
        built = models.build(context.part.model(options.model))
        if built.network is None:
            return ExtractionSeen(built.place, {}, {}, {}, built.why_not)
        drawn = draw_arrays(built.network, context.rng)
        with_weights = [layer for layer in drawn.layers if layer.arrays]
        if len(with_weights) != len(options.layers):
            own = f"it has {count_of(len(with_weights), 'layer')} with weights"
            return ExtractionSeen(built.place, {}, {}, {}, f"{own}, the handout's {len(options.layers)}")
        layers = tuple(map(NamedLayer, options.layers, with_weights))
        models.write(built, drawn.arrays)
        returned = student.operate(
            student.worker_with(built.bound),
            "call_with_network",
            {"handle": built.handle, "path": function.path, "name": function.name},
            doing=f"{function.name} took the weights out",
            raised=f"{function.name} raised",
        )
        if not isinstance(returned, dict):
            asked = f"the handout asks for a dict with the keys {', '.join(named_arrays(layers))}"
            raise StudentError(Verdict.MISSING, Feedback(f"{function.name} returned {describe(returned)}; {asked}."))
        return ExtractionSeen(built.place, returned, named_arrays(layers), channels_first(drawn, layers))

    def judge(self, seen: ExtractionSeen, criterion: Criterion) -> Judgement:
        """Compare array by array."""
        options: ExtractedWeightsOptions = criterion.options
        if seen.why_not:
            feedback = Feedback(
                "Weights could not be put into this network in a way that is known to be right, "
                "so a person will look at it.",
                facts=(f"Tried on {seen.place}: {seen.why_not}",),
            )
            return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback)
        case = Seen(f"weights drawn and put into {seen.place}", seen.outputs, seen.written)
        relative = options.tolerance.relative
        items = [agreement(name, (case,), relative) for name in seen.written]
        wrong = [item.name for item in items if not item.agrees]
        summary = "Every array comes out of the network as it was put in."
        if wrong:
            verb, they = ("does", "it") if len(wrong) == 1 else ("do", "they")
            summary = f"{listed(wrong)} {verb} not come out as {they} should, in the handout's layout."
        judgement = judge_agreements(
            items,
            name_points(tuple(item.name for item in items), options.points_by, criterion.points),
            criterion,
            all_or_nothing=not options.points_by,
            summary=summary,
            diagnoses=(),
        )
        facts = (*judgement.feedback.facts, *_recognised(wrong, seen, relative))
        return msgspec.structs.replace(judgement, feedback=msgspec.structs.replace(judgement.feedback, facts=facts))


def channels_first(network: Network, layers: Pass) -> dict[str, np.ndarray]:
    """Return the kernels of dense layers that a map reaches flattened, their rows in the order channel, row, column."""
    names = {id(layer): name for name, layer in layers}
    found = {}
    flattened: Shape | None = None
    for before, layer in zip((network.input_shape, *network.shapes), network.layers, strict=False):
        if isinstance(layer, Flatten) and len(before) == 3:
            flattened = before
        elif isinstance(layer, Dense) and flattened is not None:
            kernel = layer.kernel.reshape(*flattened, -1).transpose(2, 0, 1, 3).reshape(layer.kernel.shape)
            found[f"{names[id(layer)]}_kernel"] = kernel
            flattened = None
    return found


def _recognised(wrong: list[str], seen: ExtractionSeen, relative: float) -> tuple[str, ...]:
    facts = []
    for name, kernel in seen.channels_first.items():
        value = seen.outputs.get(name)
        if name in wrong and isinstance(value, np.ndarray) and compare(value, kernel, relative=relative).agrees:
            facts.append(
                f"{name}: its rows stand in the order channel, row, column, in which PyTorch flattens a map; "
                "the handout's order is row, column, channel."
            )
    return tuple(facts)
