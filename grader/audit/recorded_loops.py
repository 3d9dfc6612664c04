"""What a recording proves of training loops of PyTorch: which images went through between the steps, which weights were
kept because of it, and which layers still behaved as in training."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from math import isclose

from grader.audit.kinds import checkpoint_never_loaded, training_continued
from grader.audit.kinds import validation_by_test_set as validation
from grader.audit.recorded_kinds import GIVES_NEW_WEIGHTS
from grader.audit.recorded_run import Run, Seen, is_only, told
from grader.recording.events import CellRecord, Measured, ModelSeen, RightAnswers, Trained, Watched, WeightsMoved
from grader.recording.questions import WHOLE_TEST_SET
from grader.results import Severity
from grader.text import safe

MEASURED_TRAINING = "evaluated-in-training-mode"
TRAINED_MEASURING = "trained-in-evaluation-mode"

MANY = 100
"""Examples of one batch from which on it is more than a look at a few pictures."""
_ON_PURPOSE = re.compile(
    r"monte.?carlo|\bmc.?(?:drop|samples)|uncertain|bayes|stochastic forward|ensembl", re.IGNORECASE
)
_KEEPS_BEST = re.compile(
    r"[<>].*(?:best|min_|max_|lowest|highest)|(?:best|min_|max_|lowest|highest).*[<>]", re.IGNORECASE
)
_FREEZES = re.compile(r"freez|frozen|requires_grad\s*=\s*False|requires_grad_\(", re.IGNORECASE)


# --- the test set between the steps -----------------------------------------------------------------------------------


def _watched_with_test_set(run: Run) -> Iterator[Seen]:
    """The whole test set goes through a network between steps of one optimizer. In a loop around trainings each has an
    optimizer of its own, so none of them goes on after the test."""
    if GIVES_NEW_WEIGHTS.search(run.source):
        return
    for place, cell, training in run.trainings():
        of_test = [each for each in training.watched if is_only(each.inputs, "test", WHOLE_TEST_SET)]
        watched = next((each for each in of_test if each.resumed), None)
        if watched is None or run.is_given(watched):
            continue
        name, often = run.called(training.model), watched.resumed
        saw = f"{name} is measured with the images of the test set, and its training goes on"
        saw += ", " + ("once" if often == 1 else f"{often} times") + " by the steps of the same optimizer"
        evidence = told("measured with", watched.inputs)
        others = [each for each in training.watched if each not in of_test]
        kept = _kept_by(of_test, others, _saved(run, place, cell, training.model))
        if kept:
            saw += f". {kept}"
            kind, severity = validation.CHOSEN_BY, Severity.WARNING
            means = (
                "A score on the test set is then the best of several epochs, and no longer an estimate for new data."
            )
        else:
            saw += "."
            kind, severity = validation.WATCHED, Severity.NOTE
            means = "Every decision that is made by eye from these figures is made on the test set."
        settles = "holding out a part of the training set for validation, and using the test set once at the end"
        yield Seen(kind, severity, cell, watched.line or training.line, saw, means, evidence, settles)


def _saved(run: Run, place: int, cell: CellRecord, model: int) -> list[WeightsMoved]:
    """Return what was saved of a model in the cell of its training, since the one before."""
    found: list[WeightsMoved] = []
    for other, event in reversed(run.events[:place]):
        if other is not cell or (isinstance(event, Trained) and event.model == model):
            break
        if isinstance(event, WeightsMoved) and event.action == "saved" and event.model == model:
            found.append(event)
    return found[::-1]


def _kept_by(tested: list[Watched], others: list[Watched], saved: list[WeightsMoved]) -> str:
    """Say that weights were saved because of a figure that was, each time, a score of the test images and of nothing
    else."""
    events = [event for event in saved if event.compared]
    for name in events[-1].compared if events else ():
        values = [event.compared.get(name) for event in events]
        scores = [_score_of(value, tested) for value in values]
        event, score = events[-1], scores[-1]
        if all(scores) and score is not None and not any(_score_of(value, others) for value in values):
            return (
                f"Its weights are kept when '{safe(event.condition, limit=100)}' holds; '{safe(name, limit=60)}' was "
                f"{event.compared[name]:g}, which is {score.right:,} right of {score.examples:,} of these images."
            )
    return ""


def _score_of(value: float | None, passes: list[Watched]) -> RightAnswers | None:
    """Return the score that a number is."""
    return next(
        (score for each in passes for score in each.rounds if value is not None and _could_be(value, score, each)), None
    )


def _could_be(value: float, score: RightAnswers, watched: Watched) -> bool:
    """Whether a number is this share, of the examples that went through or of all that the loader has."""
    if not 0 < score.right < score.examples:
        return False
    wholes = {score.examples, watched.inputs.of if watched.inputs is not None else 0} - {0}
    return any(isclose(value, scale * score.right / whole, rel_tol=1e-6) for whole in wholes for scale in (1, 100))


def _best_never_loaded(run: Run) -> Iterator[Seen]:
    """Weights that a loop of PyTorch saved because they were the best so far, the whole test set afterwards, and
    nothing that gave any network weights."""
    if not run.is_complete or GIVES_NEW_WEIGHTS.search(run.source):
        return
    outlines = _outlines(run)
    for place, cell, training in run.trainings():
        best = [event for event in _saved(run, place, cell, training.model) if _KEEPS_BEST.search(event.condition)]
        below = run.events[place + 1 :]
        if (
            not best
            or run.is_given(best[-1])
            or any(isinstance(event, WeightsMoved) and event.action == "loaded" for _, event in below)
        ):
            continue
        tested = _first_test(training.model, below)
        others = {event.model for _, event in below if isinstance(event, Measured)} - {training.model}
        # a network with the same layers may be the copy that was kept
        if tested is None or outlines.get(training.model) in (None, *map(outlines.get, others)):
            continue
        saw = (
            f"the weights of {run.called(training.model)} were saved where '{safe(best[-1].condition, limit=100)}' "
            f"held, cell {tested.number} measured it with the test images, and no cell loaded weights."
        )
        where = f"saved: {best[-1].path}" if best[-1].path else "saved: a copy in memory"
        evidence = f"{where}\ntrained in cell {cell.number}, test in cell {tested.number}"
        means, settles = "The score is that of the last epoch.", "loading the saved weights before the evaluation"
        line = best[-1].line or training.line
        yield Seen(checkpoint_never_loaded.KIND, Severity.WARNING, cell, line, saw, means, evidence, settles)


def _first_test(model: int, below: tuple[tuple[CellRecord, object], ...]) -> CellRecord | None:
    """Return the cell that measured a model with the whole test set, before it was trained again."""
    for cell, event in below:
        if isinstance(event, Trained) and event.model == model:
            return None
        if not isinstance(event, Measured) or event.model != model or event.by != "forward":
            continue
        if is_only(event.inputs, "test", WHOLE_TEST_SET) and _is_many(event):
            return cell
    return None


def _outlines(run: Run) -> dict[int, tuple[tuple[str, int], ...]]:
    """Return the kinds of layers of each model, with their numbers of parameters."""
    return {
        number: tuple((layer.kind, layer.parameters) for layer in model.layers) for number, model in run.models.items()
    }


# --- which way the layers behaved -------------------------------------------------------------------------------------


def _measured_in_training_mode(run: Run) -> Iterator[Seen]:
    """Test images, no gradients, and layers that dropped values or took the statistics of the batch. Where the same
    network also met test images as it should, a comparison may be meant."""
    if _ON_PURPOSE.search(run.source):
        return
    passes = list(_passes(run))
    right = {model for _, model, one in passes if is_only(one.inputs, "test") and not one.acting}
    for cell, model, one in passes:
        is_test = is_only(one.inputs, "test") and _is_many(one)
        if one.acting and is_test and model not in right and not run.is_given(one):
            kinds = " and ".join(safe(kind, limit=60) for kind in one.acting)
            saw = (
                f"{run.called(model)} is measured with test images, without gradients, while {kinds} behaved as in "
                "training."
            )
            means = _meaning(one.acting)
            settles = "calling eval() of the network before it is measured, and train() before it is trained further"
            evidence = f"{told('measured with', one.inputs)}\n{one.batches:,} batches, all of them in training mode"
            yield Seen(MEASURED_TRAINING, Severity.WARNING, cell, one.line, saw, means, evidence, settles)


def _passes(run: Run) -> Iterator[tuple[CellRecord, int, Measured | Watched]]:
    for _, cell, event in run.measures():
        yield cell, event.model, event
    for _, cell, training in run.trainings():
        for watched in training.watched:
            yield cell, training.model, watched


def _is_many(one: Measured | Watched) -> bool:
    rows = one.inputs.shape[0] if one.inputs is not None and one.inputs.shape else 0
    return one.batches > 1 or rows >= MANY


def _meaning(acting: tuple[str, ...]) -> str:
    said = {
        "Dropout drops values at random, so the same images get another score each time.": "dropout",
        "Batch normalization then uses the other images of the batch, and changes its averages by them.": "batchnorm",
    }
    return " ".join(text for text, kind in said.items() if any(kind in each.lower() for each in acting))


def _trained_in_evaluation_mode(run: Run) -> Iterator[Seen]:
    """Some of the batches of one training went through in evaluation mode, after something was measured between: what
    ``eval()`` had switched off was not switched on again."""
    if _FREEZES.search(run.source) or training_continued.ON_PURPOSE.search(run.source):
        return
    for _, cell, training in run.trainings():
        off = training.in_evaluation_mode
        layers = _switched(run.models.get(training.model))
        if training.by != "loop" or not layers or not 0 < off < training.steps_run or not training.watched:
            continue
        if run.is_given(training) or any(map(run.is_given, training.watched)):
            continue
        saw = (
            f"{off:,} of the {training.steps_run:,} batches that {run.called(training.model)} was trained with went "
            f"through in evaluation mode; it has {' and '.join(layers)}."
        )
        means = "After a measuring between the epochs, the training goes on with these layers switched off."
        evidence = f"{training.steps_run - off:,} batches in training mode, {off:,} in evaluation mode"
        settles = "calling train() of the network at the beginning of each epoch"
        yield Seen(TRAINED_MEASURING, Severity.WARNING, cell, training.line, saw, means, evidence, settles)


def _switched(model: ModelSeen | None) -> list[str]:
    """Return the kinds of layers that behave in another way in training, if it is a network of PyTorch."""
    if model is None or model.framework != "torch":
        return []
    dropouts = (each.kind for each in model.layers if "Dropout" in each.kind and each.settings.get("p", "0") != "0")
    norms = (each.kind for each in model.layers if each.kind.startswith("BatchNorm"))
    return list(dict.fromkeys(chain(dropouts, norms)))


KINDS: tuple[Callable[[Run], Iterator[Seen]], ...] = (
    _watched_with_test_set, _best_never_loaded, _measured_in_training_mode, _trained_in_evaluation_mode,
)  # fmt: skip
