"""Does a student's network compute what its description says?

A description is made inside the worker, so it may be a lie. With weights that the trusted side draws, a network gives
what the described layers give only if it computes them, whatever was told about it. Where dropout is active in
evaluation, outputs are random, and their means and variances are compared.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.student import StudentError
from grader.checks.student_models import Built, StudentModels, give_weights
from grader.networks.cost import steps_per_example
from grader.networks.evaluate import FORMS, always_drops, as_ending, difference, ending, outputs
from grader.networks.training_mode import evaluated
from grader.sandbox.lease import Worker
from grader.transplant.architecture import Network, draw_arrays

EXAMPLES = 8
REPEATED, COPIES = 2, 256
"""How many inputs, and each how often, where outputs are random."""
DEVIATIONS = 7.0
"""How far a mean may be off, in its standard deviations: beyond that lies one of 10¹¹ if it is normal."""
TIMES_THE_VARIANCE = 4.0
"""How far apart two variances may be. Those of 256 draws each are known to a fifth, of a network with dropout."""
TOLERANCE = 0.02
"""The largest difference accepted, relative to the largest expected value. Half precision stays below it;
another layer, or another order of layers, is far above."""
NOISE = 1e-5
"""A difference that rounding alone may make, of values whose largest terms are about 1."""
SMALLEST = 1e-30
"""Probabilities below it are as good as zero, which single precision makes of them sooner or later."""
TIMES_THE_STEPS = 20
"""A network that takes more than this many times the reference's steps for one example is not computed, nor trained."""


class Answer(msgspec.Struct, frozen=True):
    """Whether a network computes what it should; ``None`` where that could not be asked. ``instead`` says, in a
    sentence, what happened where it failed."""

    holds: bool | None
    instead: str = ""


NOT_ASKED = Answer(None)


def computes_as_described(context: CheckContext, models: StudentModels, built: Built, reference: Network) -> Answer:
    """Return whether the network, with drawn weights, gives what its description gives.

    It cannot be asked where there is no description, and where computing it takes far more than the ``reference`` does.
    The network is asked once for all criteria.

    Raises:
        StudentError: the worker that held the network has ended, and no other can load the student's files.
    """
    network = _to_be_asked(built, reference)
    if network is None:
        return NOT_ASKED

    def ask() -> bool:
        drawn = draw_arrays(network, context.rng)
        models.write(built, drawn.arrays)
        return _gives_the_same(context, models, built, drawn)

    return _once(context, built, "computes", ask)


def starts_as_described(context: CheckContext, models: StudentModels, built: Built, reference: Network) -> Answer:
    """Return whether the network gives what its description gives with the weights that it was built with.

    ``built`` must be a network that no other criterion writes into, and this comes before
    :func:`computes_as_described`, which does. When it cannot be asked, and what is raised: as there.
    """
    network = _to_be_asked(built, reference)
    if network is None:
        return NOT_ASKED

    def ask() -> bool:
        return _gives_the_same(context, models, built, network)

    return _once(context, built, "starts", ask)


def computes_the_reference(context: CheckContext, models: StudentModels, built: Built, reference: Network) -> Answer:
    """Return whether a network that could not be described computes what the ``reference`` does with the same weights,
    in the order and layout of its framework. What is raised: as for :func:`computes_as_described`.
    """

    def ask() -> bool:
        drawn, inputs = draw_arrays(reference, context.rng), _inputs(context, built, EXAMPLES)
        if not give_weights(models, built, drawn):
            return False
        given, logits = models.forward(built, inputs), outputs(drawn, inputs)
        return any(difference(given, as_ending(logits, form)) <= TOLERANCE for form in FORMS)

    return _once(context, built, "reference", ask)


