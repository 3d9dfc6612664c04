"""``check: transplant`` — with the same weights, does the network compute what the reference computes?

The trusted side draws weights and inputs, writes the weights into the student's network, and compares what it returns
with what the reference gives for them. A network passes only by computing the right function of weights and inputs,
however it is written.
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.each_model import Each, as_models, judge_each, problems_of_models, see_each
from grader.checks.student_models import StudentModels, give_weights
from grader.checks.words import magnitude
from grader.course.model import Criterion, ModelSpec, Part
from grader.networks.evaluate import FORMS, always_drops, as_ending, difference, outputs, with_epsilons_of
from grader.oracle.networks import reference_network
from grader.results import Evidence, Feedback, Judgement, Measurement, Verdict
from grader.transplant.architecture import Network, draw_arrays, title
from grader.transplant.transplant import ArchitectureMismatch

DRAWS, EXAMPLES = 2, 8


class TransplantOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` as for ``layers``. ``tolerance`` is the largest difference accepted, relative to the largest logit
    (or 1, if that is larger)."""

    model: str | tuple[str, ...] = ()
    tolerance: Annotated[float, msgspec.Meta(gt=0, le=0.1)] = 1e-4

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)


class TransplantSeen(msgspec.Struct, frozen=True):
    """What the network computed beside the reference's logits, one pair of (N, values) arrays for each draw of weights.

    ``pairs`` is empty where the weights do not fit: ``misfit`` says at which layer of the student's, or ``why_not`` why
    the layers could not be read. ``repeated`` is the last draw's output once more, to see whether it is random, where
    it is not the reference's.
    """

    place: str
    layers: tuple[str, ...]
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...] = ()
    repeated: np.ndarray | None = None
    described: bool = True
    misfit: str = ""
    why_not: str = ""
    always_drops: bool = False


class Transplant:
    """The decisive check of a network: everything that changes what it computes shows here."""

    Options: ClassVar[type] = TransplantOptions

    def observe(self, context: CheckContext) -> Each:
        """Write drawn weights into each network and run it on drawn inputs."""

        def see(models: StudentModels, spec: ModelSpec) -> TransplantSeen:
            tolerance = context.criterion.options.tolerance
            return _see(models, spec, reference_network(context.folder, spec), context.rng, tolerance)

        return see_each(context, context.criterion.options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Pass if all outputs agree, as logits, probabilities or their logarithms."""
        options: TransplantOptions = criterion.options
        return judge_each(seen, lambda one: _judge(one, options.tolerance))


def _see(
    models: StudentModels, spec: ModelSpec, reference: Network, rng: np.random.Generator, tolerance: float
) -> TransplantSeen:
    built = models.build(spec)
    names = () if built.network is None else tuple(map(title, built.network.layers))
    pairs = []
    for _ in range(DRAWS):
        drawn = draw_arrays(reference, rng)
        if built.network is not None:
            drawn = with_epsilons_of(built.network, drawn)
        inputs = rng.uniform(0, 1, (EXAMPLES, *reference.input_shape))
        try:
            if not give_weights(models, built, drawn):
                return TransplantSeen(built.place, names, described=False, why_not=built.why_not)
        except ArchitectureMismatch as mismatch:
            own = str(mismatch.target) if mismatch.target is not None else "it has no more layers with weights"
            return TransplantSeen(built.place, names, misfit=own)
        pairs.append((models.forward(built, inputs), outputs(drawn, inputs)))
    repeated = models.forward(built, inputs, seed=1) if _nearest(tuple(pairs))[0] > tolerance else None
    always = built.network is not None and always_drops(built.network)
    return TransplantSeen(
        built.place, names, tuple(pairs), repeated, built.network is not None, "", built.why_not, always
    )


def _judge(seen: TransplantSeen, tolerance: float) -> Judgement:
    source = f"Weights and inputs were drawn and put into {seen.place}."
    if not seen.pairs:
        if seen.misfit:
            feedback = Feedback(
                "The reference's weights do not fit into your network, so the two cannot be compared.",
                facts=(f"The first layer of yours that they do not fit: {seen.misfit}.", source),
            )
            return Judgement(Verdict.FAIL, 0.0, Evidence.VERIFIED, feedback)
        return _cannot_tell(seen)
    error, ending = _nearest(seen.pairs)
    measurement = Measurement("largest difference", error if np.isfinite(error) else None, bound=tolerance)
    if error <= tolerance:
        summary = f"With the same weights it computes what the reference computes ({ending}, {len(seen.pairs)} draws)."
        return Judgement(Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback(summary), (measurement,))
    if not seen.described:
        return _cannot_tell(seen)
    facts = [source, f"Largest difference: {magnitude(error)}, allowed {magnitude(tolerance)}."]
    is_random = seen.repeated is not None and not np.array_equal(seen.repeated, seen.pairs[-1][0])
    if is_random or seen.always_drops:
        facts.append("In evaluation mode it gives different outputs for the same input: dropout is active there.")
    facts.append(f"Your layers, in the order of the data: {', '.join(seen.layers)}.")
    facts.append("Compare activations, padding, the order of layers, and what stands at the end with the handout.")
    feedback = Feedback("With the same weights your network computes something else than the reference.", tuple(facts))
    return Judgement(Verdict.FAIL, 0.0, Evidence.VERIFIED, feedback, (measurement,))


def _cannot_tell(seen: TransplantSeen) -> Judgement:
    feedback = Feedback(
        "Weights could not be put into this network in a way that is known to be right, so a person will look at it.",
        facts=(f"Tried on {seen.place}: {seen.why_not}",),
    )
    return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback)


def _nearest(pairs: tuple[tuple[np.ndarray, np.ndarray], ...]) -> tuple[float, str]:
    """Return the largest difference, relative to the largest expected value (or 1), and as what form of output it is
    the smallest."""
    return min((max(difference(given, as_ending(logits, form)) for given, logits in pairs), form) for form in FORMS)
