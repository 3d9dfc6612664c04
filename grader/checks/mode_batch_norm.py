"""Batch norm in both modes: the batch's statistics in training, running ones that follow them in evaluation."""

from collections.abc import Callable

import msgspec
import numpy as np

from grader.checks.mode_outcome import Outcome, cannot_tell
from grader.checks.mode_subject import FEW, TOLERANCE, Evaluation, agreement, give
from grader.checks.student_models import Built, StudentModels
from grader.networks.evaluate import as_ending, difference, outputs
from grader.networks.training_mode import TrainingRun, run, updated
from grader.results import Measurement
from grader.transplant.architecture import Network

BATCH, STEPS = 64, 3
"""Examples of the batch, and how many times the network sees it in training mode."""
STILL = 1e-4
"""Outputs that differ by less, relatively, did not change."""
USUALLY_KEPT = (0.99, 0.9)
"""What Keras and PyTorch keep of the running figures unless told otherwise. Any other share is searched for."""
LEAST_KEPT = 0.5
"""Keeping less of the running figures at each step than this is no running mean: the last batch decides."""


class BatchNormSeen(msgspec.Struct, frozen=True):
    """``trained`` and ``again`` are outputs for the same ``batch`` in training mode; ``after`` those for the
    evaluation's inputs once the network has seen the batch ``STEPS`` times."""

    evaluation: Evaluation
    batch: np.ndarray | None = None
    trained: np.ndarray | None = None
    again: np.ndarray | None = None
    after: np.ndarray | None = None


def see_batch_norm(
    models: StudentModels, built: Built, evaluation: Evaluation, rng: np.random.Generator
) -> BatchNormSeen:
    """Run the network on one batch in training mode several times, then in evaluation mode.

    Raises:
        StudentError: the student's code failed.
    """
    if evaluation.basis is None or evaluation.inputs is None:
        return BatchNormSeen(evaluation)
    give(models, built, evaluation.basis)
    batch = rng.uniform(0, 1, (BATCH, *evaluation.basis.input_shape))
    trained = [models.forward(built, batch, training=True, seed=seed) for seed in range(STEPS)]
    return BatchNormSeen(evaluation, batch, trained[0], trained[1], models.forward(built, evaluation.inputs))


def judge_batch_norm(seen: BatchNormSeen) -> Outcome:
    """Decide about batch norm in both modes."""
    evaluation = seen.evaluation
    if evaluation.basis is None or evaluation.inputs is None or seen.batch is None:
        return cannot_tell("Batch norm", evaluation)
    assert evaluation.outputs is not None
    assert evaluation.repeated is not None
    assert evaluation.alone is not None
    assert seen.trained is not None
    assert seen.again is not None
    assert seen.after is not None
    if difference(evaluation.repeated, evaluation.outputs) > TOLERANCE:
        return Outcome(
            False, "In evaluation mode the same input gives different outputs: values are dropped at random."
        )
    alone = difference(evaluation.alone, evaluation.outputs[:FEW])
    if alone > TOLERANCE:
        return Outcome(
            False,
            "In evaluation mode what an example gives depends on the others in its batch.",
            ("Batch norm takes its running mean and variance there, not those of the batch.",),
        )
    form = agreement(evaluation.basis, evaluation.inputs, evaluation.outputs)
    if not form.holds:
        return cannot_tell("Batch norm", evaluation, computes_otherwise=True)
    if difference(seen.again, seen.trained) > TOLERANCE:
        return Outcome(
            False,
            "In training mode the same batch gives different outputs: values are dropped at random.",
            ("The handout's network with batch norm has no dropout.",),
        )
    # no dropout in it, so nothing is drawn
    found = run(form.basis, seen.batch, np.random.default_rng(0))
    error = difference(seen.trained, as_ending(found.outputs, form.ending))
    measurement = Measurement("largest difference in training", error if np.isfinite(error) else None, bound=TOLERANCE)
    if error > TOLERANCE:
        evaluated = as_ending(outputs(form.basis, seen.batch), form.ending)
        if difference(seen.trained, evaluated) <= TOLERANCE:
            summary = "In training mode batch norm uses its running mean and variance instead of the batch's."
            return Outcome(False, summary, measurements=(measurement,))
        summary = "In training mode the outputs are not those of batch norm with the batch's mean and variance."
        facts = ("The variance that normalizes divides by n, and each channel has its own mean over all places.",)
        return Outcome(False, summary, facts, measurements=(measurement,))
    return _judge_running(form.basis, found, form.ending, evaluation.inputs, seen.after, measurement)


def _judge_running(
    basis: Network, found: TrainingRun, ending: str, inputs: np.ndarray, after: np.ndarray, measurement: Measurement
) -> Outcome:
    """Decide about the running figures by what the network gives in evaluation after :data:`STEPS` steps."""
    unmoved = difference(after, as_ending(outputs(basis, inputs), ending))
    if unmoved <= STILL:
        return Outcome(
            False,
            "The running mean and variance of batch norm do not change in training mode.",
            ("After training, evaluation would still use the figures that the network started with.",),
            measurements=(measurement,),
        )

    def error_with(*, unbiased: bool) -> Callable[[float], float]:
        def error(kept: float) -> float:
            moved = updated(basis, found.statistics, kept=kept**STEPS, unbiased=unbiased)
            return difference(after, as_ending(outputs(moved, inputs), ending))

        return error

    # n in Keras, n - 1 in PyTorch: either is right
    errors = [error_with(unbiased=unbiased) for unbiased in (False, True)]
    best, kept = min((error(usual), usual) for usual in USUALLY_KEPT for error in errors)
    if best > TOLERANCE:
        best, kept = min(_smallest(error) for error in errors)
    running = Measurement("kept of the running figures at each step", kept if best <= TOLERANCE else None, "share")
    if best > TOLERANCE:
        summary = "After steps in training mode the running mean and variance are not between the old and the batch's."
        return Outcome(False, summary, measurements=(measurement, running))
    if kept < LEAST_KEPT:
        return Outcome(
            False,
            f"Of its running mean and variance batch norm keeps about {kept:.0%} at each step: the last batch decides.",
            ("momentum is the share that is kept in Keras (0.99), the share that is new in PyTorch (0.1 or 0.01).",),
            measurements=(measurement, running),
        )
    summary = (
        "Batch norm uses the batch's mean and variance in training mode and running ones in evaluation mode, "
        f"of which it keeps about {kept:.3g} at each step."
    )
    return Outcome(True, summary, measurements=(measurement, running))


def _smallest(error: Callable[[float], float]) -> tuple[float, float]:
    """Return the smallest error for a share from 0 to 1, and the share: tried in steps, then in ever smaller ones."""
    shares = np.linspace(0.0, 1.0, 11)
    best, where = min((error(float(share)), float(share)) for share in shares)
    step = float(shares[1] - shares[0]) / 2
    while step > 1e-4:
        for candidate in (where - step, where + step):
            if 0 <= candidate <= 1 and (found := error(candidate)) < best:
                best, where = found, candidate
        step /= 2
    return best, where
