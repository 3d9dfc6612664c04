"""Criteria that ask several things, each worth the same share of the points: answers, and what follows from them."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from grader.results import Evidence, Exhibit, Feedback, Judgement, Measurement, Table, Verdict


class State(StrEnum):
    """What came of a question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    """Only a person can tell."""
    MISSING = "missing"
    """There is nothing to ask about."""


class Answer(msgspec.Struct, frozen=True):
    """``said`` is a sentence for the student, ``facts`` are more of them."""

    state: State
    said: str
    facts: tuple[str, ...] = ()
    evidence: Evidence | None = None
    """What this answer rests on, where that is not the same for all."""


def yes(said: str) -> Answer:
    """Return the answer that it is as asked."""
    return Answer(State.YES, said)


def no(said: str, *facts: str) -> Answer:
    """Return the answer that it is not."""
    return Answer(State.NO, said, facts)


def unclear(said: str, *facts: str) -> Answer:
    """Return the answer that only a person can tell."""
    return Answer(State.UNCLEAR, said, facts)


def missing(said: str, *facts: str) -> Answer:
    """Return the answer that there is nothing to ask about."""
    return Answer(State.MISSING, said, facts)


def worst(answers: Iterable[Answer]) -> Answer:
    """Return the least favourable of several answers to one question, the first of equals."""
    order = (State.MISSING, State.NO, State.UNCLEAR, State.YES)
    return min(answers, key=lambda answer: order.index(answer.state))


def judge_answers(
    answers: Mapping[str, Answer],
    *,
    praise: str,
    evidence: Evidence,
    source: str = "",
    seen_on: str = "",
    measurements: tuple[Measurement, ...] = (),
    exhibits: tuple[Exhibit, ...] = (),
) -> Judgement:
    """Turn the answers to what was asked, by its name in a table, into a judgement.

    Args:
        answers: at least one.
        praise: the summary where all is as asked.
        evidence: what answers rest on that say nothing else.
        source: a sentence about where it was looked.
        seen_on, measurements, exhibits: as in a judgement.
    """
    states = [answer.state for answer in answers.values()]
    wrong = [answer for answer in answers.values() if answer.state is not State.YES]
    fraction = states.count(State.YES) / len(states)
    order = tuple(Evidence)
    weakest = max((answer.evidence or evidence for answer in answers.values()), key=order.index)
    if not wrong:
        feedback = Feedback(praise, facts=tuple(fact for answer in answers.values() for fact in answer.facts))
        return Judgement(Verdict.PASS, 1.0, weakest, feedback, measurements, exhibits=exhibits)
    if State.UNCLEAR in states:
        verdict = Verdict.NEEDS_REVIEW
    elif fraction > 0:
        verdict = Verdict.PARTIAL
    else:
        verdict = Verdict.MISSING if set(states) == {State.MISSING} else Verdict.FAIL
    first, *others = wrong
    summary = first.said
    if len(answers) > 1:
        verb = "is" if len(wrong) == 1 else "are"
        summary = f"Of {len(answers)} things asked for, {len(wrong)} {verb} not there or not right. {first.said}"
    facts = [*first.facts]
    for answer in others:
        facts += [answer.said, *answer.facts]
    table = Table(("asked for", "seen"), tuple((name, answer.said) for name, answer in answers.items()))
    feedback = Feedback(
        summary,
        facts=tuple(filter(None, (*facts, source))),
        table=table if len(answers) > 1 else None,
        seen_on=seen_on,
    )
    return Judgement(verdict, fraction, weakest, feedback, measurements, exhibits=exhibits)
