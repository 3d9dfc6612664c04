"""What one of the things that ``mode`` looks at came to."""

import msgspec

from grader.checks.mode_subject import Evaluation
from grader.checks.words import sentence
from grader.results import Evidence, Measurement


class Outcome(msgspec.Struct, frozen=True):
    """``is_right`` is ``None`` where a person has to decide. ``expected`` may hold the reference's numbers."""

    is_right: bool | None
    summary: str
    facts: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    evidence: Evidence = Evidence.VERIFIED


def cannot_tell(what: str, evaluation: Evaluation, *, computes_otherwise: bool = False) -> Outcome:
    """Return the outcome for a network whose modes cannot be compared with the reference's.

    A network that can be described, and is another one than the handout's, is wrong here too: weights that show a mode
    are made for the handout's. One that cannot be described is looked at by a person.
    """
    if computes_otherwise:
        summary = f"{what} could not be tried: even in evaluation mode the network computes something else."
    else:
        summary = f"{what} could not be tried: weights chosen for the handout's network do not go into this one."
    facts = tuple(sentence(text) for text in (f"tried on {evaluation.place}", evaluation.why_not) if text)
    return Outcome(False if evaluation.is_described else None, summary, facts)
