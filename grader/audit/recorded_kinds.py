"""The kinds that a replay settles better than the source alone: each a pure function of a run.

They are those of :mod:`grader.audit.kinds`; see also :mod:`grader.audit.recorded_loops` and
:mod:`grader.audit.recorded_scores`. What follows from the replay's budget, from the surroundings, or from a
cell that did not run to its end is held against nobody.
"""

import re
from collections.abc import Callable, Iterator

from grader.audit.kinds import checkpoint_never_loaded, inputs_not_scaled, names
from grader.audit.kinds import train_test_overlap as overlap
from grader.audit.kinds import training_continued as continued
from grader.audit.kinds import validation_by_test_set as validation
from grader.audit.recorded_run import Run, Seen, is_only, told
from grader.recording.decode import MAX_CELLS
from grader.recording.events import Compiled, Measured, ModelSeen, Trained, WeightsMoved
from grader.recording.names import plain_name
from grader.recording.questions import WHOLE_TEST_SET
from grader.recording.structure import chain
from grader.results import Severity
from grader.text import safe

WHOLE_TRAINING_SET = 60_000
"""Images of the training set of MNIST and Fashion-MNIST."""

MAX_NAMES = 200
"""Names of a cell that a recording tells."""
_NO_LOADING = frozenset((
    "csvlogger", "earlystopping", "history", "learningratescheduler", "modelcheckpoint", "progbarlogger",
    "reducelronplateau", "tensorboard", "terminateonnan",
))  # fmt: skip
"""Callbacks that put no weights back by themselves."""
GIVES_NEW_WEIGHTS = re.compile(
    r"\.assign\(|set_weights|initializers?\b|reset_|reinit|\bnn\.init\b|\binit_\w+\(|\.apply\(|"
    r"(?:weight|bias|param\w{0,20}|\b\w)\.data\b|\.(?:copy|normal|uniform|zero|fill)_\("
)
"""Ways to give a network other weights that no recording tells."""
_HIDES_NAMES = re.compile(
    r"import\s*\*|(?<!%)%(?:pylab|run|load|store|cython)|(?<!# )%%(?!time|capture)|(?<!\.)\b(?:exec|eval|execfile)\(|"
    r"\b(?:globals|locals|vars|setattr|run_line_magic|NameError)\b"
)
_MAGIC = r"(?:^|\n|\"|\\n)[ \t]{0,20}%{1,2}[a-z]"
"""At the beginning of a line, of a script or of a notebook's JSON."""
_GLOBAL = re.compile(r"\bglobal[ \t]([\w, ]{1,200})")
_NOT_PYTHONS = frozenset((
    "In", "Out", "basestring", "display", "exit", "get_ipython", "long", "quit", "raw_input", "reduce", "unichr",
    "unicode", "xrange",
))  # fmt: skip
"""Names that a notebook's kernel has, or that an older Python had."""
_PASSES_ON = frozenset(("InputLayer", "Reshape", "Flatten", "ZeroPadding2D", "Unflatten", "Identity", "ZeroPad2d"))
_KNOWN_CALLS = ("Sequential", "Functional")
"""Classes of networks that compute what their layers do, and nothing besides."""
_COMPUTES = frozenset(("Dense", "Conv2D", "Linear", "Conv2d"))
_ONLY_MOVES = frozenset(("flatten", "reshape", "zero_padding"))
_DESCRIBED = {"dense": "a dense layer", "convolution": "a convolution"}


# --- which images it saw ----------------------------------------------------------------------------------------------


def _validated_with_test_set(run: Run) -> Iterator[Seen]:
    """All of the test set as ``validation_data`` of ``fit``. Half of it may be a proper split."""
    for _, cell, training in run.trainings():
        facts = training.validation.inputs
        if training.by != "fit" or training.validation.source != "data" or not is_only(facts, "test", WHOLE_TEST_SET):
            continue
        choosers = [
            callback.kind
            for callback in training.callbacks
            if plain_name(callback.kind) in ("earlystopping", "modelcheckpoint", "reducelronplateau")
            and callback.settings.get("monitor", "").startswith("val_")
            and (plain_name(callback.kind) != "modelcheckpoint" or callback.settings.get("save_best_only") == "True")
        ]
        saw = f"{run.called(training.model)} is validated with the images of the test set"
        saw += f", and {safe(choosers[0], limit=80)} chooses by it." if choosers else "."
        means = (
            "A score on the test set is then the best of several tries, and no longer an estimate for new data."
            if choosers
            else "Every decision that is made by eye from these curves is made on the test set."
        )
        kind, severity = (validation.CHOSEN_BY, Severity.WARNING) if choosers else (validation.WATCHED, Severity.NOTE)
        settles = "holding out a part of the training set for validation, and using the test set once at the end"
        yield Seen(kind, severity, cell, training.line, saw, means, told("validation_data", facts), settles)


