"""``check: recorded`` — what did the notebook do while it was replayed?

A recording is told by a process that student code shares, so its answers are OBSERVED, never VERIFIED. What the
recording does not tell is for a person and costs nothing; so is whatever the budget of the replay left out.
"""

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from grader.checks.base import CheckContext
from grader.checks.each_model import Each, as_models, chosen, judge_each, problems_of_models
from grader.checks.words import count_of
from grader.course.model import Criterion, Part
from grader.recording import questions
from grader.recording.events import Recording
from grader.recording.questions import Answer, Known, Subject
from grader.results import Evidence, Feedback, Judgement, Table, Verdict


class Ask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The questions of one criterion; those that are left out are not asked. See ``docs/instructor/rubric.md``."""

    batch_size: Annotated[int, msgspec.Meta(ge=1)] | None = None
    optimizer: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] | None = None
    epochs: Annotated[int, msgspec.Meta(ge=1)] | None = None
    loss: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    dropout_after_hidden: Annotated[float, msgspec.Meta(ge=0, lt=1)] | None = None
    test_set_kept_apart: Literal[True] | None = None
    best_reloaded: Literal[True] | None = None


_NOTHING_REPLAYED = (
    "No notebook was replayed: there is none, or neither `replay:` of the assignment nor `--replay` asks for it."
)

_QUESTIONS: dict[str, Callable[..., Answer]] = {
    "batch_size": questions.batch_size,
    "optimizer": questions.optimizer,
    "learning_rate": questions.learning_rate,
    "epochs": questions.epochs,
    "loss": questions.loss,
    "dropout_after_hidden": questions.dropout_after_hidden,
    "test_set_kept_apart": lambda subject, _wanted: questions.test_set_kept_apart(subject),
    "best_reloaded": lambda subject, _wanted: questions.best_reloaded(subject),
}


class RecordedOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``ask`` are the questions; ``model`` names models of the part, none for all of them."""

    ask: Ask
    model: str | tuple[str, ...] = ()

    def problems(self, *, points: float, part: Part) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with these options for ``part``."""
        yield from problems_of_models(as_models(self.model), part)
        if not asked(self.ask):
            yield "ask", f"there is nothing to ask; there are: {', '.join(_QUESTIONS)}"


class RecordedSeen(msgspec.Struct, frozen=True):
    """The answers about one model. ``how`` says how the recording's model was told to be the rubric's."""

    model: str
    path: str
    how: tuple[str, ...]
    answers: tuple[Answer, ...]


class Recorded:
    """Asks the recording of a submission's notebooks."""

    Options: ClassVar[type] = RecordedOptions

    def observe(self, context: CheckContext) -> Each:
        """Replay the notebooks, unless that has been done, and answer each question about each model."""
        options: RecordedOptions = context.criterion.options
        recordings = context.recordings()
        part = context.part
        return tuple(
            (spec.name, answered(recordings, part.id, spec.name, options.ask)) for spec in chosen(part, options.model)
        )

    def judge(self, seen: Each, criterion: Criterion) -> Judgement:
        """Share the points among the questions; what is not known makes all of them pending."""
        return judge_each(seen, judge_one)


def asked(ask: Ask) -> dict[str, Any]:
    """Return the questions with what they are about, in the order of :class:`Ask`."""
    found = {name: getattr(ask, name) for name in _QUESTIONS}
    return {name: wanted for name, wanted in found.items() if wanted is not None}


def answered(recordings: tuple[Recording, ...], part_id: str, model: str, ask: Ask) -> RecordedSeen:
    """Answer the questions about one model, from the recording that it is in."""
    subjects = [Subject(recording, part_id, model) for recording in recordings if recording.cells]
    subject = next((one for one in subjects if one.numbers), subjects[0] if subjects else None)
    if subject is None:
        text = next((recording.problem for recording in recordings if recording.problem), _NOTHING_REPLAYED)
        return RecordedSeen(model, "", (), tuple(Answer(name, Known.OPEN, text) for name in asked(ask)))
    given = {cell.number for cell in subject.recording.cells if cell.is_given}
    answers = tuple(_excused(_QUESTIONS[name](subject, wanted), given) for name, wanted in asked(ask).items())
    bindings = subject.recording.bindings
    how = next((each.how for each in bindings if (each.part_id, each.model) == (part_id, model)), ())
    return RecordedSeen(model, subject.recording.path, how, answers)


def _excused(answer: Answer, given: set[int]) -> Answer:
    """What a given cell does is not the student's doing."""
    if answer.known is Known.NO and answer.cell in given:
        return answer._replace(known=Known.OPEN, text=f"{answer.text} That cell was given.")
    return answer


def judge_one(seen: RecordedSeen) -> Judgement:
    """Judge the answers about one model."""
    answers = seen.answers
    table = Table(("asked", "answer"), tuple((answer.question, answer.known.value) for answer in answers))
    right = sum(answer.known is Known.YES for answer in answers)
    facts = tuple(dict.fromkeys(answer.text for answer in answers if answer.known is not Known.YES))
    if seen.how:
        facts += (f"Which model this is was told by its {' and its '.join(seen.how)}, in {seen.path}.",)
    if any(answer.known is Known.OPEN for answer in answers):
        summary = f"The recording does not answer all that is asked about '{seen.model}'; a person has to look."
        return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.OBSERVED, Feedback(summary, facts, table))
    if right == len(answers):
        summary = " ".join(answer.text for answer in answers)
        return Judgement(Verdict.PASS, 1.0, Evidence.OBSERVED, Feedback(summary, facts))
    wrong = next(answer for answer in answers if answer.known is Known.NO)
    more = f" {count_of(right, 'answer')} of {len(answers)} are as asked." if right else ""
    verdict = Verdict.PARTIAL if right else Verdict.FAIL
    return Judgement(verdict, right / len(answers), Evidence.OBSERVED, Feedback(wrong.text + more, facts, table))
