"""``check: retrain`` — does the network train as the handout's does, under the recipe of the assignment?

The student's process says only what the network is and which weights it starts from, and what it says is held against
what the network computes. The trusted side builds it again and trains it by the reference's own recipe within a budget,
from several seeds, so no training code of the student's has a part in the verdict.
"""

import statistics
import time
from collections.abc import Iterable
from math import prod
from typing import Annotated, ClassVar

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.budgeted import FALSE_FAILURES, TRAINED_ALREADY, budget_of, budget_text
from grader.checks.described import TIMES_THE_STEPS, Answer, computes_as_described, starts_as_described
from grader.checks.each_model import Each, as_models, judge_each, problems_of_models, see_each
from grader.checks.student_models import Built, StudentModels
from grader.checks.words import count_of
from grader.course.model import Criterion, ModelSpec, Part
from grader.course.units import Percentage
from grader.data.load import Dataset, load
from grader.networks.cost import steps_per_example
from grader.networks.evaluate import always_drops, outputs
from grader.networks.initial import initialized
from grader.oracle.budgets import Reached, experiment_of, find
from grader.oracle.frameworks import FrameworkMissing, FrameworkName
from grader.oracle.job import Failed
from grader.oracle.networks import reference_network
from grader.oracle.record import Number, Run
from grader.oracle.regenerate import installed_frameworks
from grader.oracle.retraining import make_retraining, retrain
from grader.oracle.run import OracleError
from grader.oracle.store import Store
from grader.results import Curves, Evidence, Feedback, Judgement, Measurement, Series, Verdict
from grader.transplant.architecture import Network, title

LIMIT_S, TIMES_THE_SECONDS = 300.0, 20
"""All trainings of one network end after so many times what the reference took, or after the first if that is more."""
PEEKED_IMAGES = 500
FIRST_SEED = 1000
"""Networks are built from seeds that no other criterion uses, so that nobody has written into them."""


class RetrainOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model`` as for ``layers``. ``experiment`` names the entry of ``experiments.py`` with the recipe; without it the
    one with the model's name. ``epochs`` and ``images`` are the budget; ``images`` are divided as the recipe does, 0
    takes all of the embedded subset. ``seeds`` is how many trainings the median is taken of. ``margin`` is taken off
    the bound, for writings of the network that are as right as the reference's."""

    epochs: Annotated[int, msgspec.Meta(ge=1, le=100)]
    model: str | tuple[str, ...] = ()
    experiment: str = ""
    images: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 0
    seeds: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    margin: Percentage = Percentage(0.02)

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)
        if self.seeds % 2 == 0:
            yield "seeds", f"must be odd, so that the median is one of the trainings, not {self.seeds}"


class RetrainSeen(msgspec.Struct, frozen=True):
    """What the trainings of one network reached; ``why_not`` says why there are none.

    ``accuracies`` are on images for testing, by seed; ``reached`` is what was recorded of the reference in the same
    framework; ``constant`` names layers whose kernels start with a single value; ``anew``: the network had been trained
    already, so other initial weights were drawn. ``confirmed``: what was trained computes what the student's network
    does; else that is only what was said of it. ``private`` is for graders.
    """

    place: str
    budget: str
    accuracies: tuple[Number, ...] = ()
    curves: tuple[tuple[Number, ...], ...] = ()
    reached: tuple[Reached, ...] = ()
    constant: tuple[str, ...] = ()
    anew: bool = False
    confirmed: bool = False
    misfit: str = ""
    why_not: str = ""
    private: str = ""


