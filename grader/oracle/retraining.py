"""Training a described network as the reference is trained, in a process of the trusted side.

What is trained is a description: structure and weights to start from. How it is trained is the experiment's own
function in the assignment's ``experiments.py``, in which the network takes the place of the reference. So the recipe is
written down once, and the process runs no line of a student.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from grader.oracle.experiments import Selected
from grader.oracle.frameworks import FRAMEWORKS, FrameworkName, versions
from grader.oracle.job import Failed, Finished, Job, code_digest, data_digest
from grader.oracle.record import Run
from grader.oracle.schedule import how_it_ended, process_environment
from grader.oracle.store import Store
from grader.transplant import portable
from grader.transplant.architecture import Network

THREADS: Final = 1
"""More change the last digits of what comes out, and on networks of this size they save nothing."""


class PackedArray(msgspec.Struct, frozen=True):
    """An array of float32 as bytes."""

    shape: tuple[int, ...]
    data: bytes


class Retraining(Job, frozen=True, eq=False):
    """One training of a network that takes the reference's place. ``images`` counts those to train on and to validate
    with, 0 for all; all images for testing are used.

    Attributes:
        build: the function of the oracles that this network stands in for; empty for the reference itself.
        structure, arrays: the network as :mod:`grader.transplant.portable` has it.
    """

    build: str = ""
    structure: bytes = b""
    arrays: tuple[PackedArray, ...] = ()

    @property
    def network(self) -> Network:
        """The network to be trained."""
        return portable.decode(
            self.structure, [np.frombuffer(array.data, np.float32).reshape(array.shape) for array in self.arrays]
        )


def make_retraining(
    selected: Selected,
    framework: FrameworkName,
    *,
    seed: int,
    epochs: int,
    images: int,
    build: str = "",
    network: Network | None = None,
) -> Retraining:
    """Return one training on the embedded subset.

    Args:
        selected: the experiment with its recipe.
        framework: in which to train.
        seed: of the order of the images and of dropout.
        epochs, images: the budget.
        build, network: what to train in place of what that function of the oracle builds; else the reference.

    Raises:
        OracleError: a file of the experiment cannot be read.
        FrameworkMissing: the framework is not installed.
    """
    structure, arrays = (b"", ()) if network is None else _packed(network)
    return Retraining(
        folder=str(selected.assignment.folder.absolute()),
        experiment=selected.experiment.name,
        framework=framework,
        source="subset",
        seed=seed,
        epochs=epochs,
        images=images,
        data_digest=data_digest(selected.experiment.data, "subset"),
        sources_digest=code_digest(selected, framework),
        versions=versions(FRAMEWORKS[framework]),
        build=build,
        structure=structure,
        arrays=arrays,
    )


def retrain(jobs: Sequence[Retraining], store: Store, limit_s: float) -> dict[Retraining, Run | Failed]:
    """Do trainings in one framework, one after the other in one process, and keep their results in ``store``.

    A training that is in ``store`` is not done again: two networks that are the same to the byte are trained once.

    Args:
        limit_s: how long all of them may take, in seconds of wall clock.
    """
    done: dict[Retraining, Run | Failed] = {job: run for job in jobs if (run := store.get(job)) is not None}
    missing = tuple(job for job in jobs if job not in done)
    if not missing:
        return done
    for job, event in zip(missing, _trained(missing, limit_s), strict=False):
        done[job] = event.run if isinstance(event, Finished) else event
        if isinstance(event, Finished):
            store.keep(job, event.run)
    return done


def _trained(jobs: tuple[Retraining, ...], limit_s: float) -> Iterator[Finished | Failed]:
    """Yield how each training ended, in order; one that the process did not come to has failed."""
    late = threading.Event()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [sys.executable, "-m", "grader.oracle.retrain"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            env=process_environment(jobs[0].framework, THREADS),
            start_new_session=True,  # an interrupt from the keyboard is this process's to handle
        ) as process,
    ):

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limit_s, end)
        timer.start()
        assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - for the type checker
        answered = 0
        try:
            with process.stdin as stdin:
                stdin.write(msgspec.msgpack.encode(jobs))
            for line in process.stdout:
                yield msgspec.json.decode(line, type=Finished | Failed)
                answered += 1
        except (BrokenPipeError, msgspec.DecodeError):
            process.kill()
        finally:
            timer.cancel()
            if process.poll() is None and answered < len(jobs):
                process.kill()
        code = process.wait()
        why = f"it took longer than {limit_s:g} s" if late.is_set() else how_it_ended(code, said)
        for _ in jobs[answered:]:
            yield Failed(why)


def _packed(network: Network) -> tuple[bytes, tuple[PackedArray, ...]]:
    # names of layers belong to the writing, not to the network
    plain = tuple(msgspec.structs.replace(layer, label="") for layer in network.layers)
    structure, arrays = portable.encode(Network(network.input_shape, plain))
    return structure, tuple(PackedArray(a.shape, np.ascontiguousarray(a, np.float32).tobytes()) for a in arrays)
