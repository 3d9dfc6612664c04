"""One training as data: what a process is told, and what it tells while it trains."""

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from grader.data import catalogue
from grader.data.catalogue import ENTRIES
from grader.data.load import Source, load
from grader.oracle.experiments import EXPERIMENTS_FILE, Experiment, Selected
from grader.oracle.frameworks import FRAMEWORKS, FrameworkName, versions
from grader.oracle.record import FORMAT, Run
from grader.oracle.sources import sources_digest


class Job(msgspec.Struct, frozen=True, eq=False):
    """One experiment, in one framework, on one source of data, from one seed. Two jobs are equal if they are one.

    Attributes:
        folder: the assignment's.
        experiment: its name.
        framework, source, seed: see above.
        epochs: the recipe's, or fewer in a trial.
        images: train on this many only, in a trial, and test on a sixth of it; 0 for all.
        data_digest, sources_digest: what the images and the code are now.
        versions: those of the framework's packages now.
    """

    folder: str
    experiment: str
    framework: FrameworkName
    source: Source
    seed: int
    epochs: int
    images: int
    data_digest: str
    sources_digest: str
    versions: dict[str, str]

    @property
    def title(self) -> str:
        """``assignment/experiment framework source seed 0``."""
        return f"{self.assignment}/{self.experiment} {self.framework} {self.source} seed {self.seed}"

    @property
    def assignment(self) -> str:
        """The assignment's name."""
        return Path(self.folder).name

    @property
    def digest(self) -> str:
        """Everything that its result depends on, besides the machine: 64 hexadecimal digits."""
        described = msgspec.structs.replace(self, folder=self.assignment)
        return hashlib.sha256(msgspec.json.encode((FORMAT, described))).hexdigest()


class EpochDone(msgspec.Struct, frozen=True, tag="epoch"):
    """An epoch is over. ``loss`` is ``None`` if it was not finite."""

    epoch: int
    loss: float | None


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The training is over, and measured."""

    run: Run


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """There will be no result. ``reason`` is for people, in one line or a few."""

    reason: str


Message: TypeAlias = EpochDone | Finished | Failed


@functools.cache
def data_digest(name: str, source: Source) -> str:
    """Return what identifies a data set; the full files need not be there."""
    entry = ENTRIES[name]
    if source == "full":
        return catalogue.digest(file.sha256 for file in entry.files)
    return load(entry.name, source).digest


def code_digest(selected: Selected, framework: FrameworkName) -> str:
    """Return what identifies the code and the recipe of an experiment in one framework.

    Of the table of experiments only what its own training depends on counts: not titles, numbers of seeds or others.

    Raises:
        OracleError: one of its files cannot be read.
    """
    names = (EXPERIMENTS_FILE, "preparation.py", f"oracle_{framework}.py", *selected.experiment.also)
    code = sources_digest((selected.assignment.folder / name for name in names), leave_out="EXPERIMENTS")
    return hashlib.sha256(f"{code} {_recipe(selected.experiment)}".encode()).hexdigest()


def _recipe(experiment: Experiment) -> str:
    function = getattr(experiment.train, "func", experiment.train)
    settings = sorted(getattr(experiment.train, "keywords", {}).items())
    return f"{function.__name__} {settings} {experiment.data} {experiment.epochs}"


def make_jobs(
    selected: Selected,
    framework: FrameworkName,
    source: Source,
    *,
    seeds: int | None = None,
    epochs: int | None = None,
    images: int = 0,
) -> Iterator[Job]:
    """Return the trainings of one experiment in one framework, one for each seed from 0.

    Args:
        seeds: how many; ``None`` for what the experiment asks for.
        epochs, images: fewer than all, in a trial.

    Raises:
        OracleError: a file of the experiment cannot be read.
        FrameworkMissing: the framework is not installed.
    """
    experiment = selected.experiment
    usual = experiment.seeds_full if source == "full" else experiment.seeds
    images_now, code_now = data_digest(experiment.data, source), code_digest(selected, framework)
    for seed in range(seeds or usual):
        yield Job(
            str(selected.assignment.folder.absolute()),
            experiment.name,
            framework,
            source,
            seed,
            epochs or experiment.epochs,
            images,
            images_now,
            code_now,
            versions(FRAMEWORKS[framework]),
        )
