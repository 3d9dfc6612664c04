"""Trainings of described networks in a process of the trusted side, by the reference's recipe."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from grader.course.model import ModelSpec
from grader.networks.evaluate import without_softmax
from grader.oracle.budgets import Budget, experiment_of, jobs_for, summarised
from grader.oracle.job import Failed
from grader.oracle.retraining import make_retraining, retrain
from grader.oracle.run import OracleError, load_module
from grader.oracle.store import Store
from grader.transplant.transplant import trace

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "backprop_to_lenet"
SPEC = ModelSpec("mlp", "build_mlp", (28, 28, 1), "build_mlp")
LIMIT_S = 300.0
BUDGET = {"epochs": 2, "images": 300}


def job(framework, **changes):
    return make_retraining(experiment_of(FOLDER, "mlp"), framework, **({"seed": 3} | BUDGET | changes))


def described(framework, seed):
    """The network of the reference as a description, with the weights that it starts from."""
    oracle = load_module(FOLDER / f"oracle_{framework}.py")
    return without_softmax(trace(oracle.build_mlp(seed=seed), (28, 28, 1)).network)


@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_the_reference_in_its_own_place_trains_as_it_always_does(framework, tmp_path):
    pytest.importorskip(framework)
    itself = job(framework)
    stand_in = job(framework, build="build_mlp", network=described(framework, 3))
    runs = retrain([itself, stand_in], Store(tmp_path), LIMIT_S)
    assert set(runs[itself].history) == set(runs[stand_in].history)
    for name, curve in runs[itself].history.items():
        assert runs[stand_in].history[name] == pytest.approx(curve, abs=2e-3), name
    assert runs[itself].metrics["parameters"] == runs[stand_in].metrics["parameters"]


def test_the_same_to_the_byte_is_trained_once(tmp_path):
    pytest.importorskip("torch")
    network = described("torch", 3)
    renamed = type(network)(
        network.input_shape, tuple(msgspec.structs.replace(layer, label="other") for layer in network.layers)
    )
    first, second = (job("torch", build="build_mlp", network=each) for each in (network, renamed))
    trained = retrain([first], Store(tmp_path), LIMIT_S)[first]
    # a process would have no time for a training
    assert retrain([second], Store(tmp_path), 0.0)[second] == trained

    other = network.with_arrays([{n: np.nextafter(a, np.inf) for n, a in arrays.items()} for arrays in network.arrays])
    changes = ({"network": other}, {"seed": 4}, {"epochs": 1}, {"images": 301})
    digests = {job("torch", **({"build": "build_mlp", "network": network} | change)).digest for change in changes}
    assert len(digests | {first.digest}) == 5


def test_a_network_that_cannot_be_trained_is_said_and_the_next_one_is_trained(tmp_path):
    pytest.importorskip("torch")
    network = described("torch", 3)
    narrow = type(network)(network.input_shape, network.layers[:-1])
    broken, fine = (
        job("torch", build=build, network=each) for build, each in (("nothing", narrow), ("build_mlp", network))
    )
    runs = retrain([broken, fine], Store(tmp_path), LIMIT_S)
    assert isinstance(runs[broken], Failed)
    assert "nothing" in runs[broken].reason
    assert runs[fine].metrics["test_accuracy"] > 0.1
    assert len(list(tmp_path.rglob("*.json"))) == 1


def test_a_training_that_takes_too_long_is_ended(tmp_path):
    pytest.importorskip("torch")
    endless = job("torch", epochs=100_000)
    assert retrain([endless], Store(tmp_path), 1.0) == {endless: Failed("it took longer than 1 s")}


def test_a_record_is_made_of_many_seeds(tmp_path):
    pytest.importorskip("torch")
    selected = experiment_of(FOLDER, "mlp")
    jobs = tuple(jobs_for(selected, SPEC, Budget("mlp", 1, 200), "torch", "reference", seeds=3))
    runs = retrain(jobs, Store(tmp_path), LIMIT_S)
    reached = summarised(jobs, [runs[each] for each in jobs], "reference")
    assert len(set(reached.accuracies)) > 1
    assert [len(curve) for curve in reached.history.values()] == [1, 1, 1, 1]
    with pytest.raises(OracleError, match="seed 1: it broke"):
        summarised(jobs, [runs[jobs[0]], Failed("it broke"), runs[jobs[2]]], "reference")
