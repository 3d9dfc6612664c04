"""The process that trains described networks: ``python -m grader.oracle.retrain``.

It reads :class:`~grader.oracle.retraining.Retraining` objects of one framework, as one msgpack array, from standard
input. For each it writes one line to standard output: a :class:`~grader.oracle.job.Finished` or
:class:`~grader.oracle.job.Failed` as JSON. What frameworks print there goes to standard error instead.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from grader.data.errors import DataError
from grader.data.load import Dataset, load
from grader.oracle.frameworks import FRAMEWORKS
from grader.oracle.job import Failed, Finished
from grader.oracle.rebuilding import CannotRebuild
from grader.oracle.record import Run
from grader.oracle.retraining import Retraining
from grader.oracle.run import OracleError
from grader.oracle.train import described, find_experiment, timed
from grader.oracle.training import Training


class StandingIn(Training, frozen=True, eq=False, kw_only=True):
    """A training in which another network takes the reference's place.

    Attributes:
        build: the oracle's function that gives the reference; empty for the reference itself.
        replace: takes the reference and returns the network to train.
    """

    build: str
    replace: Callable[[Any], Any]

    @property
    def oracle(self) -> ModuleType:
        """The assignment's oracle, whose ``build`` gives the other network.

        Raises:
            OracleError: it does not import.
        """
        original = self.module(f"oracle_{self.framework.name}")
        if not self.build:
            return original
        stand_in = ModuleType(original.__name__)
        vars(stand_in).update(vars(original))
        build, replace = getattr(original, self.build), self.replace
        setattr(stand_in, self.build, lambda *args, **settings: replace(build(*args, **settings)))
        return stand_in


def main() -> None:
    """Do the trainings that standard input names."""
    messages = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    for job in msgspec.msgpack.decode(sys.stdin.buffer.read(), type=tuple[Retraining, ...]):
        messages.write(msgspec.json.encode(_done(job)) + b"\n")
        if (keras := sys.modules.get("keras")) is not None:
            keras.utils.clear_session()  # or every network stays in memory


def _done(job: Retraining) -> Finished | Failed:
    try:
        return Finished(train(job))
    except (DataError, OracleError, CannotRebuild) as error:
        return Failed(str(error))
    except Exception as error:
        traceback.print_exc()
        return Failed(described(error, Path(job.folder)))


def train(job: Retraining) -> Run:
    """Do one training and return its record.

    Raises:
        DataError: the images are not to be had.
        OracleError: a file of the course does not import.
        CannotRebuild: the framework has no like of a layer.
        Exception: whatever the training raises.
    """
    experiment = find_experiment(job)
    framework = FRAMEWORKS[job.framework]
    rebuilding = import_module(f"grader.oracle.rebuild_{framework.name}")
    with tempfile.TemporaryDirectory() as scratch:
        training = StandingIn(
            framework=framework,
            folder=Path(job.folder),
            dataset=first_training_images(load(experiment.data, job.source), job.images),
            seed=job.seed,
            epochs=job.epochs,
            scratch=Path(scratch),
            after_epoch=lambda *_: None,
            build=job.build,
            replace=lambda reference: rebuilding.rebuild(job.network, reference),
        )
        return timed(experiment, training, job.versions)


def first_training_images(dataset: Dataset, count: int) -> Dataset:
    """Return ``dataset`` with its first ``count`` training images and all images for testing; all if 0."""
    if count == 0:
        return dataset
    return msgspec.structs.replace(
        dataset, train_images=dataset.train_images[:count], train_labels=dataset.train_labels[:count]
    )


if __name__ == "__main__":
    main()
