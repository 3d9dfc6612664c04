"""Dropout in both modes: nothing is dropped in evaluation, and the right share in training, at each place."""

import msgspec
import numpy as np

from grader.checks.mode_outcome import Outcome, cannot_tell
from grader.checks.mode_subject import Evaluation, agreement, give, logit_differences
from grader.checks.student_models import Built, StudentModels
from grader.checks.words import count_of
from grader.networks.evaluate import difference
from grader.networks.probes import VISIBLE, Probe, probes
from grader.numerics.binomial import accepted, surprise
from grader.oracle.run import OracleError
from grader.results import Measurement
from grader.transplant.architecture import Network

EXAMPLES, QUIET_EXAMPLES = 400, 64
"""Where a share is measured, and where nothing must be dropped."""
CHANCE = 1e-6
"""How likely one test fails right work, at most. There are two for each dropout and one for each other place."""
FEW = 0.05
"""The share of signals that may be missing from a pattern: later dropouts remove some."""
RATES = np.linspace(0.0, 1.0, 101)


class PlaceSeen(msgspec.Struct, frozen=True):
    """What one probe showed in training mode: ``outputs`` (examples, values), as they came."""

    probe: Probe
    outputs: np.ndarray


class DropoutSeen(msgspec.Struct, frozen=True):
    """``constant`` are outputs in training mode with all weights zero but the last biases, ``constant_evaluated``
    those in evaluation."""

    evaluation: Evaluation
    places: tuple[PlaceSeen, ...] = ()
    constant: np.ndarray | None = None
    constant_evaluated: np.ndarray | None = None


def see_dropout(
    models: StudentModels,
    built: Built,
    evaluation: Evaluation,
    rng: np.random.Generator,
    *,
    either_side_of_pooling: bool,
) -> DropoutSeen:
    """Give the network each probe's weights and run it in training mode.

    Raises:
        StudentError: the student's code failed.
        OracleError: dropout in the reference cannot be probed, or not on either side of its pooling.
    """
    if evaluation.basis is None:
        return DropoutSeen(evaluation)
    try:
        chosen = probes(evaluation.basis)
    except ValueError as error:
        raise OracleError(f"{built.spec.call}: {error}") from error
    for probe in chosen:
        if either_side_of_pooling and _is_faint(probe):
            raise OracleError(f"{built.spec.call}: too little would show of a dropout before the pooling {probe.after}")
    ones = np.ones((EXAMPLES, *evaluation.basis.input_shape), np.float32)
    few = ones[:QUIET_EXAMPLES]
    seen = []
    for probe in chosen:
        give(models, built, probe.network)
        inputs = few if probe.rate is None else ones
        seen.append(PlaceSeen(probe, models.forward(built, inputs, training=True, seed=_seed(rng))))
    give(models, built, _constant(evaluation.basis))
    constant = models.forward(built, few, training=True, seed=_seed(rng))
    return DropoutSeen(evaluation, tuple(seen), constant, models.forward(built, few))


def judge_dropout(seen: DropoutSeen, *, either_side_of_pooling: bool) -> Outcome:
    """Decide about dropout in both modes."""
    evaluation = seen.evaluation
    if evaluation.basis is None or evaluation.inputs is None:
        return cannot_tell("Dropout", evaluation)
    assert evaluation.outputs is not None
    assert evaluation.repeated is not None
    if difference(evaluation.repeated, evaluation.outputs) > VISIBLE:
        return Outcome(
            False,
            "In evaluation mode dropout is still active: the same input gives different outputs.",
            (
                "torch.nn.functional.dropout drops in both modes unless it is called with training=self.training; "
                "Keras' Dropout drops when it is called with training=True.",
            ),
        )
    form = agreement(evaluation.basis, evaluation.inputs, evaluation.outputs)
    if not form.holds:
        return cannot_tell("Dropout", evaluation, computes_otherwise=True)
    assert seen.constant is not None
    assert seen.constant_evaluated is not None
    if difference(seen.constant, seen.constant_evaluated) > VISIBLE:
        return Outcome(
            False, "In training mode values are dropped after the last layer, where the handout has no dropout."
        )
    verdicts = [_judge_place(place, form.ending, either_side_of_pooling) for place in seen.places]
    measurements = tuple(one for verdict in verdicts for one in verdict.measurements)
    wrongs = [verdict for verdict in verdicts if not verdict.is_right]
    if wrongs:
        facts = tuple(fact for verdict in wrongs for fact in verdict.facts)
        facts += tuple(verdict.summary for verdict in wrongs[1:])
        expected = tuple(fact for verdict in wrongs for fact in verdict.expected)
        return Outcome(False, wrongs[0].summary, facts, expected, measurements)
    dropouts = [place for place in seen.places if place.probe.rate is not None]
    return Outcome(
        True,
        f"Nothing is dropped in evaluation mode, and {count_of(len(dropouts), 'dropout')} "
        f"{'drops its' if len(dropouts) == 1 else 'drop their'} share in training mode.",
        measurements=measurements,
    )


