"""Loops that know when they train, so that a training loop written by hand can be ended early.

Every ``for`` of a cell asks :meth:`Loops.over` for its items. A loop in which an optimizer steps once a turn is a loop
over batches; one whose turns hold several steps of the same optimizer is a loop over epochs. A loop whose turns train
with different optimizers compares networks or settings, and is left alone. Nothing is guessed from names, so
``for i in range(20)`` inside a function is ended like ``for epoch in trange(20)`` at the top.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from grader.sandbox.worker.replay.budget import FIT_TURNS, Spending

NAME = "__grader_loops__"
"""What cells call it by."""


class Loop:
    """One run of one loop."""

    def __init__(self, line: int, asked: int | None, steps_before: int) -> None:
        self.line = line
        self.steps_before = steps_before
        self.asked = asked
        self.turns = 0
        """Turns in which something was trained."""
        self.steps = 0
        """Of all turns."""
        self.holds_steps = False
        """Whether a turn holds several steps."""
        self.trainer: Any = None
        self._turns_of_trainer = 0

    def took(self, steps: int, trainer: Any) -> None:
        """Remember what one turn trained."""
        self.turns += 1
        self.steps += steps
        self.holds_steps = self.holds_steps or steps > 1
        self._turns_of_trainer = self._turns_of_trainer + 1 if trainer is self.trainer else 1
        self.trainer = trainer

    def is_spent(self, spending: Spending) -> bool:
        """Whether the loop has had its share."""
        budget = spending.budget
        if not self.turns or budget.epochs is None or budget.steps is None:
            return False
        if spending.was_fit:
            return self._turns_of_trainer >= FIT_TURNS
        return self._turns_of_trainer >= (budget.epochs if self.holds_steps else max(budget.steps, 1))


class Loops:
    """The loops that run at present, outermost first."""

    def __init__(self, spending: Spending) -> None:
        self._spending = spending
        self.active: list[Loop] = []
        self.finished: list[Loop] = []
        """Loops over epochs that have ended since somebody last looked."""
        self.is_tracing: Callable[[], bool] = bool
        """Whether a function is being made into a graph at present, rather than run."""
        self.lookers: list[Callable[[], None]] = []
        """Called after each turn, to count steps that nobody heard of: those of a graph."""

    @property
    def is_training(self) -> bool:
        """Whether a loop that has trained something is still running."""
        return any(self._spending.steps > loop.steps_before for loop in self.active)

    def over(self, iterable: Iterable[Any], line: int) -> Iterable[Any]:
        """Return the items of ``iterable``, fewer of them if the loop trains and the budget ends it."""
        # TensorFlow makes a graph of a loop over a data set, if it sees the data set
        return iterable if self.is_tracing() else self._watched(iterable, line)

    def _watched(self, iterable: Iterable[Any], line: int) -> Iterator[Any]:
        spending = self._spending
        loop = Loop(line, _length(iterable), spending.steps)
        self.active.append(loop)
        try:
            for item in iterable:
                before = spending.steps
                yield item
                for look in self.lookers:
                    look()
                if spending.steps == before:
                    # most loops train nothing, and some run a million times
                    continue
                loop.took(spending.steps - before, spending.trainer)
                spending.check_time()
                if loop.is_spent(spending):
                    if loop.asked is None or loop.turns < loop.asked:
                        asked = "" if loop.asked is None else f" of {loop.asked:,}"
                        spending.cut(f"the loop in line {line} ran {loop.turns:,}{asked} times")
                    break
        finally:
            if loop in self.active:
                del self.active[self.active.index(loop) :]
            if loop.holds_steps:
                self.finished.append(loop)

    def forever(self, line: int) -> Iterable[None]:
        """Yield without end, for ``while``."""
        return self.over(iter(lambda: None, 0), line)


def _length(iterable: Any) -> int | None:
    # a generator or a DataLoader over an endless stream has none, and asking may raise anything
    try:
        return len(iterable)
    except Exception:
        return None
