"""How well a student's trained network does on test images: shared by ``accuracy`` and ``metric``.

The labels of the test images never enter the worker. Where the trained weights fit the reference and the student's
network computes what the reference computes with them, the outputs are the trusted side's own; elsewhere they are
what the worker returns for images without labels.
"""

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import NamedTuple

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.each_model import as_models, chosen, problems_of_models
from grader.checks.student import StudentError
from grader.checks.student_models import Built, StudentModels
from grader.checks.weight_file import WeightFile, load_weight_file
from grader.course.model import ModelSpec, Part
from grader.data.catalogue import DataSetName
from grader.data.errors import DataError
from grader.data.load import Dataset, Source, load
from grader.networks.evaluate import FORMS, as_ending, difference, logits, with_epsilons_of
from grader.networks.pixels import Scaling, noised, scalings, shifted
from grader.numerics.classification import confusion_matrix, cross_entropies, predictions
from grader.oracle.figures import data_set_of
from grader.oracle.networks import reference_network
from grader.oracle.run import OracleError
from grader.results import Feedback, Verdict
from grader.transplant.architecture import Network, dimensions
from grader.transplant.transplant import ArchitectureMismatch, fitted_arrays

TRIED_IMAGES = 100
"""Training images on which every way to scale pixels is tried …"""
DECIDING_IMAGES = 800
"""… and on which those are compared that are at most :data:`CLOSE` behind the best."""
CLOSE = 0.2
TIE = 0.01
"""Shares of right images that differ less say nothing about which way to scale is the student's."""
STATISTICS_IMAGES = 6000
PROBED_IMAGES = 32
"""Training images on which the student's network is compared with the reference."""
COPIED_IMAGES = 1000
AGREES = 1e-3
"""The largest difference of logits, relative to the largest (or 1), at which two networks are the same."""


class TrainedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``accuracy`` and ``metric`` have in common.

    ``model`` names one model or several of the part; without it the criterion is about all. ``reference`` names the
    experiment of the references that it is compared with, ``*`` in it standing for the model's name. ``dataset`` is
    the one that the experiment is trained on unless said here. ``data`` says which test images: the embedded
    ``subset``, or ``full``.
    """

    model: str | tuple[str, ...] = ()
    reference: str = "*"
    dataset: DataSetName | None = None
    data: Source = "subset"

    def experiment(self, spec: ModelSpec) -> str:
        """Return the experiment that a model is compared with."""
        return self.reference.replace("*", spec.name)

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)
        for spec in chosen(part, self.model):
            if not spec.weights:
                yield "model", f"model '{spec.name}' has no `weights:`, so there are no trained weights to look at"


class Copies(msgspec.Struct, frozen=True):
    """How many of ``count`` test images are right as they are, and as ``changed`` copies, by the kind of change."""

    count: int
    unchanged: int
    changed: dict[str, int]


class Trained(msgspec.Struct, frozen=True):
    """What a trained network makes of the test images.

    ``outputs`` are (N, classes), ``labels`` (N,). ``own`` is empty if the outputs were computed by the trusted side in
    the reference network; else it says why they are what the worker returned, and ``copies`` has more to go by.
    """

    place: str
    file: WeightFile
    outputs: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    scaling: str
    data: str
    own: str = ""
    copies: Copies | None = None

    @property
    def correct(self) -> int:
        """How many test images are assigned to their class."""
        return int((predictions(self.outputs) == self.labels).sum())

    @property
    def count(self) -> int:
        """How many test images there are."""
        return len(self.labels)

    @property
    def accuracy(self) -> float:
        """The share of test images that are right."""
        return self.correct / self.count

    @property
    def losses(self) -> np.ndarray:
        """The cross-entropy of each test image, (N,)."""
        return cross_entropies(self.outputs, self.labels)

    @property
    def confusion(self) -> np.ndarray:
        """Test images by true and predicted class."""
        return confusion_matrix(self.labels, predictions(self.outputs), len(self.class_names))

    @property
    def facts(self) -> tuple[str, ...]:
        """How it was measured, for a feedback."""
        how = "Computed by the grader with your weights in the reference network, on images that your code never saw."
        if self.own:
            how = f"These are outputs of your own network ({self.own})."
        about = f"{self.file.path} in the network of {self.place}; {self.data}; pixels {self.scaling}."
        return (about, how, *filter(None, [self.file.note]))


# weights of a stranger may overflow; what comes of it is not a number, and counts as wrong
@np.errstate(all="ignore")
def see_trained(context: CheckContext, models: StudentModels, spec: ModelSpec, options: TrainedOptions) -> Trained:
    """Build a network, load its trained weights, and run it on the test images.

    Raises:
        StudentError: there are no weights, they cannot be used, or the network fails.
        OracleError: the course's own data or records are missing.
    """
    key = (context.part.id, spec.name, options.dataset or options.experiment(spec), options.data, *spec.weights)
    known: Trained | None = context.student.loads.trained.get(key)
    if known is not None:
        return known
    dataset = _dataset(context, spec, options)
    built = models.build(spec)
    file = load_weight_file(models, built, context.files)
    found = _in_reference(context, models, built, dataset)
    if isinstance(found, str):
        outputs, scaling, copies = _returned(context, models, built, dataset)
    else:
        scaling, copies = found.scaling, None
        outputs = logits(found.network, scaling.inputs(dataset.test_images))
    classes = len(dataset.class_names)
    if outputs.shape[1] != classes:
        what = f"gives {outputs.shape[1]:,} numbers for an image; there are {classes} classes"
        raise StudentError(Verdict.FAIL, Feedback(f"The network of {built.place} {what}."))
    trained = Trained(
        place=built.place,
        file=file,
        outputs=outputs,
        labels=dataset.test_labels,
        class_names=dataset.class_names,
        scaling=scaling.name,
        data=dataset.description,
        own=found if isinstance(found, str) else "",
        copies=copies,
    )
    if not trained.own:
        # another criterion would draw other copies, but these outputs are the same for all
        context.student.loads.trained[key] = trained
    return trained


def _dataset(context: CheckContext, spec: ModelSpec, options: TrainedOptions) -> Dataset:
    name = options.dataset or data_set_of(context.folder, options.experiment(spec))
    try:
        dataset = load(name, options.data)
    except DataError as error:
        raise OracleError(str(error)) from error
    if prod(spec.input_shape) != prod(dataset.test_images.shape[1:]):
        raise OracleError(f"'{spec.name}' takes {dimensions(spec.input_shape)}, but the images of {name} are 28×28")
    return dataset


# --- outputs that the trusted side computes ---------------------------------------------------------------------------


class _Fitted(msgspec.Struct, frozen=True):
    """The reference with the student's weights, and how its pixels are scaled."""

    network: Network
    scaling: Scaling


