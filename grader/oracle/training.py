"""One training to be done, and what comes out of it: all that the functions in an ``experiments.py`` know of grader."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import msgspec
import numpy as np

from grader.data.load import Dataset
from grader.oracle.frameworks import Framework
from grader.oracle.run import load_module

Examples: TypeAlias = tuple[np.ndarray, np.ndarray]
History: TypeAlias = Mapping[str, Sequence[float]]


class Outcome(msgspec.Struct, frozen=True, eq=False):
    """What one training gave.

    Attributes:
        metrics: numbers that are compared between seeds, frameworks and with published ones.
        history: one number for each epoch, by name.
        arrays: what pictures are made of, such as a confusion matrix; kept for one seed only.
    """

    metrics: dict[str, float]
    history: History
    arrays: dict[str, np.ndarray] = {}


class Training(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """What an experiment's function is given.

    Attributes:
        framework: what differs between frameworks besides the oracle.
        folder: the assignment's.
        dataset: the images, unprepared.
        seed: for weights, order and dropout.
        epochs: the recipe's, or fewer in a trial.
        scratch: an empty folder that is deleted afterwards.
        after_epoch: to be called with the number of the epoch, from 1, and its loss.
    """

    framework: Framework
    folder: Path
    dataset: Dataset
    seed: int
    epochs: int
    scratch: Path
    after_epoch: Callable[[int, float], None]

    @property
    def oracle(self) -> ModuleType:
        """The assignment's oracle in this framework.

        Raises:
            OracleError: it does not import.
        """
        return self.module(f"oracle_{self.framework.name}")

    @property
    def preparation(self) -> ModuleType:
        """The assignment's ``preparation.py``.

        Raises:
            OracleError: it does not import.
        """
        return self.module("preparation")

    def module(self, name: str) -> ModuleType:
        """Import another file of the assignment.

        Raises:
            OracleError: it does not import.
        """
        return load_module(self.folder / f"{name}.py")

    @property
    def settings(self) -> dict[str, Any]:
        """The keyword arguments that every ``train_…`` of an oracle takes."""
        return {"seed": self.seed, "epochs": self.epochs, "after_epoch": self.after_epoch}

    @property
    def checkpoint(self) -> str:
        """Path of a file for the best weights so far, named as the framework wants it."""
        return str(self.scratch / f"best{self.framework.checkpoint_suffix}")

    def place(self, network: Any) -> Any:
        """Return ``network`` on the device that it is to be trained on."""
        return self.framework.place(network)

    def measured(
        self,
        network: Any,
        history: History,
        test: Examples,
        metrics: Mapping[str, float] | None = None,
        arrays: Mapping[str, np.ndarray] | None = None,
    ) -> Outcome:
        """Count and evaluate a trained network.

        Args:
            network: in the state that is to be tested.
            history: what its training returned; its lists for validation may be empty.
            test: ``(images, labels)`` for ``test_loss`` and ``test_accuracy``.
            metrics: further ones.
            arrays: what pictures are made of.

        Returns:
            The metrics ``parameters``, ``accuracy`` (of the last epoch, on the training images), ``test_loss``,
            ``test_accuracy``, ``metrics`` and, of ``validation_accuracy``, the values after the first
            (``first_validation_accuracy``), the last (``validation_accuracy``) and the best epoch
            (``best_validation_accuracy``).
        """
        test_loss, test_accuracy = self.oracle.evaluate(network, test)
        validation = history["validation_accuracy"]
        found = {"parameters": float(self.framework.parameters(network)), "accuracy": history["accuracy"][-1]}
        if validation:
            found |= {
                "first_validation_accuracy": validation[0],
                "validation_accuracy": validation[-1],
                "best_validation_accuracy": max(validation),
            }
        found |= {"test_loss": test_loss, "test_accuracy": test_accuracy, **(metrics or {})}
        return Outcome(found, history, dict(arrays or {}))
