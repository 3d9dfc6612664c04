"""Batches on their way through models of PyTorch, and what they add up to."""

from collections import Counter
from typing import Any

from grader.sandbox.worker.recorder.arrays import Facts, Origins, as_array, facts
from grader.sandbox.worker.recorder.log import number
from grader.sandbox.worker.recorder.torch_loaders import Drawn

SAMPLED_BATCHES = 40
"""Batches of one activity whose images are looked up among the given ones."""
SAMPLED_ROWS = 4
MAX_SCORED_BATCHES = 2_000
"""Of one activity: batches whose labels are looked up."""


class Pass:
    """One batch on its way through a model. ``in_loop``: a loop that has trained something was running."""

    def __init__(
        self, inputs: Any, drawn: Drawn | None, line: int, code_cell: int, *, in_training_mode: bool, in_loop: bool
    ) -> None:
        import torch

        self.inputs = inputs
        self.outputs: Any = None
        self.drawn = drawn
        """The loader that the batch came from."""
        self.line = line
        self.code_cell = code_cell
        """The cell in which the code stands that asked for it; ``line`` is that of the cell which runs."""
        self.in_training_mode = in_training_mode
        self.in_loop = in_loop
        self.has_gradient = torch.is_grad_enabled()
        self.acting: set[str] = set()
        """Kinds of the layers within that behaved as they do in training."""

    def goes_through(self, layer: Any) -> None:
        """Remember a layer that behaves as it does in training, and would do otherwise in evaluation mode."""
        if layer.training and _acts_otherwise(layer):
            self.acting.add(type(layer).__name__[:60])


def _acts_otherwise(layer: Any) -> bool:
    from torch import nn

    if isinstance(layer, nn.modules.dropout._DropoutNd):
        return (number(getattr(layer, "p", 0)) or 0.0) > 0
    # without running averages it takes the batch's own in either mode
    return isinstance(layer, nn.modules.batchnorm._BatchNorm) and getattr(layer, "running_mean", None) is not None


class Activity:
    """Batches of one kind that went through one model."""

    def __init__(self) -> None:
        self.batches = 0
        self.in_training_mode = 0
        self.line = self.code_cell = 0
        """Where the first of them was asked for."""
        self.sizes: Counter[int] = Counter()
        self.first: Facts | None = None
        self.origins: Counter[str] = Counter()
        self._acting: Counter[str] = Counter()
        self._right: int | None = 0
        self._examples = 0

    def add(self, one: Pass, origins: Origins, *, scored: bool = False) -> None:
        """Count one batch; a ``scored`` one with how many of its examples were right."""
        inputs = one.inputs
        self.batches += 1
        self.in_training_mode += one.in_training_mode
        self.line, self.code_cell = self.line or one.line, self.code_cell or one.code_cell
        if getattr(inputs, "ndim", 0):
            self.sizes[len(inputs)] += 1
        if not one.has_gradient:
            self._acting.update(one.acting)
        if self.first is None:
            self.first = facts(inputs)
            if self.first is not None:
                self.first["of"] = one.drawn.length if one.drawn is not None else 0
        if self.batches <= SAMPLED_BATCHES and (array := as_array(inputs)) is not None:
            self.origins.update(origins.shares(array, SAMPLED_ROWS))
        if scored:
            self._score(one, origins)

    def _score(self, one: Pass, origins: Origins) -> None:
        values, outputs = as_array(one.inputs), as_array(one.outputs)
        if self._right is None or values is None or outputs is None or self.batches > MAX_SCORED_BATCHES:
            self._right = None
            return
        right = origins.right(values, outputs)
        self._right = None if right is None else self._right + right
        self._examples += len(values)

    @property
    def score(self) -> dict[str, int]:
        """How many of so many examples were right; nothing where that is not known of each."""
        return {"right": self._right, "examples": self._examples} if self._right is not None and self._examples else {}

    @property
    def acting(self) -> list[str]:
        """Kinds of layers that behaved as in training in every batch, while no gradients were recorded."""
        return sorted(kind for kind, count in self._acting.items() if count == self.batches)[:10]

    @property
    def inputs(self) -> Facts | None:
        """The facts of the first batch, with what was recognized in all."""
        return None if self.first is None else self.first | {"origins": dict(self.origins)}

    @property
    def batch_size(self) -> int | None:
        """How many examples most batches have."""
        return self.sizes.most_common(1)[0][0] if self.sizes else None


class Watch:
    """What one loader's data went through a model between the steps of its training, time after time."""

    MAX_ROUNDS = 200

    def __init__(self) -> None:
        self.all = Activity()
        self.resumed = 0
        self._round: Activity | None = None
        self._rounds: list[dict[str, int]] = []

    def add(self, one: Pass, origins: Origins) -> None:
        """Count one batch of the present round."""
        if self._round is None:
            self._round = Activity()
        self._round.add(one, origins, scored=True)
        self.all.add(one, origins)

    def end_round(self, *, resumed: bool) -> None:
        """End the round, if one has begun. ``resumed``: a step of the training follows."""
        if self._round is None:
            return
        self.resumed += resumed
        if self._round.score and len(self._rounds) < self.MAX_ROUNDS:
            self._rounds.append(self._round.score)
        self._round = None

    def told(self) -> Facts:
        """Return what is recorded of it."""
        self.end_round(resumed=False)
        told = {"line": self.all.line, "inputs": self.all.inputs, "batches": self.all.batches}
        more = {"rounds": self._rounds, "resumed": self.resumed, "acting": self.all.acting}
        return told | more | {"code_cell": self.all.code_cell}


class Course:
    """What one optimizer has done with one model since somebody last looked."""

    MAX_WATCHED = 20

    def __init__(self, steps_before: int, optimizer: Facts) -> None:
        self.steps_before = steps_before
        self.optimizer = optimizer
        """As it was at its first step: a schedule changes it."""
        self.steps = 0
        self.training = Activity()
        self.validation = Activity()
        self.watched: dict[int, Watch] = {}
        """By the number of the loader, 0 for what no loader gave."""
        self.epochs_asked: int | None = None
        self.epochs_run = 0
        self.line = self.code_cell = 0

    def stepped(self) -> None:
        """Count a step."""
        self.steps += 1
        for watch in self.watched.values():
            watch.end_round(resumed=True)

    def validated(self, one: Pass, origins: Origins) -> None:
        """Count a batch that went through between two steps."""
        self.validation.add(one, origins)
        loader = one.drawn.number if one.drawn is not None else 0
        if loader in self.watched or len(self.watched) < self.MAX_WATCHED:
            self.watched.setdefault(loader, Watch()).add(one, origins)
