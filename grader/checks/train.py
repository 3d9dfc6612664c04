"""``check: train`` — does the student's own training function do what the handout asks of it?

It is called in the worker with a freshly built network, few images and few epochs. What the network gives afterwards,
for images whose labels the worker does not have, is compared with what the references reach within the same budget.
"""

import statistics
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.budgeted import FALSE_FAILURES, TRAINED_ALREADY, budget_of, budget_text
from grader.checks.each_model import Each, as_models, chosen, judge_each, problems_of_models, see_each
from grader.checks.student_models import Built, StudentModels
from grader.checks.train_history import History, decoded, nearest_accuracy, problem_of
from grader.checks.words import count_of
from grader.course.model import Criterion, ModelSpec, Part
from grader.course.units import Percentage
from grader.data.load import load
from grader.networks.initial import initialized
from grader.networks.pixels import Scaling, scalings
from grader.numerics.canaries import CORNERS, Canaries, draw_canaries, marked, p_value, with_canaries
from grader.oracle.budgets import Reached, experiment_of, find
from grader.results import Curves, Evidence, Feedback, Judgement, Measurement, Series, Table, Verdict
from grader.submission.binding import Bound

Item: TypeAlias = Literal["learns", "keeps_apart", "history", "agrees", "leaves_inputs", "trains_in_place"]
ITEMS: tuple[Item, ...] = ("learns", "keeps_apart", "history", "agrees", "leaves_inputs", "trains_in_place")
HELD_OUT, PROBED, TRIED = 500, 100, 200
"""Images for testing that the accuracy is measured on, those among them that are shown with marks, and training images
that every way to scale pixels is tried on: a training function may scale its images once more."""
GUESSING = 0.1


class TrainOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``model``, ``experiment``, ``epochs`` and ``images`` as for ``retrain``; half as many images again are for
    validation. ``of`` are what is looked at, each worth an equal share of the points. ``margin`` is taken off the
    accuracy to be reached, ``within`` is how far the returned validation accuracy may be from the measured one."""

    epochs: Annotated[int, msgspec.Meta(ge=1, le=10)]
    model: str | tuple[str, ...] = ()
    experiment: str = ""
    images: Annotated[int, msgspec.Meta(ge=200, le=3600)] = 1000
    of: Annotated[tuple[Item, ...], msgspec.Meta(min_length=1)] = ITEMS
    margin: Percentage = Percentage(0.05)
    within: Percentage = Percentage(0.05)

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)
        for spec in chosen(part, self.model):
            if not spec.train:
                yield "model", f"model '{spec.name}' has no `train:`, the name of the function that trains it"


class TrainSeen(msgspec.Struct, frozen=True):
    """What one call of the training function showed. Accuracies are shares of images.

    ``began`` and ``ended`` are on images whose labels the worker never had; ``validation`` on the validation images
    with the labels that were handed over; all with pixels ``scaling``, which suits the network best. ``moved`` says
    whether the network handed in gives anything else than before, ``chance`` how likely its outputs are if it was not
    trained on the validation images.
    """

    trainer: str
    budget: str
    epochs: int
    scaling: str
    began: float
    ended: float
    validation: float
    moved: bool
    chance: float
    changed: tuple[str, ...]
    returned: str
    history: History | None
    reached: tuple[Reached, ...]


class Train:
    """Calls the student's function once for each model."""

    Options: ClassVar[type] = TrainOptions

    def observe(self, context: CheckContext) -> Each:
        """Build each network, have the student's function train it, and look at what it has become.

        Raises:
            OracleError: nothing is recorded for this budget.
        """

        def see(models: StudentModels, spec: ModelSpec) -> TrainSeen:
            return _see(context, models, spec)

        return see_each(context, context.criterion.options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Give each thing that was looked at its share of the points."""
        options: TrainOptions = criterion.options
        return judge_each(seen, lambda one: judge_one(one, options))


class _Material(msgspec.Struct, frozen=True):
    """Images (N, 28, 28) float32 from 0 to 1 and labels (N,) int64. The worker gets no label of ``held_out``.

    ``scalings`` are the usual ways to scale pixels, the one used here first.
    """

    training: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    held_out: tuple[np.ndarray, np.ndarray]
    scalings: tuple[Scaling, ...]


def _see(context: CheckContext, models: StudentModels, spec: ModelSpec) -> TrainSeen:
    options: TrainOptions = context.criterion.options
    budget = budget_of(options, spec)
    selected = experiment_of(context.folder, budget.experiment)
    recorded = find(context.folder, budget)
    canaries = draw_canaries(context.rng)
    material = _material(selected.experiment.data, options.images, canaries)
    seed = int(context.rng.integers(1, 2**31))
    trainer = context.student.place_of(context.student.binding.trainers[spec.name])
    context.student.worker_with(trainer)
    built = models.build(spec, seed)
    images, labels = material.held_out
    usual = material.scalings[0]
    before = _outputs(models, built, images, usual)
    began = _accuracy(before, labels)
    if began > TRAINED_ALREADY and built.network is not None:
        models.write(built, initialized(built.network, np.random.default_rng(seed), "keras").arrays)
        before = _outputs(models, built, images, usual)
        began = _accuracy(before, labels)
    words = budget_text(budget, options.images)
    returned, changed, history = _trained(context, built, trainer, material, options.epochs, seed, words)
    moved = not np.array_equal(before, _outputs(models, built, images, usual))
    scaling = _best_scaling(models, built, material)
    after = _outputs(models, built, images, scaling)
    with_marks = [_outputs(models, built, marked(images[:PROBED], mark), scaling) for mark in range(len(CORNERS))]
    return TrainSeen(
        trainer=trainer.place,
        budget=words,
        epochs=options.epochs,
        scaling=scaling.name,
        began=began,
        ended=_accuracy(after, labels),
        validation=_accuracy(_outputs(models, built, material.validation[0], scaling), material.validation[1]),
        moved=moved,
        chance=p_value(after[:PROBED], np.stack(with_marks), canaries),
        changed=changed,
        returned=returned,
        history=history,
        reached=recorded.reached,
    )


def _material(name: str, count: int, canaries: Canaries) -> _Material:
    data = load(name)  # type: ignore[arg-type]
    images = data.train_images[: count + count // 2].astype(np.float32) / np.float32(255)
    labels = data.train_labels[: count + count // 2].astype(np.int64)
    return _Material(
        (images[:count], labels[:count]),
        with_canaries(images[count:], labels[count:], canaries),
        (data.test_images[:HELD_OUT].astype(np.float32) / np.float32(255), data.test_labels[:HELD_OUT]),
        scalings(data.train_images[:count]),
    )


def _trained(
    context: CheckContext, built: Built, trainer: Bound, material: _Material, epochs: int, seed: int, words: str
) -> tuple[str, tuple[str, ...], History | None]:
    """Call the student's function; return the type of what it returned, the inputs it changed, and the history."""
    student = context.student
    worker = student.worker_with(trainer)
    answer = student.operate(
        worker,
        "train",
        {
            "handle": built.handle,
            "path": trainer.path,
            "name": trainer.name,
            "x_train": material.training[0],
            "y_train": material.training[1],
            "x_validation": material.validation[0],
            "y_validation": material.validation[1],
            "epochs": epochs,
            "seed": seed,
        },
        doing=f"{trainer.place} trained for {words}",
        raised=f"{trainer.place} raised",
    )
    try:
        if not isinstance(answer, dict):
            raise TypeError("not a mapping")
        changed = msgspec.convert(answer["changed"], Annotated[tuple[str, ...], msgspec.Meta(max_length=4)])
        returned = msgspec.convert(answer["returned"], Annotated[str, msgspec.Meta(max_length=10_000)])
        return returned[:100], changed, decoded(answer["history"])
    except (ValueError, TypeError, KeyError, msgspec.ValidationError) as error:
        raise student.rejected(worker, f"what it says of a training is not what a training gives: {error}") from None


def _best_scaling(models: StudentModels, built: Built, material: _Material) -> Scaling:
    """Return the way to scale pixels with which the network does best on images that it was trained on."""
    images, labels = material.training[0][:TRIED], material.training[1][:TRIED]
    return max(material.scalings, key=lambda scaling: _accuracy(_outputs(models, built, images, scaling), labels))


def _outputs(models: StudentModels, built: Built, images: np.ndarray, scaling: Scaling) -> np.ndarray:
    inputs = scaling.inputs(images * np.float32(255))
    return models.forward(built, inputs.reshape(len(images), *built.spec.input_shape))


def _accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    return float((outputs.argmax(axis=1) == labels).mean())


def accuracy_to_reach(reached: tuple[Reached, ...], margin: float) -> float:
    """Return the floor for ``learns``: what a training like the reference's falls below once in 1,000 times, from any
    initial weights and in any framework, less ``margin``; at most half way from guessing to the reference's mean."""
    bound = min(group.bound(1, FALSE_FAILURES) for group in reached) - margin
    mean = min(statistics.fmean(group.accuracies) for group in reached)
    return min(bound, (GUESSING + mean) / 2)


def judge_one(seen: TrainSeen, options: TrainOptions) -> Judgement:
    """Judge one call of a training function."""
    floor = accuracy_to_reach(seen.reached, options.margin)
    problems = {item: text for item in options.of if (text := _problem(item, seen, floor, options.within))}
    fraction = 1 - len(problems) / len(options.of)
    measurements = (
        Measurement("accuracy after training", seen.ended, bound=floor),
        Measurement("chance that validation images were not trained on", seen.chance, bound=_threshold(seen.epochs)),
    )
    facts = [
        f"{seen.trainer} was called with your network, freshly built, for {seen.budget}. On other images the network's "
        f"accuracy was {seen.began:.3f} before and {seen.ended:.3f} afterwards (pixels {seen.scaling}).",
        *problems.values(),
    ]
    expected = (f"An accuracy of {floor:.3f} is asked for after so little training.",)
    exhibits = _curves(seen)
    if not problems:
        summary = f"The training function does what it should: accuracy {seen.ended:.3f} after {seen.budget}."
        feedback = Feedback(summary, facts=tuple(facts), expected=expected)
        return Judgement(Verdict.PASS, 1.0, Evidence.OBSERVED, feedback, measurements, exhibits=exhibits)
    right = len(options.of) - len(problems)
    rows = tuple((_TITLES[item], "no" if item in problems else "yes") for item in options.of)
    first = next(iter(problems.values()))
    feedback = Feedback(
        f"{right} of {count_of(len(options.of), 'point')} about the training function are right. {first}",
        facts=tuple(facts[:1] + facts[2:]),
        table=Table(("looked at", "right"), rows),
        expected=expected,
    )
    verdict = Verdict.PARTIAL if right else Verdict.FAIL
    return Judgement(verdict, fraction, Evidence.OBSERVED, feedback, measurements, exhibits=exhibits)


_TITLES: dict[str, str] = {
    "learns": "the network learns",
    "keeps_apart": "it is not trained on the validation images",
    "history": "the history has every epoch",
    "agrees": "the validation accuracy returned is the one measured",
    "leaves_inputs": "the arrays handed in stay as they are",
    "trains_in_place": "the network handed in is the one that is trained",
}


def _problem(item: Item, seen: TrainSeen, floor: float, within: float) -> str:
    """Say what is wrong with one of the things looked at; empty if nothing is."""
    match item:
        case "learns":
            return "" if seen.ended >= floor else f"It did not learn: accuracy {seen.ended:.3f} after {seen.budget}."
        case "keeps_apart":
            if seen.chance > _threshold(seen.epochs):
                return ""
            return (
                "It was trained on the validation images: most of these carry a mark and a label of ours, which a "
                "network cannot know from the training images, and this one knows them."
            )
        case "history":
            return problem_of(seen.history, seen.returned, seen.epochs)
        case "agrees":
            return _disagreement(seen, within)
        case "leaves_inputs":
            return f"It changed what it was given in place: {', '.join(seen.changed)}." if seen.changed else ""
        case "trains_in_place":
            return "" if seen.moved else "The network that was handed in computes the same as before."


def _disagreement(seen: TrainSeen, within: float) -> str:
    claimed = nearest_accuracy(seen.history, seen.validation)
    if claimed is None:
        return "The history has no val_accuracy that could be compared with what was measured."
    if abs(claimed - seen.validation) <= within:
        return ""
    return (
        f"The history says a validation accuracy of {claimed:.3f}; measured with the trained network, on the same "
        f"images and labels, it is {seen.validation:.3f}."
    )


def _threshold(epochs: int) -> float:
    """A function may keep the epoch with the best validation loss: one choice among ``epochs`` is no training."""
    return FALSE_FAILURES / epochs


def _curves(seen: TrainSeen) -> tuple[Curves, ...]:
    own = () if seen.history is None else seen.history.get("accuracy", ())
    if not own:
        return ()
    values = tuple(value if np.isfinite(value) else None for value in own)
    reference = tuple(
        Series(f"reference ({group.framework}, {group.start} initial weights)", group.history["accuracy"], True)
        for group in seen.reached
    )
    return (Curves("Training", "epoch", "accuracy on training images", (Series("yours", values), *reference)),)
