"""What can be asked of a recording about one model of the rubric. Each answer is yes, no, or not known, with the cells
that it rests on. Pure.

*No* needs something that was seen. That a thing did not happen is known only where every cell ran whose own failure, or
whose place in the budget, could have kept it from happening.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from itertools import pairwise, takewhile
from math import isclose
from typing import NamedTuple, TypeVar

from grader.recording.events import (
    ArrayFacts,
    CellRecord,
    Event,
    Measured,
    ModelSeen,
    Note,
    OptimizerFacts,
    Recording,
    Trained,
    WeightsMoved,
)
from grader.recording.names import OPTIMIZERS, is_same_loss, loss_family, plain_name
from grader.recording.structure import Link, chain

ALMOST_ALL = 0.9
"""Share of the sampled rows from which on data count as that set."""
HARDLY_ANY = 0.1
WHOLE_TEST_SET = 10_000
"""Images of the test set of MNIST and Fashion-MNIST."""


class Known(Enum):
    """Whether something is so."""

    YES = "yes"
    NO = "no"
    OPEN = "not known"


class Answer(NamedTuple):
    """``text`` is a sentence with what was seen, ``question`` a clause."""

    question: str
    known: Known
    text: str
    cell: int | None = None


class Placed(NamedTuple):
    """An event and the cell that it happened in."""

    cell: CellRecord
    event: Event


E = TypeVar("E", bound=Event)


class Subject:
    """One model of the rubric in a recording: everything that happened to the models that stand for it, in order."""

    def __init__(self, recording: Recording, part_id: str, model: str) -> None:
        self.recording = recording
        self.name = model
        self.numbers: frozenset[int] = frozenset(
            number
            for binding in recording.bindings
            if (binding.part_id, binding.model) == (part_id, model)
            for number in binding.numbers
        )
        self.history = tuple(
            Placed(cell, event)
            for cell in recording.cells
            for event in cell.events
            if getattr(event, "model", 0) in self.numbers
        )

    @property
    def has_repeated_data(self) -> bool:
        """Whether the grader had a part of a data set only, and repeated its rows."""
        return any(
            isinstance(event, Note) and event.kind == "repeated-data"
            for cell in self.recording.cells
            for event in cell.events
        )

    @property
    def is_complete(self) -> bool:
        """Whether what is not recorded did not happen: all cells ran, and everything they did is told."""
        return not self.recording.problem and all(
            cell.status == "ran" and not cell.left_out for cell in self.recording.cells
        )

    def of(self, kind: type[E]) -> list[tuple[CellRecord, E]]:
        """Return the events of one kind, each with its cell, those of given cells included."""
        return [(cell, event) for cell, event in self.history if isinstance(event, kind)]

    def main_training(self) -> tuple[CellRecord, Trained] | None:
        """Return the training that asked for the most epochs, of several the last: others try something out."""
        trainings = self.of(Trained)
        most = max((training.epochs_asked or 0 for _, training in trainings), default=0)
        return next((one for one in reversed(trainings) if (one[1].epochs_asked or 0) == most), None)

    def after_main_training(self) -> list[Placed]:
        """Return what happened between the main training and the next one."""
        main = self.main_training()
        if main is None:
            return []
        after = self.history[next(n for n, one in enumerate(self.history) if one.event is main[1]) + 1 :]
        return list(takewhile(lambda one: not isinstance(one.event, Trained), after))


def _not_seen(subject: Subject, question: str, what: str) -> Answer:
    if not subject.numbers:
        return Answer(question, Known.OPEN, f"No model in the recording could be told to be '{subject.name}'.")
    known = Known.NO if subject.is_complete else Known.OPEN
    return Answer(question, known, f"{what} of '{subject.name}' is in the recording.")


# --- how it was trained -----------------------------------------------------------------------------------------------


def batch_size(subject: Subject, wanted: int) -> Answer:
    """Was the main training made with batches of ``wanted`` examples?"""
    question = f"trained with batches of {wanted}"
    return _about_training(
        subject, question, lambda t: t.batch_size, lambda found: found == wanted, "with batches of {found}"
    )


def optimizer(subject: Subject, wanted: str) -> Answer:
    """Was the main training made with this optimizer, by its class in any framework?"""

    def known_kind(training: Trained) -> str | None:
        kind = training.optimizer.kind
        return kind if plain_name(kind) in {*OPTIMIZERS, plain_name(wanted)} else None

    question = f"trained with {wanted}"
    return _about_training(
        subject, question, known_kind, lambda found: plain_name(str(found)) == plain_name(wanted), "with {found}"
    )


def learning_rate(subject: Subject, wanted: float) -> Answer:
    """Was the main training begun with this learning rate? One that changed on the way is not known."""

    def rate(training: Trained) -> float | None:
        kinds = {plain_name(callback.kind) for callback in training.callbacks}
        if kinds & {"learningratescheduler", "reducelronplateau"}:
            return None
        return _setting(training.optimizer, "learning_rate")

    question = f"trained with a learning rate of {wanted:g}"
    return _about_training(
        subject,
        question,
        rate,
        lambda found: isclose(float(found), wanted, rel_tol=1e-3),
        "with a learning rate of {found}",
    )


def epochs(subject: Subject, wanted: int) -> Answer:
    """Did the main training ask for this many epochs? How many of them the replay ran plays no part."""

    def asked(training: Trained) -> int | None:
        # a loop around calls of fit asks for an epoch at a time
        is_in_loop = training.epochs_asked == 1 and training.steps_before > 0
        return None if is_in_loop else training.epochs_asked

    question = f"{wanted} epochs asked for"
    return _about_training(subject, question, asked, lambda found: found == wanted, "for {found} epochs")


def loss(subject: Subject, wanted: str) -> Answer:
    """Was the main training made with this loss, by the name of either framework?"""
    question = f"trained with {wanted}"
    return _about_training(
        subject,
        question,
        lambda training: training.loss if loss_family(training.loss) else None,
        lambda found: is_same_loss(str(found), wanted),
        "with {found}",
    )


def _about_training(
    subject: Subject,
    question: str,
    read: Callable[[Trained], str | float | None],
    fits: Callable[[str | float], bool],
    words: str,
) -> Answer:
    main = subject.main_training()
    if main is None:
        return _not_seen(subject, question, "No training")
    cell, training = main
    found = read(training)
    where = f"'{subject.name}' was trained in cell {cell.number}, line {training.line}"
    if found is None:
        return Answer(question, Known.OPEN, f"{where}; the recording does not say how in this respect.", cell.number)
    known = Known.YES if fits(found) else Known.NO
    return Answer(question, known, f"{where} {words.format(found=found)}.", cell.number)


def _setting(facts: OptimizerFacts, name: str) -> float | None:
    try:
        return float(facts.settings[name])
    except (KeyError, ValueError):
        return None


# --- what it is -------------------------------------------------------------------------------------------------------


def dropout_after_hidden(subject: Subject, rate: float) -> Answer:
    """Does a dropout of this rate follow each fully connected layer but the last?"""
    question = f"dropout of {rate:g} after each hidden layer"
    models = subject.of(ModelSeen)
    if not models:
        return _not_seen(subject, question, "No model")
    cell, model = models[-1]
    found = _dropouts(chain(model))
    where = f"In '{subject.name}' (cell {cell.number})"
    if found is None:
        return Answer(question, Known.OPEN, f"{where} the order of the layers cannot be read.", cell.number)
    wrong = [(place, own) for place, own in enumerate(found, 1) if own is None or not isclose(own, rate, abs_tol=1e-6)]
    if not wrong:
        return Answer(question, Known.YES, f"{where} dropout of {rate:g} follows each hidden layer.", cell.number)
    place, own = wrong[0]
    what = "no dropout" if own is None else f"a dropout of {own:g}"
    return Answer(question, Known.NO, f"{where} {what} follows hidden layer {place} of {len(found)}.", cell.number)


def _dropouts(links: Sequence[Link]) -> list[float | None] | None:
    """Return the rate of the dropout after each fully connected layer but the last, ``None`` for none; ``None`` for all
    if there is no hidden layer, or the order is not known."""
    dense = [place for place, link in enumerate(links) if link.kind == "dense"]
    if len(dense) < 2:
        return None
    found: list[float | None] = []
    for place, following in pairwise(dense):
        rates = [link.rate for link in links[place:following] if link.kind.endswith("dropout")]
        found.append(rates[0] if rates else None)
    return found


# --- what it saw ------------------------------------------------------------------------------------------------------


def test_set_kept_apart(subject: Subject) -> Answer:
    """Did no training, and no validation during one, see the test images?"""
    question = "the test set is neither trained on nor used for validation"
    trainings = subject.of(Trained)
    if not trainings:
        return _not_seen(subject, question, "No training")
    is_open = False
    for cell, training in trainings:
        validation = training.validation
        seen = [(training.inputs, "trained on")]
        if validation.source in ("data", "loop"):
            seen.append((validation.inputs, "validated with"))
        for facts, doing in seen:
            share = None if facts is None else facts.share_from("test")
            if facts is None or share is None or not _is_recognized(facts):
                is_open = True
            elif share >= ALMOST_ALL and (facts is training.inputs or _is_what_was_tested(subject, facts)):
                where = f"cell {cell.number}, line {training.line}"
                text = f"'{subject.name}' was {doing} images of the test set in {where}."
                return Answer(question, Known.NO, text, cell.number)
            else:
                is_open = is_open or share > HARDLY_ANY
    cell = trainings[-1][0]
    if is_open:
        text = f"Of what '{subject.name}' was trained or validated with, not all could be told to be no test images."
        return Answer(question, Known.OPEN, text, cell.number)
    return Answer(question, Known.YES, f"No training of '{subject.name}' saw images of the test set.", cell.number)


def _is_what_was_tested(subject: Subject, facts: ArrayFacts) -> bool:
    """Whether these images are the whole test set, or the very ones that were measured: some split it in two.

    Where rows of a data set were repeated, two parts of it may look the same without being so.
    """
    if facts.shape[:1] >= (WHOLE_TEST_SET,):
        return True
    if subject.has_repeated_data:
        return False
    tested = {event.inputs.fingerprint for _, event in subject.of(Measured) if event.inputs is not None}
    return facts.fingerprint in tested


def _is_recognized(facts: ArrayFacts) -> bool:
    return facts.origins.get("unknown", 0) <= HARDLY_ANY * facts.origins.get("rows", 0)


def best_reloaded(subject: Subject) -> Answer:
    """Were the weights of the best epoch put back before the test images were measured?"""
    question = "the best weights were reloaded before the test"
    main = subject.main_training()
    if main is None:
        return _not_seen(subject, question, "No training")
    trained_in, training = main
    is_reloaded = _restores_best(training)
    tested: list[tuple[CellRecord, bool]] = []
    for cell, event in subject.after_main_training():
        if isinstance(event, WeightsMoved) and event.action == "loaded" and event.by == "call":
            is_reloaded = True
        if isinstance(event, Measured) and _is_test(event):
            tested.append((cell, is_reloaded))
    if tested:
        # whoever measured before and after wanted to compare
        cell, is_reloaded = tested[-1]
        where = f"trained in cell {trained_in.number} and measured with the test images in cell {cell.number}"
        known = Known.YES if is_reloaded else Known.NO
        how = "weights put back before" if is_reloaded else "the weights of the last epoch"
        return Answer(question, known, f"'{subject.name}' was {where}, with {how}.", cell.number)
    text = f"After its training in cell {trained_in.number}, '{subject.name}' was not measured with the test images."
    return Answer(question, Known.OPEN, text, trained_in.number)


def _is_test(event: Measured) -> bool:
    share = None if event.inputs is None else event.inputs.share_from("test")
    return share is not None and share >= ALMOST_ALL


def _restores_best(training: Trained) -> bool:
    return any(
        plain_name(callback.kind) == "earlystopping" and callback.settings.get("restore_best_weights") == "True"
        for callback in training.callbacks
    )
