"""What the references reach within a budget: ``reference/<assignment>/recorded/retraining.json``.

A budget is a number of epochs and of images, much smaller than a recipe's, so that networks can be trained while they
are graded. ``grader reference budgets --write`` trains the reference within every budget that a rubric names, from
many seeds, in both frameworks, and from two kinds of initial weights: its own and PyTorch's defaults. Students use
either, and early in a training it matters which.
"""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
import numpy as np

from grader.course.model import ModelSpec
from grader.networks.initial import initialized
from grader.numerics.shortfall import shortfall_factor
from grader.oracle.experiments import Selected, find_assignments, select
from grader.oracle.frameworks import FrameworkName
from grader.oracle.job import Failed
from grader.oracle.networks import reference_network
from grader.oracle.record import Number, Run
from grader.oracle.retraining import Retraining, make_retraining
from grader.oracle.run import OracleError

FILE = "retraining.json"
FORMAT: Final = 1
SEEDS: Final = 12
REMEDY: Final = "make it: grader reference budgets --write"

Start: TypeAlias = Literal["reference", "pytorch"]
"""Initial weights as the reference draws them, or as PyTorch's layers do by default."""
STARTS: tuple[Start, ...] = ("reference", "pytorch")


class Budget(msgspec.Struct, frozen=True):
    """How much training: ``images`` are divided into those to train on and those to validate with; 0 for all."""

    experiment: str
    epochs: int
    images: int

    def __str__(self) -> str:
        epochs = "one epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"{self.experiment}, {epochs} on {self.images or 'all'} images"


class Reached(msgspec.Struct, frozen=True):
    """What the reference reached in one framework from one kind of initial weights.

    Attributes:
        accuracies: on the images for testing, one for each seed from 0.
        history: the mean of each learning curve over the seeds.
        seconds: the mean of one training, in one thread.
        sources_digest: what the code was.
    """

    framework: FrameworkName
    start: Start
    accuracies: tuple[float, ...]
    history: dict[str, tuple[Number, ...]]
    seconds: float
    sources_digest: str
    versions: dict[str, str]

    def bound(self, trainings: int, rate: float) -> float:
        """Return what the median of ``trainings`` falls below with probability ``rate``, if they are like these."""
        factor = shortfall_factor(len(self.accuracies), trainings, rate)
        return statistics.fmean(self.accuracies) - factor * statistics.stdev(self.accuracies)


class Recorded(msgspec.Struct, frozen=True):
    """All that is recorded of one budget."""

    budget: Budget
    data_digest: str
    reached: tuple[Reached, ...]

    def within(self, framework: FrameworkName | None) -> tuple[Reached, ...]:
        """Return what was reached in ``framework``, or in every one."""
        return tuple(group for group in self.reached if framework in (None, group.framework))


class _File(msgspec.Struct, frozen=True):
    format: int
    budgets: tuple[Recorded, ...]


def find(folder: Path, budget: Budget) -> Recorded:
    """Return what is recorded of ``budget`` for the assignment in ``folder``.

    Raises:
        OracleError: nothing is, or the file is damaged.
    """
    for recorded in read(folder):
        if recorded.budget == budget:
            return recorded
    raise OracleError(f"{folder.name}/recorded/{FILE} has nothing for {budget}; {REMEDY}")


def read(folder: Path) -> tuple[Recorded, ...]:
    """Return all that is recorded for the assignment in ``folder``; nothing where there is no file.

    Raises:
        OracleError: the file cannot be read.
    """
    path = folder / "recorded" / FILE
    try:
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise OracleError(f"{folder.name}/recorded/{FILE} cannot be used: {error}; {REMEDY}") from error
    if file.format != FORMAT:
        raise OracleError(f"{folder.name}/recorded/{FILE} has format {file.format}, not {FORMAT}; {REMEDY}")
    return file.budgets


def encode(budgets: Iterable[Recorded]) -> bytes:
    """Return the content of the file."""
    ordered = sorted(budgets, key=lambda r: (r.budget.experiment, r.budget.epochs, r.budget.images))
    return msgspec.json.format(msgspec.json.encode(_File(FORMAT, tuple(ordered))), indent=1) + b"\n"


def experiment_of(folder: Path, name: str) -> Selected:
    """Return one experiment of the assignment in ``folder``, whose course lies two folders up.

    Raises:
        OracleError: there is none of that name, or the table cannot be read.
    """
    for selected in select(find_assignments(folder.parents[1])):
        if selected.assignment.folder == folder and selected.experiment.name == name:
            return selected
    raise OracleError(f"{folder.name}/experiments.py has no experiment '{name}'")


def jobs_for(
    selected: Selected, spec: ModelSpec, budget: Budget, framework: FrameworkName, start: Start, seeds: int = SEEDS
) -> Iterator[Retraining]:
    """Return the trainings of the reference of ``spec`` within ``budget``, one for each seed.

    Raises:
        OracleError: the reference's network is not recorded, or a file of the experiment cannot be read.
        FrameworkMissing: the framework is not installed.
    """
    network = None if start == "reference" else reference_network(selected.assignment.folder, spec)
    for seed in range(seeds):
        drawn = None if network is None else initialized(network, np.random.default_rng(seed), "pytorch")
        yield make_retraining(
            selected,
            framework,
            seed=seed,
            epochs=budget.epochs,
            images=budget.images,
            build="" if drawn is None else spec.like,
            network=drawn,
        )


def summarised(jobs: Sequence[Retraining], runs: Sequence[Run | Failed], start: Start) -> Reached:
    """Return what these trainings of one framework reached.

    Raises:
        OracleError: one of them failed.
    """
    done = [run for run in runs if isinstance(run, Run)]
    for job, run in zip(jobs, runs, strict=True):
        if isinstance(run, Failed):
            raise OracleError(f"{job.title}: {run.reason}")
    return Reached(
        framework=jobs[0].framework,
        start=start,
        accuracies=tuple(run.metrics["test_accuracy"] or 0.0 for run in done),
        history={name: _mean_curve([run.history[name] for run in done]) for name in done[0].history},
        seconds=round(statistics.fmean(run.made.seconds for run in done), 1),
        sources_digest=jobs[0].sources_digest,
        versions=jobs[0].versions,
    )


def _mean_curve(curves: Sequence[Sequence[Number]]) -> tuple[Number, ...]:
    """The mean epoch by epoch, to 4 digits; ``None`` where a value was not finite."""
    return tuple(
        None if None in values else round(statistics.fmean(v for v in values if v is not None), 4)
        for values in zip(*curves, strict=True)
    )
