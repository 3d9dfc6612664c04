"""Criteria about several models of a part: each is looked at by itself, and the points are shared among them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import msgspec

from grader.checks.base import CheckContext
from grader.checks.student import StudentError
from grader.checks.student_models import StudentModels
from grader.checks.words import count_of
from grader.course.model import ModelSpec, Part
from grader.results import Evidence, Feedback, Judgement, Table, Verdict

Each: TypeAlias = "tuple[tuple[str, Any], ...]"
"""What was seen of each model, by its name; a :class:`StudentError` where nothing could be."""

_PENDING = (Verdict.GRADER_FAULT, Verdict.NEEDS_REVIEW)


def problems_of_models(models: tuple[str, ...], part: Part) -> Iterator[tuple[str, str]]:
    """Yield ``(field, message)`` for an option ``model`` that names what the part does not have."""
    known = [model.name for model in part.models]
    if not known:
        yield "check", f"part '{part.id}' has no `models:`, so there is nothing to check"
    for name in models:
        if name not in known:
            yield "model", f"part '{part.id}' has no model '{name}'; it has {', '.join(known) or 'none'}"


def as_models(model: "str | tuple[str, ...]") -> tuple[str, ...]:
    """``model:`` may be one name, a list of names, or left out for all models of the part."""
    return (model,) if isinstance(model, str) else model


def chosen(part: Part, model: "str | tuple[str, ...]") -> tuple[ModelSpec, ...]:
    """Return the models that a criterion is about."""
    names = as_models(model)
    return tuple(spec for spec in part.models if not names or spec.name in names)


def see_each(
    context: CheckContext,
    model: "str | tuple[str, ...]",
    see: Callable[[StudentModels, ModelSpec], Any],
) -> Each:
    """Look at each model with ``see``; what is wrong with one does not keep the others from being looked at.

    Raises:
        OracleError: the course's own code failed.
    """
    models = StudentModels(context.student)
    found: list[tuple[str, Any]] = []
    for spec in chosen(context.part, model):
        try:
            found.append((spec.name, see(models, spec)))
        except StudentError as error:
            found.append((spec.name, error))
    return tuple(found)


def judge_each(seen: Each, judge: Callable[[Any], Judgement]) -> Judgement:
    """Judge each model with ``judge`` and share the points equally among them.

    The feedback is that of the first model that is not right, with a table of all. One model that a person has to look
    at makes the whole criterion pending: its points cannot be split.
    """
    judged = [(name, _failed(one) if isinstance(one, StudentError) else judge(one)) for name, one in seen]
    if len(judged) == 1:
        return judged[0][1]
    wrong = [(name, judgement) for name, judgement in judged if judgement.verdict is not Verdict.PASS]
    fraction = sum(judgement.fraction for _, judgement in judged) / len(judged)
    findings = tuple(finding for _, judgement in judged for finding in judgement.findings)
    measurements = tuple(
        msgspec.structs.replace(measurement, name=f"{name}: {measurement.name}")
        for name, judgement in judged
        for measurement in judgement.measurements
    )
    exhibits = tuple(exhibit for _, judgement in judged for exhibit in judgement.exhibits)
    if not wrong:
        summary = f"All of {count_of(len(judged), 'network')}: {judged[0][1].feedback.summary}"
        evidence = _weakest(judgement.evidence for _, judgement in judged)
        return Judgement(Verdict.PASS, 1.0, evidence, Feedback(summary), measurements, findings, exhibits)
    name, first = wrong[0]
    verdicts = {judgement.verdict for _, judgement in judged}
    verdict = next((pending for pending in _PENDING if pending in verdicts), None)
    if verdict is None:
        verdict = first.verdict if len(verdicts) == 1 else Verdict.PARTIAL if fraction > 0 else Verdict.FAIL
    own = first.feedback
    facts = own.facts
    if own.table is not None:
        facts += tuple("  ".join(row) for row in own.table.rows)
    facts += tuple(f"{other}: {judgement.feedback.summary}" for other, judgement in wrong[1:])
    feedback = msgspec.structs.replace(
        own,
        summary=f"{len(wrong)} of {len(judged)} networks are not right. {name}: {own.summary}",
        facts=facts,
        table=Table(("network", "result"), tuple((each, judgement.verdict.value) for each, judgement in judged)),
    )
    evidence = _weakest(judgement.evidence for _, judgement in judged)
    return Judgement(verdict, fraction, evidence, feedback, measurements, findings, exhibits)


def _failed(error: StudentError) -> Judgement:
    return Judgement(error.verdict, 0.0, error.evidence, error.feedback)


def _weakest(evidences: Iterable[Evidence]) -> Evidence:
    order = tuple(Evidence)
    return max(evidences, key=order.index)