def _judge_place(seen: PlaceSeen, ending: str, either_side: bool) -> Outcome:
    probe = seen.probe
    if seen.outputs.shape[1:] != probe.network.output_shape:
        return Outcome(False, "In training mode the network gives another number of values than in evaluation mode.")
    shown = logit_differences(seen.outputs, ending)[:, : probe.shown] > VISIBLE
    share, trials = float(shown.mean()), shown.size
    if probe.rate is None:
        if not shown.any():
            return Outcome(True, "")
        return Outcome(False, f"In training mode values are dropped {probe.after}, where the handout has no dropout.")
    name = f"dropout {probe.after}"
    low, high = probe.shares(probe.rate)
    across = probe.shares(probe.rate, across_pooling=True) if probe.across_pooling is not None else None
    fits = surprise(share, trials, low, high) >= CHANCE
    fits_across = across is not None and surprise(share, trials, *across) >= CHANCE
    bounds = accepted(trials, low, high, CHANCE)
    measurement = Measurement(f"signals of the {name}", share, "share", tolerance=bounds[1] - high)
    expected = (f"The {name} drops {probe.rate:.0%}.",)

    def wrong(summary: str, *facts: str) -> Outcome:
        return Outcome(False, summary, (*facts, _method(probe, share, trials)), expected, (measurement,))

    if share == 0 and not fits:
        maybe = ("A dropout before the pooling would show too rarely to be told from none.",) if fits_across else ()
        return wrong(f"In training mode nothing is dropped {probe.after}.", *maybe)
    if _is_one_mask(shown):
        return wrong(f"In training mode the values dropped {probe.after} are the same for every example of a batch.")
    if probe.single_channel and _is_together(shown):
        return wrong(
            f"In training mode whole channels are dropped {probe.after} (spatial dropout), not single values.",
            "Dropout2d and SpatialDropout2D drop whole channels; the handout asks for Dropout.",
        )
    if fits or (fits_across and either_side):
        return Outcome(True, "", measurements=(measurement,))
    if fits_across:
        return wrong(f"The dropout {probe.after} stands on the other side of the pooling than in the handout.")
    seen_rate = _rate_of(probe, share)
    summary = f"In training mode the dropout {probe.after} drops about {seen_rate:.0%} of the values."
    if surprise(share, trials, *probe.shares(1 - probe.rate)) >= CHANCE:
        return wrong(summary, "That is the share that was to be kept: the rate is the share that is dropped.")
    return wrong(summary)


def _is_one_mask(shown: np.ndarray) -> bool:
    """Whether some outputs show a signal for nearly all examples, and the others for nearly none."""
    often = shown.mean(axis=0)
    always, never = often > 1 - FEW, often < FEW
    return bool(always.any() and never.any() and (always | never).all())


def _is_together(shown: np.ndarray) -> bool:
    """Whether nearly all examples show a signal at every output or at none, which values dropped singly would not."""
    outputs, share = shown.shape[1], float(shown.mean())
    together = float((shown == shown[:, :1]).all(axis=1).mean())
    by_chance = share**outputs + (1 - share) ** outputs
    return together > 1 - FEW and surprise(together, len(shown), by_chance, by_chance) < CHANCE


def _is_faint(probe: Probe) -> bool:
    """Whether a dropout on the other side of its pooling would look like none."""
    if probe.rate is None or probe.across_pooling is None:
        return False
    return surprise(0.0, EXAMPLES * probe.shown, *probe.shares(probe.rate, across_pooling=True)) >= CHANCE


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _method(probe: Probe, share: float, trials: int) -> str:
    return (
        f"Weights were chosen so that {count_of(probe.shown, 'output')} of the network show what is dropped "
        f"{probe.after}: {share:.1%} of {trials} did."
    )


def _rate_of(probe: Probe, share: float) -> float:
    """The rate under which a share like this would be seen, to one hundredth."""
    shares = np.array([probe.shares(float(rate))[1] for rate in RATES])
    return float(RATES[np.abs(shares - share).argmin()])


def _constant(network: Network) -> Network:
    arrays = [{name: np.zeros(array.shape, np.float32) for name, array in found.items()} for found in network.arrays]
    for found in arrays:
        if "variance" in found:
            found["variance"][...] = 1
    if "bias" in arrays[-1]:
        arrays[-1]["bias"][:] = np.linspace(1, 2, len(arrays[-1]["bias"]))
    return network.with_arrays(arrays)