def _overlapping(run: Run) -> Iterator[Seen]:
    """Trained on all of one set, and then measured or validated with images of the same."""
    for place, cell, training in run.trainings():
        name, facts = run.called(training.model), training.inputs
        saw, other = "", None
        if is_only(facts, "test", WHOLE_TEST_SET):
            measured = next((
                (below, event.inputs)
                for below, event in run.events[place + 1 :]
                if isinstance(event, Measured) and event.model == training.model and is_only(event.inputs, "test")
            ), None)  # fmt: skip
            if measured is not None:
                other = measured[1]
                saw = f"{name} is trained on the test set, and measured with images of it in cell {measured[0].number}."
        elif is_only(facts, "train", WHOLE_TRAINING_SET) and training.validation.source == "data":
            other = training.validation.inputs
            if is_only(other, "train"):
                saw = f"{name} is trained on the whole training set, and validated with images of it."
        if saw:
            evidence = f"{told('trained on', facts)}\n{told('measured with', other)}"
            means = "Its figures say nothing about images that it has not seen."
            settles = "two sets without a common example"
            yield Seen(overlap.KIND, Severity.WARNING, cell, training.line, saw, means, evidence, settles)


def _unscaled(run: Run) -> Iterator[Seen]:
    """Pixels from 0 to 255 that reach a first layer that computes. Where any training saw others, or one that did not
    run may have, a comparison may be meant."""
    trainings = [(cell, training) for _, cell, training in run.trainings()]
    if any(t.inputs is None or (t.inputs.low, t.inputs.high) != (0.0, 255.0) for _, t in trainings):
        return
    has_run = all(cell.status == "ran" for cell in run.recording.cells)
    if not has_run and inputs_not_scaled.SCALES_INSIDE.search(run.source):
        return
    for cell, training in trainings:
        model = run.models.get(training.model)
        first = _first_layer(model) if model is not None and is_only(training.inputs, "train") else ""
        if first:
            saw = f"{run.called(training.model)} is trained on values from 0 to 255, and its first layer is {first}."
            means = "Neither the steps before nor a layer of the network scales them."
            settles = "printing the smallest and the largest value of what the network is given"
            kind, evidence = inputs_not_scaled.KIND, told("trained on", training.inputs)
            yield Seen(kind, Severity.WARNING, cell, training.line, saw, means, evidence, settles)
            return


def _first_layer(model: ModelSeen) -> str:
    """Return the first layer that computes, if nothing before it can scale."""
    if model.class_name in _KNOWN_CALLS:
        kinds = [layer.kind for layer in model.layers if layer.kind not in _PASSES_ON]
        return kinds[0] if kinds and kinds[0] in _COMPUTES else ""
    # a class of the student's own may scale in its code, and then its structure is not described
    links = [link.kind for link in chain(model) if link.kind not in _ONLY_MOVES] if model.structure else []
    return _DESCRIBED[links[0]] if links and links[0] in _DESCRIBED else ""


# --- which weights it had ---------------------------------------------------------------------------------------------


def _best_never_loaded(run: Run) -> Iterator[Seen]:
    """A checkpoint of the best epoch that was written, a test afterwards, and nothing that gave any model weights."""
    for place, cell, training in run.trainings():
        callbacks = {plain_name(callback.kind): callback.settings for callback in training.callbacks}
        below = run.events[place + 1 :]
        if (
            callbacks.get("modelcheckpoint", {}).get("save_best_only") != "True"
            or not callbacks.keys() <= _NO_LOADING
            or callbacks.get("earlystopping", {}).get("restore_best_weights") == "True"
            or run.recording.problem
            or any(c.status != "ran" or c.left_out for c in run.recording.cells if c.number >= cell.number)
            or any(isinstance(event, WeightsMoved) and event.action == "loaded" for _, event in below)
        ):
            continue
        own = [(c, event) for c, event in below if event.model == training.model]
        again = next((n for n, (_, event) in enumerate(own) if isinstance(event, Trained)), len(own))
        tested = next((
            c for c, event in own[:again]
            if isinstance(event, Measured) and event.by != "forward" and is_only(event.inputs, "test")
        ), None)  # fmt: skip
        saved = [
            event
            for c, event in run.events[:place]
            if c is cell and isinstance(event, WeightsMoved) and event.model == training.model
            and event.by == "callback" and event.action == "saved"
        ]  # fmt: skip
        if tested is None or not saved:
            continue
        saw = (
            f"ModelCheckpoint saved the best weights of {run.called(training.model)}, cell {tested.number} measured it "
            "with the test images, and no cell loaded weights."
        )
        means, settles = "The score is that of the last epoch.", "loading the saved weights before the evaluation"
        evidence = f"saved: {saved[-1].path}\nfit in cell {cell.number}, test in cell {tested.number}"
        yield Seen(checkpoint_never_loaded.KIND, Severity.WARNING, cell, training.line, saw, means, evidence, settles)