def agrees(given: np.ndarray, expected: np.ndarray, form: str) -> bool:
    """Return whether outputs (N, values) are those that are expected, up to :data:`TOLERANCE`.

    ``form`` is what both are, in the words of :func:`grader.networks.evaluate.ending`. Probabilities are compared as
    logarithms, less the last one's: those of a network that has hardly begun are all alike.
    """
    if given.shape != expected.shape:
        return False
    one, other = _comparable(given, form), _comparable(expected, form)
    if not np.isfinite(other).all():
        return not np.isfinite(one).all()
    return bool(np.isfinite(one).all()) and float(np.abs(one - other).max(initial=0.0)) <= _tolerance(other)


def agrees_on_average(given: np.ndarray, expected: np.ndarray, form: str) -> bool:
    """Return whether random outputs (inputs, copies, values) have the means and the variances of those expected.

    Each mean may be off by :data:`DEVIATIONS` of its standard deviation; variances by a factor of
    :data:`TIMES_THE_VARIANCE`. ``form`` as for :func:`agrees`.
    """
    if given.shape != expected.shape:
        return False
    one, other = _comparable(given, form), _comparable(expected, form)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return False
    tolerance, copies = _tolerance(other), given.shape[1]
    variance, wanted = one.var(axis=1), other.var(axis=1)
    allowed = DEVIATIONS * np.sqrt((variance + wanted) / copies) + tolerance
    larger, smaller = np.maximum(variance, wanted), np.minimum(variance, wanted)
    means_agree = np.abs(one.mean(axis=1) - other.mean(axis=1)) <= allowed
    return bool((means_agree & (larger <= TIMES_THE_VARIANCE * smaller + tolerance**2)).all())


def _gives_the_same(context: CheckContext, models: StudentModels, built: Built, network: Network) -> bool:
    """Run the student's network, which has the weights of ``network``, and hold its outputs against that one's."""
    form = ending(network)
    if not always_drops(network):
        inputs = _inputs(context, built, EXAMPLES)
        with np.errstate(all="ignore"):
            return agrees(models.forward(built, inputs), outputs(network, inputs).reshape(EXAMPLES, -1), form)
    inputs = np.repeat(_inputs(context, built, REPEATED), COPIES, axis=0)
    given = models.forward(built, inputs)
    with np.errstate(all="ignore"):
        expected = evaluated(network, inputs.reshape(-1, *network.input_shape), context.rng)
        one, other = (values.reshape(REPEATED, COPIES, -1) for values in (given, expected))
        return agrees_on_average(one, other, form)


def _to_be_asked(built: Built, reference: Network) -> Network | None:
    network = built.network
    if network is None or steps_per_example(network) > TIMES_THE_STEPS * steps_per_example(reference):
        return None
    return network


def _once(context: CheckContext, built: Built, question: str, ask: Callable[[], bool]) -> Answer:
    """Return the answer that the network, in the worker that holds it now, has given before; else ask.

    A network that fails does not give what was expected either. It is not asked again by another worker.
    """
    student = context.student
    worker = student.worker_with(built.bound)
    known: tuple[Worker, Answer] | None = student.loads.described.get((built.handle, question))
    if known is not None and (known[0] is worker or not known[1].holds):
        return known[1]
    try:
        answer = Answer(ask())
    except StudentError as error:
        answer = Answer(False, error.feedback.summary)
    student.loads.described[built.handle, question] = worker, answer
    return answer


def _inputs(context: CheckContext, built: Built, count: int) -> np.ndarray:
    return context.rng.uniform(0, 1, (count, *built.spec.input_shape))


def _comparable(values: np.ndarray, form: str) -> np.ndarray:
    numbers: np.ndarray = values.astype(np.float64)
    if form == "logits":
        return numbers
    logarithms = np.log(np.maximum(numbers, SMALLEST)) if form == "probabilities" else numbers
    differences: np.ndarray = logarithms - logarithms[..., -1:]
    return differences


def _tolerance(expected: np.ndarray) -> float:
    return TOLERANCE * float(np.abs(expected).max(initial=0.0)) + NOISE