def _in_reference(context: CheckContext, models: StudentModels, built: Built, dataset: Dataset) -> _Fitted | str:
    """Return the reference with the student's weights, or why it does not stand for the student's network."""
    if built.network is None:
        return "its layers could not be read"
    own = models.read(built)
    try:
        reference = with_epsilons_of(own, reference_network(context.folder, built.spec))
        network = reference.with_arrays(fitted_arrays(own, reference))
    except ArchitectureMismatch:
        return "its weights do not fit the reference"
    scaling = _best_scaling(dataset, lambda inputs: logits(network, inputs))
    probe = scaling.inputs(dataset.train_images[:PROBED_IMAGES])
    if not _is_same(models.forward(built, probe), logits(network, probe)):
        return "with these weights it computes something else than the reference"
    return _Fitted(network, scaling)


def _is_same(returned: np.ndarray, computed: np.ndarray) -> bool:
    expected = computed.astype(np.float64)
    return any(difference(returned, as_ending(expected, form)) <= AGREES for form in FORMS)


# --- outputs that the worker returns ----------------------------------------------------------------------------------


def _returned(
    context: CheckContext, models: StudentModels, built: Built, dataset: Dataset
) -> tuple[np.ndarray, Scaling, Copies]:
    """Return what the student's network makes of the test images, which are mixed with changed copies of some of them
    and arrive in random order, so that nothing tells them apart."""
    rng = context.rng
    scaling = _best_scaling(dataset, lambda inputs: models.forward(built, inputs))
    images, labels = dataset.test_images, dataset.test_labels
    copied = rng.permutation(len(images))[:COPIED_IMAGES]
    changed = {
        "shifted by 1 pixel": shifted(images[copied], 1, rng),
        "shifted by 2 pixels": shifted(images[copied], 2, rng),
        "with a little noise": noised(images[copied], rng),
    }
    together = np.concatenate([images, *changed.values()]).astype(np.float32)
    order = rng.permutation(len(together))
    answers = models.forward(built, scaling.inputs(together[order]))
    outputs = np.empty_like(answers)
    outputs[order] = answers
    own, *copies = np.split(outputs, [len(images) + number * len(copied) for number in range(len(changed))])
    right = {
        name: int((predictions(found) == labels[copied]).sum()) for name, found in zip(changed, copies, strict=True)
    }
    unchanged = int((predictions(own[copied]) == labels[copied]).sum())
    return own, scaling, Copies(len(copied), unchanged, right)


class _Trial(NamedTuple):
    """How the network does on some training images whose pixels are scaled one way: share of them right, mean loss."""

    way: Scaling
    right: float
    loss: float


def _best_scaling(dataset: Dataset, run: Callable[[np.ndarray], np.ndarray]) -> Scaling:
    """Return the way to scale pixels with which ``run`` is right on most of some training images.

    Of ways that are as good, up to chance, the one with the lowest loss counts; but of those that differ by a factor
    the most usual, since ReLU layers hardly notice a factor, while it makes every right answer look surer.
    """
    # a few thousand images give mean and deviation to three digits
    ways = scalings(dataset.train_images[:STATISTICS_IMAGES])
    trials = _tried(dataset, ways, TRIED_IMAGES, run)
    best = max(trial.right for trial in trials)
    close = [trial.way for trial in trials if trial.right >= best - CLOSE]
    if len(close) == 1:
        return close[0]
    trials = _tried(dataset, close, DECIDING_IMAGES, run)
    best = max(trial.right for trial in trials)
    alike: dict[float, _Trial] = {}
    for trial in trials:
        if trial.right >= best - TIE:
            alike.setdefault(trial.way.shift, trial)
    return min(alike.values(), key=lambda trial: trial.loss).way


def _tried(
    dataset: Dataset, ways: Sequence[Scaling], count: int, run: Callable[[np.ndarray], np.ndarray]
) -> list[_Trial]:
    images, labels = dataset.train_images[:count], dataset.train_labels[:count]
    outputs = np.split(run(np.concatenate([way.inputs(images) for way in ways])), len(ways))
    return [
        _Trial(way, float((predictions(one) == labels).mean()), _loss(one, labels))
        for way, one in zip(ways, outputs, strict=True)
    ]


def _loss(outputs: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean loss, infinite where the outputs are none of a classifier of these labels."""
    if outputs.shape[1] <= labels.max():
        return float("inf")
    loss = float(cross_entropies(outputs, labels).mean())
    return loss if np.isfinite(loss) else float("inf")
