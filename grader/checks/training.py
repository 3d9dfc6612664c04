"""``check: training`` — do the records of a training hold together: history, checkpoint, curves for TensorBoard?"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias, TypeVar

import msgspec
import numpy as np

from grader.checks.base import CheckContext, as_names
from grader.checks.each_model import Each, as_models, judge_each, problems_of_models, see_each
from grader.checks.histories import KEYS, Events, History, Key, decode_events, decode_history, find_series
from grader.checks.questions import Answer, judge_answers, missing, no, unclear, yes
from grader.checks.student import Student, StudentError
from grader.checks.student_models import StudentModels
from grader.checks.trained import TrainedOptions, see_trained
from grader.checks.training_records import Measured, judge_checkpoint, judge_events, judge_history
from grader.checks.weight_file import choose
from grader.course.model import Criterion, ModelSpec, Part
from grader.results import Curves, Evidence, Exhibit, Judgement, Series
from grader.sandbox import wire

T = TypeVar("T")
Record: TypeAlias = Literal["history", "best_checkpoint", "tensorboard", "reload"]
SAME = 1e-5
"""The largest difference between the outputs of two networks that hold the same weights, relative to the largest."""
RELOADED_EXAMPLES = 16
_CHECKPOINTS = ("checkpoints/{}.*", "checkpoints/{}_best.*", "checkpoints/{}-best.*", "checkpoints/best_{}.*")


class TrainingOptions(TrainedOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``of`` says which records, each worth the same share of the points. ``epochs`` is how many a history has;
    ``keys`` are the series in it, ``scalars`` those for TensorBoard. The other options are those of
    :class:`TrainedOptions`, which say on which images a checkpoint is measured."""

    of: Record | tuple[Record, ...]
    epochs: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    keys: tuple[Key, ...] = KEYS
    scalars: tuple[Key, ...] = KEYS

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        yield from problems_of_models(as_models(self.model), part)
        for field in ("of", "keys", "scalars"):
            if not getattr(self, field):
                yield field, "is empty; leave it out or name something"


class Reloaded(msgspec.Struct, frozen=True):
    """What became of a checkpoint that was loaded into two freshly built networks: ``problem``, or the largest
    difference of their outputs, relative to the largest."""

    path: str
    problem: str
    difference: float


class TrainingSeen(msgspec.Struct, frozen=True):
    """The records of one model's training. What the criterion does not ask for, and what is not there, is ``None``;
    a checkpoint may also say why nothing could be measured."""

    model: str
    history: tuple[str, History] | None = None
    events: tuple[Events, ...] | None = None
    checkpoint: Measured | StudentError | None = None
    reloaded: Reloaded | StudentError | None = None


