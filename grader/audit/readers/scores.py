"""Scores in stored outputs, with the model that they were printed for."""

import re
from collections.abc import Sequence

import msgspec

from grader.audit.facts import Cell
from grader.audit.readers.calls import Evaluation
from grader.audit.readers.logs import ACCURACY_NAMES

_NUMBER = r"(-?\d+\.\d+(?:e-?\d+)?)"
_BAR = re.compile(r"^\s*\d+/\d+ .*?(?:accuracy|acc|loss): ")
_BAR_METRIC = re.compile(rf"\b(\w+): {_NUMBER}(?=\s|$)")
_PRINTED = re.compile(
    r"\b(?:(?:test|val(?:idation)?)[ _]*)?(?P<metric>loss|acc(?:uracy)?)\b"
    r"[^\d\n]{0,40}?(?P<value>-?\d+\.\d+(?:e-?\d+)?)\s*(?P<percent>%?)",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"^[ \t]*[\[(]{_NUMBER}, {_NUMBER}[\])][ \t]*$", re.MULTILINE)
_EPOCH = re.compile(r"\bepoch\b", re.IGNORECASE)


class Score(msgspec.Struct, frozen=True):
    """What an evaluation gave, as it was written; an empty text where it was not. ``percent``: of the accuracy."""

    evaluation: Evaluation
    loss: str
    accuracy: str
    percent: bool
    line: str

    @property
    def share(self) -> float | None:
        """The accuracy as a share of 1."""
        if not self.accuracy:
            return None
        value = float(self.accuracy) / (100 if self.percent else 1)
        return value if 0 <= value <= 1 else None


def read_scores(evaluations: Sequence[Evaluation]) -> tuple[Score, ...]:
    """Return the scores of evaluations whose output can only be theirs: the only one in its cell, or each with its own
    progress bar. Cells that train are left out, since their logs have the same words."""
    found: list[Score] = []
    for cell in {evaluation.cell.number: evaluation.cell for evaluation in evaluations}.values():
        here = [evaluation for evaluation in evaluations if evaluation.cell.number == cell.number]
        if any(evaluation.call.in_loop or evaluation.call.condition for evaluation in here) or _EPOCH.search(
            cell.output
        ):
            continue
        bars = [line for line in cell.output.split("\n") if _BAR.match(line)]
        if len(bars) == len(here) and all(evaluation.is_method for evaluation in here):
            found += [_from_bar(one, line) for one, line in zip(here, bars, strict=True)]
            if len(here) == 1:
                found[-1] = _sharper(found[-1], _from_prints(here[0], cell))
        elif len(here) == 1 and not bars:
            found += filter(None, [_from_prints(here[0], cell)])
    return tuple(found)


def _from_bar(evaluation: Evaluation, line: str) -> Score:
    metrics = dict(_BAR_METRIC.findall(line))
    accuracy = next((metrics[name] for name in ACCURACY_NAMES if name in metrics), "")
    return Score(evaluation, metrics.get("loss", ""), accuracy, False, line.strip())


def _from_prints(evaluation: Evaluation, cell: Cell) -> Score | None:
    if pair := _PAIR.search(cell.output):
        return Score(evaluation, pair[1], pair[2], False, pair[0].strip())
    text = "\n".join(line for line in cell.output.split("\n") if not _BAR.match(line))
    values: dict[str, tuple[str, bool, str]] = {}
    for match in _PRINTED.finditer(text):
        word = "loss" if match["metric"].lower() == "loss" else "accuracy"
        if word in values:
            return None
        line = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0].strip()
        values[word] = (match["value"], bool(match["percent"]), line)
    if not values:
        return None
    loss, accuracy = values.get("loss", ("", False, "")), values.get("accuracy", ("", False, ""))
    lines = dict.fromkeys(line for _, _, line in (loss, accuracy) if line)
    return Score(evaluation, loss[0], accuracy[0], accuracy[1], "\n".join(lines))


def _sharper(bar: Score, printed: Score | None) -> Score:
    """Return whichever has more digits: a bar has four."""
    return (
        printed if printed is not None and len(printed.loss + printed.accuracy) > len(bar.loss + bar.accuracy) else bar
    )
