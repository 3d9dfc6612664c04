"""The process that does one training: ``python -m grader.oracle.train``.

It reads a :class:`~grader.oracle.job.Job` from standard input and writes one :class:`~grader.oracle.job.Message` a line
to standard output. What frameworks print there goes to standard error instead. No two frameworks share such a process.
"""

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

import msgspec

from grader import __version__
from grader.data.errors import DataError
from grader.data.load import Dataset, load
from grader.oracle.experiments import EXPERIMENTS_FILE, Experiment
from grader.oracle.frameworks import FRAMEWORKS
from grader.oracle.job import EpochDone, Failed, Finished, Job, Message
from grader.oracle.record import Made, Run, make_run, rounded
from grader.oracle.run import OracleError, load_module
from grader.oracle.training import Training

THREADS_VARIABLE = "GRADER_TRAINING_THREADS"


def main() -> None:
    """Do the training that standard input names."""
    messages = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    try:
        done: Message = Finished(train(job, messages))
    except (DataError, OracleError) as error:
        done = Failed(str(error))
    except Exception as error:
        traceback.print_exc()
        done = Failed(described(error, Path(job.folder)))
    _send(messages, done)


def train(job: Job, messages: BinaryIO) -> Run:
    """Do one training and return its record; a message is written to ``messages`` after each epoch.

    Raises:
        DataError: the images are not to be had.
        OracleError: a file of the course does not import.
        Exception: whatever the training raises.
    """
    experiment = find_experiment(job)
    dataset = first_images(load(experiment.data, job.source), job.images)
    with tempfile.TemporaryDirectory() as scratch:
        training = Training(
            framework=FRAMEWORKS[job.framework],
            folder=Path(job.folder),
            dataset=dataset,
            seed=job.seed,
            epochs=job.epochs,
            scratch=Path(scratch),
            after_epoch=lambda epoch, loss: _send(messages, EpochDone(epoch, rounded(loss))),
        )
        return timed(experiment, training, job.versions)


def timed(experiment: Experiment, training: Training, versions: Mapping[str, str]) -> Run:
    """Do one training and return its record; ``versions`` are those of the framework's packages.

    Raises:
        Exception: whatever the training raises.
    """
    _ = training.oracle  # importing a framework takes seconds that are no part of the training
    started = time.perf_counter()
    outcome = experiment.train(training)
    seconds = time.perf_counter() - started
    made = Made(
        finished=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        versions={
            "grader": __version__,
            "python": platform.python_version(),
            "numpy": version("numpy"),
            **versions,
        },
        machine=machine(),
        device=training.framework.device(),
        threads=int(os.environ.get(THREADS_VARIABLE, "1")),
        seconds=round(seconds, 1),
    )
    return make_run(training.seed, outcome, made)


def first_images(dataset: Dataset, count: int) -> Dataset:
    """Return ``dataset`` with its first ``count`` training images and a sixth as many for testing; all if 0."""
    if count == 0:
        return dataset
    tested = max(count // 6, 1)
    return msgspec.structs.replace(
        dataset,
        train_images=dataset.train_images[:count],
        train_labels=dataset.train_labels[:count],
        test_images=dataset.test_images[:tested],
        test_labels=dataset.test_labels[:tested],
    )


def machine() -> str:
    """Return what kind of machine this is: system, processor, cores. Never its name."""
    model = platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{platform.system()} {model}{', ' + named if named else ''}, {os.cpu_count()} cores"


def find_experiment(job: Job) -> Experiment:
    """Return the experiment that ``job`` names.

    Raises:
        OracleError: the file that it stands in does not import.
    """
    experiments = load_module(Path(job.folder) / EXPERIMENTS_FILE).EXPERIMENTS
    found: Experiment = next(item for item in experiments if item.name == job.experiment)
    return found


def described(error: Exception, folder: Path) -> str:
    """Name the error and the deepest line of the course that it passed through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).is_relative_to(folder)]
    place = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{place}"


def _send(messages: BinaryIO, message: Message) -> None:
    messages.write(msgspec.json.encode(message) + b"\n")


if __name__ == "__main__":
    main()