class Retrain:
    """Trains what was described, by the recipe of the reference."""

    Options: ClassVar[type] = RetrainOptions

    def observe(self, context: CheckContext) -> Each:
        """Build each network from several seeds and train it in a process of the trusted side.

        Raises:
            OracleError: no framework is installed here, or nothing is recorded for this budget.
        """

        def see(models: StudentModels, spec: ModelSpec) -> RetrainSeen:
            return _see(context, models, spec)

        return see_each(context, context.criterion.options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Pass if the median accuracy reaches the bound."""
        options: RetrainOptions = criterion.options
        return judge_each(seen, lambda one: judge_one(one, options.margin))


def _see(context: CheckContext, models: StudentModels, spec: ModelSpec) -> RetrainSeen:
    options: RetrainOptions = context.criterion.options
    budget = budget_of(options, spec)
    selected = experiment_of(context.folder, budget.experiment)
    framework = _framework()
    recorded = find(context.folder, budget)
    reached = recorded.within(framework)
    if not reached:
        raise OracleError(f"nothing is recorded in {framework} for {budget}; make it: grader reference budgets --write")
    data = load(selected.experiment.data)
    reference = reference_network(context.folder, spec)
    words = budget_text(budget, len(data.train_images))
    built = [models.build(spec, FIRST_SEED + number) for number in range(options.seeds)]
    starting = [one.logits_network for one in built if one.logits_network is not None]
    if len(starting) < len(built):
        return RetrainSeen(built[0].place, words, why_not=_why_not(built))
    problem = next(filter(None, (misfit(network, reference) for network in starting)), "")
    if problem:
        return RetrainSeen(built[0].place, words, misfit=problem)
    times = max(map(steps_per_example, starting)) / steps_per_example(reference)
    if times > TIMES_THE_STEPS:
        return RetrainSeen(
            built[0].place, words, why_not=f"It takes {times:,.0f} times as much computing as the reference."
        )
    answer = _hold_against(context, models, built, reference)
    if answer.holds is False:
        why = "It does not compute what its layers do, as far as they could be read, or starts with other weights."
        return RetrainSeen(built[0].place, words, why_not=" ".join(filter(None, [why, answer.instead])))
    anew = max(_accuracy(network, data) for network in starting) > TRAINED_ALREADY
    if anew:
        starting = [initialized(each, np.random.default_rng(seed), "keras") for seed, each in enumerate(starting)]
    jobs = [
        make_retraining(
            selected,
            framework,
            seed=seed,
            epochs=budget.epochs,
            images=budget.images,
            build=spec.like,
            network=network,
        )
        for seed, network in enumerate(starting)
    ]
    seconds = max(group.seconds for group in reached)
    started = time.monotonic()
    ended = retrain(jobs, Store(), max(LIMIT_S, TIMES_THE_SECONDS * seconds * len(jobs) * max(times, 1.0)))
    context.student.loads.trusted_s.append(time.monotonic() - started)
    runs = [ended[job] for job in jobs]
    done = [run for run in runs if isinstance(run, Run)]
    if len(done) < len(runs):
        reasons = "; ".join(run.reason for run in runs if isinstance(run, Failed))
        why = "Training it with the assignment's recipe failed."
        return RetrainSeen(built[0].place, words, why_not=why, private=reasons)
    return RetrainSeen(
        built[0].place,
        words,
        tuple(run.metrics["test_accuracy"] for run in done),
        tuple(run.history["validation_accuracy"] for run in done),
        reached,
        constant_kernels(starting[0]),
        anew,
        bool(answer.holds),
    )


def _hold_against(context: CheckContext, models: StudentModels, built: list[Built], reference: Network) -> Answer:
    """Return the worst of the answers to whether the networks are what their descriptions say."""
    # all in turn: to ask what one computes overwrites its weights, and somebody may return one network for each seed
    answers = [starts_as_described(context, models, one, reference) for one in built]
    answers += [computes_as_described(context, models, one, reference) for one in built]
    return min(answers, key=lambda answer: (False, None, True).index(answer.holds))


def _framework() -> FrameworkName:
    """PyTorch where it is installed: it starts faster."""
    try:
        return installed_frameworks(None)[0][0].name
    except FrameworkMissing as error:
        raise OracleError(str(error)) from error


def _why_not(built: list[Built]) -> str:
    reason = next(one.why_not for one in built if one.network is None)
    return f"Its layers could not be read: {reason}"


def misfit(network: Network, reference: Network) -> str:
    """Return why a network cannot be trained on the images of the reference; empty if it can."""
    if prod(network.input_shape) != prod(reference.input_shape):
        return f"It takes {prod(network.input_shape):,} values; an image has {prod(reference.input_shape):,}."
    if network.output_shape != reference.output_shape:
        count = count_of(prod(network.output_shape), "value")
        return f"It gives {count} for an image; there are {prod(reference.output_shape)} classes."
    return ""


def constant_kernels(network: Network) -> tuple[str, ...]:
    """Name the layers whose kernels hold one value only."""
    kernels = [(layer, layer.arrays["kernel"]) for layer in network.layers if "kernel" in layer.arrays]
    return tuple(title(layer) for layer, kernel in kernels if kernel.size > 1 and np.ptp(kernel) == 0)


def _accuracy(network: Network, data: Dataset) -> float:
    images = data.train_images[:PEEKED_IMAGES].astype(np.float32) / 255
    if always_drops(network):
        return 0.0  # its outputs are random
    with np.errstate(all="ignore"):
        predicted = outputs(network, images).reshape(len(images), -1).argmax(axis=1)
    return float((predicted == data.train_labels[:PEEKED_IMAGES]).mean())


def judge_one(seen: RetrainSeen, margin: float) -> Judgement:
    """Judge what the trainings of one network reached."""
    if seen.misfit:
        feedback = Feedback(
            "This network cannot be trained on the assignment's images.",
            facts=(f"{seen.misfit} Built by {seen.place}.",),
        )
        return Judgement(Verdict.FAIL, 0.0, Evidence.OBSERVED, feedback)
    if seen.why_not:
        feedback = Feedback(
            "This network could not be trained here, so a person will look at it.",
            facts=(f"{seen.why_not} Tried on {seen.place}.",),
        )
        return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, feedback, private=seen.private)
    accuracies = [accuracy or 0.0 for accuracy in seen.accuracies]
    median = statistics.median(accuracies)
    bound = min(group.bound(len(accuracies), FALSE_FAILURES) for group in seen.reached) - margin
    facts = [
        f"Trained by the grader with the assignment's recipe, {seen.budget}, from the weights that "
        f"{seen.place} starts with. Your own training function has no part in this.",
        f"Accuracy on images for testing, seed by seed: {', '.join(f'{accuracy:.3f}' for accuracy in accuracies)}.",
    ]
    if seen.anew:
        facts.append("The network was trained already when it was built, so other initial weights were drawn for it.")
    expected = (
        *map(_reference, seen.reached),
        f"The bound is {bound:.3f}: of networks that train like the reference at most one in {1 / FALSE_FAILURES:,.0f} "
        "falls below it.",
    )
    evidence = Evidence.VERIFIED if seen.confirmed else Evidence.OBSERVED
    measurement = Measurement("accuracy after retraining", median, bound=bound)
    exhibits = _curves(seen)
    if median >= bound:
        times = count_of(len(accuracies), "training")
        summary = f"It learns as the handout's network does: accuracy {median:.3f} ({seen.budget}, median of {times})."
        feedback = Feedback(summary, facts=tuple(facts), expected=expected)
        return Judgement(Verdict.PASS, 1.0, evidence, feedback, (measurement,), exhibits=exhibits)
    if seen.constant:
        facts.append(
            f"Kernels that start with one value in all entries, so that units stay alike: {', '.join(seen.constant)}."
        )
    if any(accuracy is None for curve in seen.curves for accuracy in curve):
        facts.append("In a training the numbers did not stay finite.")
    summary = f"Trained with the assignment's recipe it stays behind the handout's network: accuracy {median:.3f}."
    feedback = Feedback(summary, facts=tuple(facts), expected=expected)
    return Judgement(Verdict.FAIL, 0.0, evidence, feedback, (measurement,), exhibits=exhibits)


_START = {"reference": "its own", "pytorch": "PyTorch's default"}


def _reference(group: Reached) -> str:
    mean, deviation = statistics.fmean(group.accuracies), statistics.stdev(group.accuracies)
    return (
        f"The reference reaches {mean:.3f} ± {deviation:.3f} from {_START[group.start]} initial weights "
        f"({len(group.accuracies)} seeds)."
    )


def _curves(seen: RetrainSeen) -> tuple[Curves, ...]:
    own = [Series(f"seed {seed}", curve) for seed, curve in enumerate(seen.curves) if curve]
    if not own:
        return ()
    reference = [
        Series(f"reference from {_START[group.start]} initial weights", group.history["validation_accuracy"], True)
        for group in seen.reached
    ]
    return (Curves("Retrained", "epoch", "accuracy on images for validation", (*own, *reference)),)
