"""``check: imports`` — does the student's code use only the libraries that the part allows?

Read from the source before any of it runs. Only what the part's functions need counts, directly or through helpers:
a notebook that imports a plotting library for another part loses nothing.
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from grader.checks.base import CheckContext
from grader.course.model import Criterion, Part
from grader.numerics.diagnosis_text import listed
from grader.results import Evidence, Feedback, Finding, Judgement, Location, Severity, Verdict
from grader.sandbox import wire


class ImportsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No options: the part's ``imports:`` says what is allowed."""

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        if part.imports is None:
            yield "check", f"part '{part.id}' has no `imports:`, so there is nothing to check"


class ImportsSeen(msgspec.Struct, frozen=True):
    """What the sources say. ``needed`` and ``hidden`` concern the part's functions, ``elsewhere`` does not."""

    allowed: tuple[str, ...]
    functions: tuple[str, ...]
    needed: tuple[tuple[str, wire.Import], ...]
    hidden: tuple[tuple[str, wire.Evasion], ...]
    elsewhere: tuple[tuple[str, wire.Import], ...]


class Imports:
    """Judges the imports of the files that the part's functions come from."""

    Options: ClassVar[type] = ImportsOptions

    def observe(self, context: CheckContext) -> ImportsSeen:
        """Collect the imports of the part's functions from what the reader told."""
        student = context.student
        bound = [student.bound(function) for function in context.part.functions]
        names = {place.name for place in bound}
        allowed = context.part.imports or ()
        foreign = [
            (found.path or source.path, found)
            for source in student.sources
            if source.path in {place.path for place in bound}
            for found in source.imports
            if not found.standard and not found.own and found.module not in allowed
        ]
        hidden = [
            (found.path or source.path, found)
            for source in student.sources
            if source.path in {place.path for place in bound}
            for found in source.evasions
            if names & set(found.needed_by)
        ]
        return ImportsSeen(
            allowed,
            tuple(place.name for place in bound),
            tuple(pair for pair in foreign if names & set(pair[1].needed_by)),
            tuple(hidden),
            tuple(pair for pair in foreign if not names & set(pair[1].needed_by)),
        )

    def judge(self, seen: ImportsSeen, criterion: Criterion) -> Judgement:
        """Fail on a needed import, ask a person about code that can hide one."""
        allowed = listed(seen.allowed) if seen.allowed else "nothing but the standard library"
        notes = tuple(_note(path, found) for path, found in seen.elsewhere)
        if seen.needed:
            modules = listed(sorted({found.module for _, found in seen.needed}))
            facts = tuple(f"{_place(path, found)}:  {found.quote}" for path, found in seen.needed)
            feedback = Feedback(f"This part allows {allowed}; your functions also need {modules}.", facts=facts)
            return Judgement(Verdict.FAIL, 0.0, Evidence.CLAIMED, feedback, findings=notes)
        if seen.hidden:
            facts = tuple(f"{_place(path, found)}:  {found.quote}" for path, found in seen.hidden)
            what = listed(sorted({found.what for _, found in seen.hidden}))
            feedback = Feedback(
                f"Your functions use {what}, which can hide an import, so a person will look at it.", facts=facts
            )
            return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.CLAIMED, feedback, findings=notes)
        verb = "needs" if len(seen.functions) == 1 else "need"
        feedback = Feedback(f"{listed(list(seen.functions))} {verb} only {allowed}.")
        return Judgement(Verdict.PASS, 1.0, Evidence.CLAIMED, feedback, findings=notes)


def _place(path: str, found: wire.Import | wire.Evasion) -> str:
    return str(Location(path, found.line, found.cell))


def _note(path: str, found: wire.Import) -> Finding:
    return Finding(
        "import-elsewhere",
        Severity.NOTE,
        f"{found.module} is imported, but not needed by the functions of this part. It costs nothing.",
        where=Location(path, found.line, found.cell),
        quote=found.quote,
    )
