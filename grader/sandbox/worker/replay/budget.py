"""How much of a notebook's training is run, and what has been used of it."""

from time import monotonic
from typing import Any, Literal, NamedTuple

MAX_CUTS = 20
"""What of one cell is told."""

Mode = Literal["definitions", "quick", "full"]

FIT_TURNS = 10
"""How often a loop may call ``fit`` on one model: each call costs little, and a loop may compare settings."""


class Budget(NamedTuple):
    """What one training may use. ``None`` means as much as it asks for."""

    mode: Mode
    epochs: int | None
    steps: int | None
    """Of one epoch, and of one pass over a loader."""
    rows: int | None
    """Examples of one evaluation or prediction."""
    fit_s: float | None
    """Seconds of one ``fit``."""

    @property
    def is_cut(self) -> bool:
        """Whether anything is shortened at all."""
        return self.mode != "full"


BUDGETS: dict[Mode, Budget] = {
    "definitions": Budget("definitions", epochs=1, steps=0, rows=64, fit_s=10.0),
    "quick": Budget("quick", epochs=2, steps=10, rows=512, fit_s=20.0),
    "full": Budget("full", epochs=None, steps=None, rows=None, fit_s=None),
}


class OutOfTime(BaseException):
    """The seconds of a cell are used up. Not an ``Exception``, so that a student's ``except`` rarely takes it."""


class Spending:
    """What has been used so far, and what was left out because of the budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps = 0
        """Steps of all optimizers so far."""
        self.trainer: Any = None
        """What made the last step: an optimizer of PyTorch, a model of Keras."""
        self.was_fit = False
        """Whether the last steps were those of a whole ``fit``."""
        self.cuts: list[str] = []
        """What was left out in the present cell, in words."""
        self.has_cut = False
        """Whether anything was left out in any cell."""
        self.ends_at = float("inf")

    def begin_cell(self, seconds: float) -> None:
        """Start the clock of one cell."""
        self.cuts = []
        self.ends_at = monotonic() + seconds

    def count(self, steps: int, trainer: Any, *, fit: bool = False) -> None:
        """Remember that ``trainer`` made ``steps`` steps."""
        self.steps += steps
        self.trainer = trainer
        self.was_fit = fit

    def cut(self, what: str) -> None:
        """Remember that something was left out."""
        self.has_cut = True
        if what not in self.cuts and len(self.cuts) < MAX_CUTS:
            self.cuts.append(what)

    def check_time(self) -> None:
        """Raise :class:`OutOfTime` if the cell's seconds are used up."""
        if monotonic() > self.ends_at:
            raise OutOfTime
