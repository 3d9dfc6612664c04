"""Each criterion of a rubric as one pytest item: ``reference/<assignment>/rubric.yaml::<part>::<criterion>``."""

from collections.abc import Iterable
from typing import Any

import pytest

from grader.course.model import Criterion, Part
from grader.plugin import GRADING
from grader.results import CriterionResult, Verdict
from grader.text import safe

RESULT = pytest.StashKey[CriterionResult]()


class CriterionNotMet(Exception):
    """A criterion did not get full marks. Carries the result; shown without a traceback."""

    def __init__(self, result: CriterionResult) -> None:
        super().__init__(result.feedback.summary)
        self.result = result


class RubricFile(pytest.File):
    """The rubric of one assignment."""

    def collect(self) -> Iterable["PartNode"]:
        """Yield the assignment's parts."""
        grading = self.config.stash[GRADING]
        for part in grading.assignment.parts:
            yield PartNode.from_parent(self, name=part.id, part=part)


class PartNode(pytest.Collector):
    """A part of the assignment."""

    def __init__(self, *, part: Part, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.part = part

    def collect(self) -> Iterable["CriterionItem"]:
        """Yield the part's criteria."""
        for criterion in self.part.criteria:
            yield CriterionItem.from_parent(self, name=criterion.id.split(".")[1], criterion=criterion)


class CriterionItem(pytest.Item):
    """One criterion. Passes with full marks, is skipped when it is blocked or waits for a person, else fails."""

    def __init__(self, *, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.criterion = criterion

    def runtest(self) -> None:
        """Grade the criterion."""
        result = self.config.stash[GRADING].result_of(self.criterion)
        self.stash[RESULT] = result
        # on pytest's own reports, where --junitxml and other plugins find them
        self.user_properties += [
            ("verdict", str(result.verdict)),
            ("points", f"{result.awarded:g}/{result.possible:g}"),
            ("evidence", str(result.evidence)),
        ]
        if result.verdict in (Verdict.BLOCKED, Verdict.NEEDS_REVIEW):
            pytest.skip(f"{result.verdict}: {result.feedback.summary}")
        if result.verdict is not Verdict.PASS:
            raise CriterionNotMet(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the feedback instead of a traceback."""
        if isinstance(excinfo.value, CriterionNotMet):
            return failure_text(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Point an IDE at the criterion's line in the rubric."""
        return self.path, self.criterion.source.line - 1, f"{self.criterion.title} ({self.criterion.id})"


def failure_text(result: CriterionResult) -> str:
    """The feedback of one criterion as plain lines, for pytest's own output."""
    feedback = result.feedback
    lines = [f"{result.verdict}  {result.awarded:g} of {result.possible:g}  {safe(feedback.summary)}"]
    lines += [f"  {safe(fact)}" for fact in feedback.facts]
    if result.verdict is Verdict.GRADER_FAULT:
        lines.append(f"  {safe(result.private)}")
    if feedback.table is not None:
        lines += ["  " + "  ".join(safe(cell) for cell in row) for row in feedback.table.rows]
    lines += [f"  [{diagnosis.id}] {safe(diagnosis.text)}" for diagnosis in feedback.diagnoses]
    if feedback.seen_on:
        lines.append(f"  Seen on: {safe(feedback.seen_on)}, seed {result.seed}")
    if feedback.again:
        lines.append(f"  Again:   {safe(feedback.again)}")
    return "\n".join(lines)