def _continued(run: Run) -> Iterator[Seen]:
    """A network that is trained again with other settings: compiled anew, or with another optimizer of PyTorch. A lower
    learning rate may be a schedule, other images a transfer, and where the text speaks of continuing, or the code of
    new weights, it may be meant."""
    if continued.ON_PURPOSE.search(run.source) or GIVES_NEW_WEIGHTS.search(run.source):
        return
    for place, cell, training in run.trainings():
        own = [e for _, e in run.events[:place] if e.model == training.model]
        last = max((n for n, event in enumerate(own) if isinstance(event, Trained)), default=None)
        if last is None or not training.steps_before or training.initial_epoch:
            continue
        before, between = own[last], own[last + 1 :]
        moved = any(isinstance(event, WeightsMoved) and event.action == "loaded" for event in between)
        if not isinstance(before, Trained) or moved or not _is_other_experiment(before, training):
            continue
        if training.by == "fit":
            how = "was compiled with other settings" * any(isinstance(event, Compiled) for event in between)
        else:
            how = "was trained by another optimizer" * _is_after(before, training)
        if not how:
            continue
        saw = (
            f"{run.called(training.model)} had been trained for {training.steps_before:,} steps when this training "
            f"began, {how}, and was given no new weights."
        )
        means, settles = "The two do not show what the settings do.", "building the network anew before each training"
        evidence = f"before: {_setup(before)}\nnow: {_setup(training)}"
        yield Seen(continued.KIND, Severity.WARNING, cell, training.line, saw, means, evidence, settles)


def _is_after(before: Trained, now: Trained) -> bool:
    """Whether one loop of PyTorch began when the other had ended: two optimizers may take turns in one."""
    return before.by == now.by == "loop" and now.steps_before == before.steps_before + before.steps_run


def _is_other_experiment(before: Trained, now: Trained) -> bool:
    if _images(before) != _images(now):
        return False
    # what a loop's loss is called depends on whether it is a function or a module
    is_other_loss = now.by == "fit" and before.loss != now.loss
    if before.optimizer.kind != now.optimizer.kind or is_other_loss:
        return True
    return 0.0 < _rate(before) < _rate(now)


def _images(training: Trained) -> set[str]:
    return set() if training.inputs is None else set(training.inputs.origins) - {"rows", "unknown"}


def _rate(training: Trained) -> float:
    try:
        return float(training.optimizer.settings["learning_rate"])
    except (KeyError, ValueError):
        return 0.0


def _setup(training: Trained) -> str:
    kind, steps = training.optimizer.kind, training.steps_before
    return f"{kind}, learning rate {_rate(training):g}, loss {training.loss}, {steps:,} steps before"


# --- where it stopped -------------------------------------------------------------------------------------------------


def _name_missing(run: Run) -> Iterator[Seen]:
    """A cell that stopped at a name that no cell above it binds: no budget can have kept it from being bound."""
    if _HIDES_NAMES.search(run.source):
        return
    cells = run.recording.cells
    # of a cell that cannot be read, and of long lists, not all names are told
    if len(cells) >= MAX_CELLS or any(c.status == "unreadable" or len(c.defines) >= MAX_NAMES for c in cells):
        return
    # a function may bind a global name unseen
    excused = _NOT_PYTHONS.union(*(re.findall(r"\w+", match[1]) for match in _GLOBAL.finditer(run.source)))
    for cell in cells:
        failure = cell.failure
        if cell.status != "failed" or cell.cause != "code" or failure is None or failure.kind != "NameError":
            continue
        name = failure.name
        if cell.is_given or name in excused or name.startswith("_") or name not in cell.uses:
            continue
        if any(name in other.defines for other in cells if other.number <= cell.number):
            continue
        # %%capture and %time bind names
        if re.search(rf"{_MAGIC}[^\n\\]{{0,300}}?\b{re.escape(name)}\b", run.source):
            continue
        mentioned = [other for other in cells if name in other.defines]
        # what a cell changes without having made it, it uses
        below = [other for other in mentioned if name not in other.uses]
        if mentioned and not below:
            continue
        kind = names.DEFINED_LATER if below else names.DEFINED_NOWHERE
        where = f"cell {below[0].number} below defines it" if below else "no cell defines it"
        quoted = f"'{safe(name, limit=80)}'"
        saw = f"run from top to bottom, the notebook stops here for want of {quoted}; {where}."
        evidence = f"cell {cell.number}: {failure.quote}\n{failure.kind}: {failure.message}"
        settles = "restarting the kernel and running all cells"
        yield Seen(kind, Severity.WARNING, cell, failure.line, saw, "", evidence, settles, quoted)


KINDS: tuple[Callable[[Run], Iterator[Seen]], ...] = (
    _validated_with_test_set, _overlapping, _unscaled, _best_never_loaded, _continued, _name_missing,
)  # fmt: skip
