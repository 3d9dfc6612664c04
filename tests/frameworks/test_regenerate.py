"""Every kind of experiment of the course trains for an epoch on a few images, and is measured."""

import io
from pathlib import Path

import numpy as np
import pytest

from grader.oracle.compare_records import check_repetition
from grader.oracle.experiments import find_assignments, read_published, select
from grader.oracle.job import EpochDone, Finished, make_jobs
from grader.oracle.regenerate import make_records
from grader.oracle.schedule import Started, available_cores, train_all
from grader.oracle.train import train

ROOT = Path(__file__).parents[2]
# one of each kind: every function in an experiments.py, both kinds of pixels, both numbers of convolutions
SAMPLE = (
    "backprop_to_lenet/mlp",
    "backprop_to_lenet/lenet_batch_norm",
    "cnn_in_numpy/cnn",
    "cnn_in_numpy/shallow_cnn",
    "regularization/one_dropout_scaled",
    "regularization/retrained_two_raw",
    "three_networks/softmax_regression",
    "weight_decay/sweep_0.001",
)


def jobs_for(framework, *names, **settings):
    assignments = find_assignments(ROOT)
    return [
        job
        for name in names
        for item in select(assignments, name)
        for job in make_jobs(item, framework, "subset", **settings)
    ]


def trained(jobs):
    """Train and return the runs by job; whatever fails shows its reason."""
    runs = {}
    for job, event in train_all(jobs, available_cores()):
        assert isinstance(event, Started | EpochDone | Finished), f"{job.title}: {event}"
        if isinstance(event, Finished):
            runs[job] = event.run
    return runs


@pytest.fixture(scope="module", params=["torch", "keras"])
def runs(request):
    """One epoch of the sample on 120 images, ``{assignment/experiment: run}``, in this process, to save time."""
    pytest.importorskip(request.param)
    jobs = jobs_for(request.param, *SAMPLE, seeds=1, epochs=1, images=120)
    return {f"{job.assignment}/{job.experiment}": train(job, io.BytesIO()) for job in jobs}


def test_every_kind_of_experiment_is_measured(runs):
    assert set(runs) == set(SAMPLE)
    for name, run in runs.items():
        assert 0 <= run.metrics["test_accuracy"] <= 1, name
        assert run.metrics["test_loss"] > 0, name
        assert len(run.history["loss"]) == 1, name


def test_parameters_are_the_published_ones(runs):
    published = {
        f"{assignment.name}/{name}": figure.value
        for assignment in find_assignments(ROOT)
        for name, figures in read_published(assignment.folder).figures.items()
        for figure in figures
        if figure.metric == "parameters"
    }
    known = {name: run.metrics["parameters"] for name, run in runs.items() if name in published}
    assert len(known) == 5
    assert known == {name: published[name] for name in known}


def test_the_confusion_matrix_agrees_with_the_accuracy(runs):
    run = runs["backprop_to_lenet/mlp"]
    counts = run.arrays["confusion_matrix"]
    assert counts.shape == (10, 10)
    assert sum(counts.values) == 20
    assert np.trace(np.reshape(counts.values, counts.shape)) / 20 == pytest.approx(run.metrics["test_accuracy"])


def test_numpy_computes_what_the_framework_does(runs):
    metrics = runs["cnn_in_numpy/shallow_cnn"].metrics
    assert metrics["numpy_largest_logit_difference"] < 1e-4
    assert metrics["numpy_same_classes"] == 1.0


def test_the_kernels_are_kept_for_their_pictures(runs):
    arrays = runs["regularization/retrained_two_raw"].arrays
    assert {name: array.shape for name, array in arrays.items()} == {
        "kernels_1": (3, 3, 1, 16),
        "kernels_2": (3, 3, 16, 16),
    }


def test_without_validation_images_nothing_is_said_about_them(runs):
    run = runs["regularization/retrained_two_raw"]
    assert not [name for name in run.metrics if "validation" in name]
    assert run.history["validation_loss"] == ()


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_one_epoch_is_the_beginning_of_two(framework):
    """What ``grader reference verify`` rests on. Each training is a process of its own."""
    pytest.importorskip(framework)
    two = jobs_for(framework, "regularization/two_dropout_scaled", seeds=1, epochs=2, images=240)
    one = jobs_for(framework, "regularization/two_dropout_scaled", seeds=1, epochs=1, images=240)
    runs = trained([*two, *one])
    ((record,),) = make_records(two, runs).values()
    assert record.runs[0].made.threads == 1
    checks = check_repetition(record, runs[one[0]])
    assert next(check.name for check in checks) == "loss, epoch 1"
    assert all(check.holds for check in checks), checks
