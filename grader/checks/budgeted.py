"""What the checks that train within a budget have in common."""

from collections.abc import Iterator
from typing import Any, Protocol

from grader.checks.each_model import chosen
from grader.course.model import Assignment, ModelSpec, Part
from grader.oracle.budgets import Budget

FALSE_FAILURES = 1e-3
"""How often work that trains like the reference falls below a bound: the rate that every bound here is made for."""
KINDS = ("retrain", "train")
TRAINED_ALREADY = 0.5
"""No network that was not trained classifies this share of images of ten classes."""


class Budgeted(Protocol):
    """The options that say which models are trained, and how much."""

    @property
    def model(self) -> str | tuple[str, ...]:
        """One model, several, or all of the part."""

    @property
    def experiment(self) -> str:
        """The entry of ``experiments.py``; empty for the one with the model's name."""

    @property
    def epochs(self) -> int:
        """Of one training."""

    @property
    def images(self) -> int:
        """To train on; 0 for all."""


def budget_of(options: Budgeted, spec: ModelSpec) -> Budget:
    """Return the budget of one model; its experiment has the model's name unless the criterion says otherwise."""
    return Budget(options.experiment or spec.name, options.epochs, options.images)


def budgets_of(assignment: Assignment) -> Iterator[tuple[ModelSpec, Budget]]:
    """Yield what every criterion that trains needs a record of, each budget once."""
    seen: set[Budget] = set()
    for part in assignment.parts:
        for spec, budget in _of_part(part):
            if budget not in seen:
                seen.add(budget)
                yield spec, budget


def _of_part(part: Part) -> Iterator[tuple[ModelSpec, Budget]]:
    for criterion in part.criteria:
        if criterion.kind in KINDS:
            options: Any = criterion.options
            for spec in chosen(part, options.model):
                yield spec, budget_of(options, spec)


def budget_text(budget: Budget, images: int) -> str:
    """``2 epochs on 2,400 images``; ``images`` is the number of all there are."""
    epochs = "one epoch" if budget.epochs == 1 else f"{budget.epochs} epochs"
    return f"{epochs} on {budget.images or images:,} images"
