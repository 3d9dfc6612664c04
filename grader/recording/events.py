"""The types of a recording. They go into the report as they are; every text and every list has a limit.

An ``event`` names its kind. ``line`` is the line of the cell that was running, 0 at the cell's end. ``code_cell`` is,
for PyTorch, the cell in which the code stands that did it, 0 where it is unknown: other cells may call a function.
``model`` is the number of a model, the same in all events about it, 0 where it is unknown.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

_Short: TypeAlias = Annotated[str, Meta(max_length=200)]
_Text: TypeAlias = Annotated[str, Meta(max_length=2_000)]
_Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
_Shape: TypeAlias = Annotated[tuple[_Count, ...], Meta(max_length=32)]
_Settings: TypeAlias = Annotated[dict[_Short, _Short], Meta(max_length=40)]


class ArrayFacts(msgspec.Struct, frozen=True):
    """An array that went into a model. ``low`` and ``high`` are its smallest and largest value.

    ``origins`` says of how many sampled ``rows`` the image is in which given set (``fashion_mnist train``), or in none
    (``unknown``). An image may be in two sets. ``of`` is, for a batch that a loader of PyTorch gave, how many examples
    the loader's data set has, and 0 for everything else.
    """

    shape: _Shape
    dtype: _Short
    low: float | None
    high: float | None
    fingerprint: _Short
    origins: Annotated[dict[_Short, _Count], Meta(max_length=20)] = {}
    of: _Count = 0

    def share_from(self, part: str) -> float | None:
        """Return the share of the sampled rows that are images of the ``train`` or ``test`` sets; ``None`` if no row
        was looked up."""
        rows = self.origins.get("rows", 0)
        found = sum(count for name, count in self.origins.items() if name.endswith(f" {part}"))
        return min(found / rows, 1.0) if rows else None


class RecordedLayer(msgspec.Struct, frozen=True):
    """One layer as its framework describes it."""

    kind: _Short
    name: _Short
    settings: _Settings
    output: _Short
    parameters: _Count


class _Event(msgspec.Struct, frozen=True, tag_field="event", kw_only=True):
    line: _Count


class ModelSeen(_Event, frozen=True, tag="model", kw_only=True):
    """A model that is there when a cell ends, once, and again when it has changed.

    ``names`` are what the notebook calls it. ``structure`` is its description without numbers, as
    :mod:`grader.transplant.portable` writes it, and ``shapes`` are those of its arrays; empty where ``why_not`` says
    why there is none.
    """

    model: _Count
    framework: _Short
    class_name: _Short
    names: Annotated[tuple[_Short, ...], Meta(max_length=20)]
    layers: Annotated[tuple[RecordedLayer, ...], Meta(max_length=300)]
    parameters: _Count
    trainable: _Count
    structure: Annotated[str, Meta(max_length=200_000)]
    shapes: Annotated[tuple[_Shape, ...], Meta(max_length=2_000)]
    why_not: _Text


class OptimizerFacts(msgspec.Struct, frozen=True):
    """An optimizer: its class and its settings, among them ``learning_rate``."""

    kind: _Short
    settings: _Settings


class Compiled(_Event, frozen=True, tag="compiled", kw_only=True):
    """``compile`` of Keras."""

    model: _Count
    optimizer: OptimizerFacts
    loss: _Short
    metrics: Annotated[tuple[_Short, ...], Meta(max_length=20)]


class Validation(msgspec.Struct, frozen=True):
    """What a training was validated with: nothing, a ``share`` of its own data, or other data, such as all that went
    through between the steps of a loop."""

    source: Literal["none", "split", "data", "loop"]
    share: float
    inputs: ArrayFacts | None
    targets: ArrayFacts | None


class RightAnswers(msgspec.Struct, frozen=True):
    """For how many of so many examples the largest output of a network was that of the right class. Counted only where
    each of them is a given image."""

    right: _Count
    examples: _Count


class Watched(msgspec.Struct, frozen=True):
    """Data of one loader of PyTorch that went through a model between the steps of its training.

    ``rounds`` are the scores of each time, and ``resumed`` says how many times steps of the same optimizer followed.
    ``acting`` are the kinds of layers that behaved in every batch as they do in training while no gradients were
    recorded: dropout that dropped, batch normalization that took the batch's own statistics.
    """

    line: _Count
    inputs: ArrayFacts | None
    batches: _Count
    rounds: Annotated[tuple[RightAnswers, ...], Meta(max_length=200)] = ()
    resumed: _Count = 0
    acting: Annotated[tuple[_Short, ...], Meta(max_length=10)] = ()
    code_cell: _Count = 0


class CallbackFacts(msgspec.Struct, frozen=True):
    """A callback of Keras: its class and its settings."""

    kind: _Short
    settings: _Settings


class Trained(_Event, frozen=True, tag="trained", kw_only=True):
    """A training: ``fit``, or what one optimizer did to one model in one cell.

    ``epochs_asked`` and ``steps_asked`` (of an epoch) are ``None`` where they cannot be told. ``steps_before`` are
    steps that this model had been trained already. ``is_cut``: the budget of the replay ended it.
    """

    model: _Count
    by: Literal["fit", "train_on_batch", "loop"]
    inputs: ArrayFacts | None
    targets: ArrayFacts | None
    batch_size: _Count | None
    optimizer: OptimizerFacts
    loss: _Short
    epochs_asked: _Count | None
    epochs_run: _Count
    initial_epoch: _Count
    steps_asked: _Count | None
    steps_run: _Count
    steps_before: _Count
    is_cut: bool
    validation: Validation
    callbacks: Annotated[tuple[CallbackFacts, ...], Meta(max_length=20)]
    history: Annotated[dict[_Short, Annotated[tuple[float | None, ...], Meta(max_length=200)]], Meta(max_length=20)]
    in_evaluation_mode: _Count = 0
    """Training batches of PyTorch that went through while dropout was off."""
    watched: Annotated[tuple[Watched, ...], Meta(max_length=20)] = ()
    code_cell: _Count = 0


class Measured(_Event, frozen=True, tag="measured", kw_only=True):
    """Data went through a model without training it.

    ``values`` are what ``evaluate`` returned; for ``predict`` and PyTorch, where each example is a given image, the
    numbers of those that were ``right`` and of all ``examples``. Of PyTorch, ``batches`` are those of one loader, and
    ``acting`` is as in :class:`Watched`.
    """

    model: _Count
    by: Literal["evaluate", "predict", "forward"]
    inputs: ArrayFacts | None
    targets: ArrayFacts | None
    batch_size: _Count | None
    is_cut: bool
    values: Annotated[dict[_Short, float | None], Meta(max_length=20)]
    in_training_mode: _Count = 0
    batches: _Count = 0
    acting: Annotated[tuple[_Short, ...], Meta(max_length=10)] = ()
    code_cell: _Count = 0


class WeightsMoved(_Event, frozen=True, tag="weights", kw_only=True):
    """Weights were saved, or a model was given others, from a file or from memory; ``by`` a callback in a training.

    ``condition`` is the comparison that a cell makes a save of PyTorch depend on, and ``compared`` are the numbers that
    its names stood for.
    """

    model: _Count
    action: Literal["saved", "loaded"]
    by: Literal["call", "callback"]
    path: _Text
    place: Literal["file", "memory"]
    condition: _Short = ""
    compared: Annotated[dict[_Short, float | None], Meta(max_length=10)] = {}
    code_cell: _Count = 0


class RecordedAxes(msgspec.Struct, frozen=True):
    """One pair of axes of a figure. ``lines`` are labels with numbers of points, ``images`` shapes."""

    title: _Text
    x_label: _Text
    y_label: _Text
    legend: Annotated[tuple[_Text, ...], Meta(max_length=20)]
    lines: "Annotated[tuple[RecordedLine, ...], Meta(max_length=60)]"
    images: Annotated[tuple[_Shape, ...], Meta(max_length=20)]


class RecordedLine(msgspec.Struct, frozen=True):
    """A line of a plot, or its bars."""

    label: _Text
    points: _Count


class FigureSeen(_Event, frozen=True, tag="figure", kw_only=True):
    """A figure that the cell drew."""

    titles: Annotated[tuple[_Text, ...], Meta(max_length=5)]
    axes: Annotated[tuple[RecordedAxes, ...], Meta(max_length=30)]


class Seeded(_Event, frozen=True, tag="seeded", kw_only=True):
    """A source of random numbers was given a seed."""

    what: _Short
    value: _Short


class Made(_Event, frozen=True, tag="made", kw_only=True):
    """Something was made that is no model: a loader of PyTorch."""

    kind: Literal["loader"]
    name: _Short
    settings: _Settings


class Note(_Event, frozen=True, tag="note", kw_only=True):
    """Something was not run as it stands, or not at all.

    ``old-spelling``: led to what today's framework calls it. ``data``, ``no-data``: given images in the place of a
    download; ``repeated-data``: fewer of them than in the original, repeated to its size. ``needs-input``: somebody was
    asked. ``gone``: it belongs to a version that cannot be run. ``not-told``: the recorder failed. ``cut``: there was
    more.
    """

    kind: Literal[
        "not-run", "old-spelling", "data", "repeated-data", "no-data", "needs-input", "gone", "not-told", "cut"
    ]
    text: _Text


Event: TypeAlias = ModelSeen | Compiled | Trained | Measured | WeightsMoved | FigureSeen | Seeded | Made | Note


class Failure(msgspec.Struct, frozen=True):
    """What a cell raised. ``bases`` are the classes that its type inherits from, ``name`` the name that was missing."""

    kind: _Short
    bases: Annotated[tuple[_Short, ...], Meta(max_length=10)]
    message: _Text
    line: _Count
    quote: Annotated[str, Meta(max_length=400)]
    name: _Short = ""


Status: TypeAlias = Literal["ran", "failed", "unreadable", "out of time", "ended the process", "not run"]

Cause: TypeAlias = Literal["", "code", "budget", "surroundings", "earlier cell"]
"""Whose a failure is. ``code``: the cell's own. ``budget``: it needed what the budget left out. ``surroundings``: it
needed what is not in a replay, such as a network, a data set, somebody to answer ``input``. ``earlier cell``: it needed
what a cell that failed would have defined."""


class CellRecord(msgspec.Struct, frozen=True):
    """One code cell. ``defines`` and ``uses`` are names; ``cuts`` say what the budget left out; ``left_out`` counts
    events that are not told; ``because_of`` is the earlier cell that is the cause."""

    number: _Count
    heading: _Text
    defines: Annotated[tuple[_Short, ...], Meta(max_length=200)]
    uses: Annotated[tuple[_Short, ...], Meta(max_length=200)]
    is_given: bool
    status: Status
    failure: Failure | None = None
    cause: Cause = ""
    because_of: int | None = None
    printed: Annotated[str, Meta(max_length=10_000)] = ""
    cuts: Annotated[tuple[_Text, ...], Meta(max_length=20)] = ()
    wall_s: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    events: Annotated[tuple[Event, ...], Meta(max_length=400)] = ()
    left_out: _Count = 0


ReplayMode: TypeAlias = Literal["none", "definitions", "quick", "full"]


class ModelBinding(msgspec.Struct, frozen=True):
    """A model of the recording that stands for a model of the rubric. ``how`` says by what: ``structure``,
    ``parameters``, ``name``, ``heading``, the strongest first."""

    part_id: str
    model: str
    numbers: tuple[int, ...]
    how: tuple[str, ...]


class Recording(msgspec.Struct, frozen=True):
    """One file that was replayed. ``problem`` says why not, or why not to its end."""

    path: str
    mode: ReplayMode
    cells: tuple[CellRecord, ...] = ()
    bindings: tuple[ModelBinding, ...] = ()
    problem: str = ""
    wall_s: float = 0.0
