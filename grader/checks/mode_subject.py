"""A student's network with weights that the trusted side chose: what it gives, and as what."""

import msgspec
import numpy as np

from grader.checks.student_models import Built, StudentModels, give_weights
from grader.networks.evaluate import FORMS, as_ending, difference, outputs, with_epsilons_of
from grader.transplant.architecture import BatchNormalization, Network, draw_arrays
from grader.transplant.transplant import ArchitectureMismatch

EXAMPLES, FEW = 8, 2
"""How many, and how many by themselves: two, since one has no variance, for which PyTorch raises."""
TOLERANCE = 1e-3
"""The largest difference accepted between outputs, relative to the largest logit (or 1, if that is larger)."""
EPSILONS = (1e-3, 1e-5)
"""What batch norm adds to the variance in Keras and in PyTorch, unless told otherwise: either is right."""


class Evaluation(msgspec.Struct, frozen=True):
    """What a network gives in evaluation mode for drawn weights, ``basis`` being what it is compared with.

    ``outputs`` are those of all examples together, ``repeated`` the same once more, ``alone`` those of the first
    :data:`FEW` by themselves. ``basis`` is ``None`` where weights could not be given: ``why_not`` says why.
    """

    place: str
    basis: Network | None
    why_not: str = ""
    is_described: bool = False
    inputs: np.ndarray | None = None
    outputs: np.ndarray | None = None
    repeated: np.ndarray | None = None
    alone: np.ndarray | None = None


class Agreement(msgspec.Struct, frozen=True):
    """In which form a network's outputs are the basis' logits, and with which epsilon of batch norm. ``error`` is the
    largest difference, relative to the largest logit."""

    error: float
    ending: str
    basis: Network

    @property
    def holds(self) -> bool:
        """Whether the network computes what the basis computes."""
        return self.error <= TOLERANCE


def give(models: StudentModels, built: Built, network: Network) -> str:
    """Write the weights of ``network`` into the student's; return why that is not possible, or nothing.

    Raises:
        StudentError: the student's code failed.
    """
    try:
        return "" if give_weights(models, built, network) else built.why_not
    except ArchitectureMismatch as mismatch:
        return f"its weights are not those of the handout's network: {mismatch.target or 'it has fewer layers'}"


def see_evaluation(models: StudentModels, built: Built, reference: Network, rng: np.random.Generator) -> Evaluation:
    """Run the network in evaluation mode with drawn weights and on drawn inputs.

    Raises:
        StudentError: the student's code failed.
    """
    basis = draw_arrays(reference, rng)
    if built.network is not None:
        basis = with_epsilons_of(built.network, basis)
    why_not = give(models, built, basis)
    if why_not:
        return Evaluation(built.place, None, why_not, built.network is not None)
    inputs = rng.uniform(0, 1, (EXAMPLES, *reference.input_shape))
    return Evaluation(
        built.place,
        basis,
        built.why_not,
        built.network is not None,
        inputs,
        models.forward(built, inputs, seed=1),
        models.forward(built, inputs, seed=2),
        models.forward(built, inputs[:FEW], seed=1),
    )


def agreement(basis: Network, inputs: np.ndarray, given: np.ndarray) -> Agreement:
    """Find the form and the epsilon with which ``given`` comes nearest to what ``basis`` computes for ``inputs``."""
    found = [
        Agreement(difference(given, as_ending(logits, ending)), ending, candidate)
        for candidate in with_epsilons(basis)
        for logits in (outputs(candidate, inputs),)
        for ending in FORMS
    ]
    return min(found, key=lambda one: one.error)


def with_epsilons(network: Network) -> tuple[Network, ...]:
    """Return ``network``, then with each usual epsilon in all of its batch norms; itself alone without any."""
    if not any(isinstance(layer, BatchNormalization) for layer in network.layers):
        return (network,)
    return (network, *(_with_epsilon(network, epsilon) for epsilon in EPSILONS))


def _with_epsilon(network: Network, epsilon: float) -> Network:
    layers = (
        msgspec.structs.replace(layer, epsilon=epsilon) if isinstance(layer, BatchNormalization) else layer
        for layer in network.layers
    )
    return Network(network.input_shape, tuple(layers))


def logit_differences(values: np.ndarray, ending: str) -> np.ndarray:
    """Return outputs (N, values) as differences of logits: each value's less the last one's, (N, values - 1)."""
    logits = np.log(np.maximum(values, np.finfo(np.float32).tiny)) if ending == "probabilities" else values
    with np.errstate(invalid="ignore"):
        result: np.ndarray = logits[:, :-1] - logits[:, -1:]
    return result