class Training:
    """Judges what was recorded while a network was trained elsewhere."""

    Options: ClassVar[type] = TrainingOptions

    def observe(self, context: CheckContext) -> Each:
        """Read the records of each model, and measure its checkpoint."""
        options: TrainingOptions = context.criterion.options

        def see(models: StudentModels, spec: ModelSpec) -> TrainingSeen:
            return _see(context, models, spec, options)

        return see_each(context, options.model, see)

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Give each record its share if it is as it should be."""
        options: TrainingOptions = criterion.options
        return judge_each(seen, lambda one: _judge(one, options))


def _see(context: CheckContext, models: StudentModels, spec: ModelSpec, options: TrainingOptions) -> TrainingSeen:
    asked = as_names(options.of)
    history = events = checkpoint = reloaded = None
    path = _history_path(spec.name, context.files)
    if path is not None and {"history", "best_checkpoint"}.intersection(asked):
        history = path, _read_history(context.student, path)
    paths = _event_paths(spec.name, context)
    if paths and "tensorboard" in asked:
        events = _read_events(context.student, paths)
    if "best_checkpoint" in asked:
        checkpoint = _unless_it_fails(lambda: _measure(context, models, spec, options))
    if "reload" in asked:
        reloaded = _unless_it_fails(lambda: _reload(context, models, spec))
    return TrainingSeen(spec.name, history, events, checkpoint, reloaded)


def _unless_it_fails(look: Callable[[], T]) -> T | StudentError:
    """Return what ``look`` returns, or why it could not: the other records are looked at all the same."""
    try:
        return look()
    except StudentError as error:
        return error


def _judge(seen: TrainingSeen, options: TrainingOptions) -> Judgement:
    answers: dict[str, Answer] = {}
    for record in as_names(options.of):
        match record:
            case "history":
                answers["history"] = _of_history(seen, options)
            case "tensorboard":
                answers["curves for TensorBoard"] = _of_events(seen, options)
            case "best_checkpoint":
                answers["checkpoint of the best epoch"] = _of_checkpoint(seen)
            case "reload":
                answers["reload"] = _of_reload(seen)
    return judge_answers(
        answers,
        praise=" ".join(answer.said for answer in answers.values()),
        evidence=Evidence.CLAIMED,
        exhibits=_exhibits(seen),
    )


def _of_history(seen: TrainingSeen, options: TrainingOptions) -> Answer:
    if seen.history is None:
        return missing(f"There is no file history/{seen.model}.json.")
    return judge_history(*seen.history, options.keys, options.epochs)


def _of_events(seen: TrainingSeen, options: TrainingOptions) -> Answer:
    if seen.events is None:
        return missing(f"There are no event files of TensorBoard in logs/{seen.model}.")
    return judge_events(seen.events, options.scalars, options.epochs, seen.model)


def _of_checkpoint(seen: TrainingSeen) -> Answer:
    match seen.checkpoint:
        case StudentError() as error:
            return _failed(error)
        case Measured() as measured:
            history = History("it is not there", {}) if seen.history is None else seen.history[1]
            evidence = Evidence.OBSERVED if measured.is_returned else Evidence.VERIFIED
            return msgspec.structs.replace(judge_checkpoint(measured, history), evidence=evidence)
        case None:
            return _no_checkpoint(seen)


def _of_reload(seen: TrainingSeen) -> Answer:
    match seen.reloaded:
        case StudentError() as error:
            return _failed(error)
        case Reloaded(problem=problem, path=path) if problem:
            return no(f"{path} cannot be loaded again: {problem}.")
        case Reloaded(difference=difference, path=path) if difference <= SAME:
            answer = yes(f"{path} loaded into two fresh networks gives the same outputs.")
        case Reloaded(path=path):
            answer = no(f"Loaded twice, {path} gives networks that differ: it lacks something that they compute with.")
        case None:
            return _no_checkpoint(seen)
    return msgspec.structs.replace(answer, evidence=Evidence.OBSERVED)


def _failed(error: StudentError) -> Answer:
    said = unclear if error.verdict.is_pending else no
    return said(error.feedback.summary, *error.feedback.facts)


def _no_checkpoint(seen: TrainingSeen) -> Answer:
    return missing(f"There is no checkpoint of '{seen.model}', such as checkpoints/{seen.model}.pt.")


# --- observing --------------------------------------------------------------------------------------------------------


def _history_path(model: str, files: Mapping[str, bytes]) -> str | None:
    wanted = f"history/{model}.json"
    found = [path for path in files if path == wanted or path.endswith(f"/{wanted}")]
    return min(found, key=lambda path: (path.count("/"), path), default=None)


def _event_paths(model: str, context: CheckContext) -> tuple[str, ...]:
    """Return the event files in a folder named after the model, or all of them where the part has no other model."""
    every = [path for path in context.files if "tfevents" in path.rpartition("/")[2]]
    own = [path for path in every if model in path.split("/")[:-1]]
    return tuple(own or (every if len(context.part.models) == 1 else ()))


def _checkpoints(model: str) -> tuple[str, ...]:
    return tuple(pattern.format(model) for pattern in _CHECKPOINTS)


def _read_history(student: Student, path: str) -> History:
    worker = student.worker()
    answer = student.operate(worker, "read_history", {"path": path}, doing=f"{path} was read", raised=path)
    try:
        return decode_history(answer)
    except ValueError as error:
        raise student.rejected(worker, f"{path} is described as no history is: {error}") from None


def _read_events(student: Student, paths: tuple[str, ...]) -> tuple[Events, ...]:
    worker = student.worker()
    answer: wire.Payload = student.operate(
        worker, "read_events", {"paths": paths}, doing="event files were read", raised="reading event files"
    )
    try:
        return decode_events(answer)
    except ValueError as error:
        raise student.rejected(worker, f"event files are described as none are: {error}") from None


def _measure(
    context: CheckContext, models: StudentModels, spec: ModelSpec, options: TrainingOptions
) -> Measured | None:
    built = models.build(spec)
    as_checkpoint = msgspec.structs.replace(spec, weights=_checkpoints(spec.name))
    if choose(as_checkpoint, built.framework, context.files) is None:
        return None
    trained = see_trained(context, models, as_checkpoint, options)
    losses = trained.losses
    return Measured(
        path=trained.file.path,
        loss=float(losses.mean()),
        loss_deviation=float(np.std(losses)),
        accuracy=trained.accuracy,
        count=trained.count,
        is_returned=bool(trained.own),
    )


def _reload(context: CheckContext, models: StudentModels, spec: ModelSpec) -> Reloaded | None:
    """Load the checkpoint into two networks that were initialised differently, and compare what they compute."""
    inputs = context.rng.uniform(0, 1, (RELOADED_EXAMPLES, *spec.input_shape))
    outputs = []
    path = ""
    for seed in (0, 1):
        built = models.build(spec, seed)
        file = choose(msgspec.structs.replace(spec, weights=_checkpoints(spec.name)), built.framework, context.files)
        if file is None:
            return None
        path = file.path
        problem, _ = models.load_weights(built, path)
        if problem:
            return Reloaded(path, problem, 0.0)
        outputs.append(models.forward(built, inputs, seed=seed))
    one, other = outputs
    scale = max(1.0, float(np.abs(one).max()))
    return Reloaded(path, "", float(np.abs(one - other).max()) / scale)


def _exhibits(seen: TrainingSeen) -> tuple[Exhibit, ...]:
    """Return the student's learning curves, for pages."""
    if seen.history is None:
        return ()
    curves = []
    for figure, keys in (("loss", ("loss", "val_loss")), ("accuracy", ("accuracy", "val_accuracy"))):
        found = {
            name: find_series(seen.history[1].series, key)
            for name, key in zip(("training", "validation"), keys, strict=True)
        }
        lines = tuple(
            Series(name, tuple(float(v) if np.isfinite(v) else None for v in values))
            for name, values in found.items()
            if values is not None
        )
        if lines:
            curves.append(Curves(f"{seen.model}: {figure}", "epoch", figure, lines))
    return tuple(curves)
