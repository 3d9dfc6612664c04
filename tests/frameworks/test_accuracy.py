"""Trained weights handed in, in every format and both frameworks, graded behind walls."""

import json

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from grader.data.load import load as load_data
from grader.session import Job, grade
from tests.frameworks.small_course import KERAS, ORACLE, as_inputs, by_id, make_course, trained

ACCURACY = "check: accuracy, dataset: mnist, full_marks_from: 70%, no_marks_below: 30%"


@pytest.fixture(scope="module")
def images():
    return load_data("mnist")


@pytest.fixture(scope="module")
def network(images):
    return trained(images.train_images[:1500], images.train_labels[:1500])


@pytest.fixture(scope="module")
def reached(network, images):
    with torch.no_grad():
        predicted = network(as_inputs(images.test_images)).argmax(1).numpy()
    accuracy = float((predicted == images.test_labels).mean())
    assert accuracy > 0.75, "the tests below need a network that has learned something"
    return accuracy


@pytest.fixture
def grade_files(tmp_path):
    """Grade a folder that ``fill`` fills, with one model for each file name and criteria about them."""

    def run(fill, files, criteria=None):
        alice = tmp_path / "alice"
        alice.mkdir()
        fill(alice)
        models = {name: f"weights: [{file}]" for name, file in files.items()}
        kinds = {name: f"model: {name}, {ACCURACY}" for name in files} if criteria is None else criteria
        course = make_course(tmp_path / "course", models, kinds)
        found = by_id(grade(course, Job(alice, assignment="small")))
        assert not any(result.verdict == "GRADER_FAULT" for result in found.values()), found
        return found

    return run


def test_every_format_of_pytorch_reaches_what_pytorch_computes(network, reached, grade_files):
    state = network.state_dict()

    def fill(alice):
        (alice / "networks.py").write_text(ORACLE)
        torch.save(state, alice / "plain.pt")
        torch.save(state, alice / "old.pth", _use_new_zipfile_serialization=False)
        torch.save({"epoch": 3, "model_state_dict": {f"module.{k}": v for k, v in state.items()}}, alice / "wrapped.pt")
        torch.save({"state_dict": {k: v.double() for k, v in state.items()}}, alice / "double.pt")
        np.savez(alice / "arrays.npz", **{name: tensor.numpy() for name, tensor in state.items()})
        offset, header, body = 0, {}, b""
        for name, tensor in state.items():
            content = tensor.numpy().tobytes()
            header[name] = {
                "dtype": "F32",
                "shape": list(tensor.shape),
                "data_offsets": [offset, offset + len(content)],
            }
            offset, body = offset + len(content), body + content
        text = json.dumps(header).encode()
        (alice / "safe.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + body)
        # trained on pixels from 0 to 255: the same network with a smaller first kernel
        torch.save({**state, "0.weight": state["0.weight"] / 255}, alice / "raw.pt")

    files = {
        "plain": "plain.pt", "old": "old.pth", "wrapped": "wrapped.pt", "double": "double.pt", "arrays": "arrays.npz",
        "safe": "safe.safetensors", "raw": "raw.pt",
    }  # fmt: skip
    found = grade_files(fill, files)
    for name, result in found.items():
        assert (result.verdict, result.evidence) == ("PASS", "VERIFIED"), (name, result)
        # float64 and NumPy may decide a close call otherwise
        assert result.accuracy == pytest.approx(reached, abs=0.002), name
        pixels = "pixels from 0 to 255" if name == "raw" else "pixels from 0 to 1"
        assert pixels in result.text, name


def test_every_format_of_keras_reaches_what_pytorch_computes(network, reached, grade_files):
    keras = pytest.importorskip("keras")
    from grader.transplant.transplant import trace, transplant

    namespace = {}
    exec(KERAS, namespace)
    theirs = namespace["build_small"]()
    transplant(trace(network, (28, 28, 1)).network, trace(theirs))
    other = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Rescaling(1.0), *theirs.layers])

    def fill(alice):
        (alice / "networks.py").write_text(KERAS)
        theirs.save(alice / "whole.keras")
        theirs.save_weights(alice / "some.weights.h5")
        np.savez(alice / "arrays.npz", *theirs.get_weights())
        other.save(alice / "written_otherwise.keras")

    files = {
        "whole": "whole.keras", "some": "some.weights.h5", "arrays": "arrays.npz", "other": "written_otherwise.keras"
    }  # fmt: skip
    for name, result in grade_files(fill, files).items():
        assert (result.verdict, result.evidence) == ("PASS", "VERIFIED"), (name, result)
        assert result.accuracy == pytest.approx(reached, abs=0.002), name


STRANGE = """
import torch
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 4, 5, stride=2), nn.Linear(144, 10)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv(x)), 2)
        return torch.einsum("ni,ki->nk", x.flatten(1), self.fc.weight) + self.fc.bias


def build_small():
    return Small()
"""

TABLE = """
import numpy as np
import torch
from torch import nn

ANSWERS = dict(np.load("table.npy", allow_pickle=False).tolist())


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 1)

    def forward(self, x):
        keys = (x.reshape(len(x), -1).double() * 255).round().long() @ torch.arange(1, 785)
        return nn.functional.one_hot(torch.tensor([ANSWERS.get(int(k), 0) for k in keys]), 10).float()


def build_small():
    return Small()
"""


def test_a_network_that_cannot_be_read_is_measured_by_what_it_returns(network, reached, grade_files):
    def fill(alice):
        (alice / "networks.py").write_text(STRANGE)
        state = network.state_dict()
        named = {"conv.weight": "0.weight", "conv.bias": "0.bias", "fc.weight": "4.weight", "fc.bias": "4.bias"}
        torch.save({own: state[name] for own, name in named.items()}, alice / "small.pt")

    found = grade_files(fill, {"small": "small.pt"})["small"]
    assert (found.verdict, found.evidence) == ("PASS", "OBSERVED"), found
    assert found.accuracy == pytest.approx(reached, abs=0.002)
    assert "outputs of your own network (its layers could not be read)" in found.text


def test_a_table_of_answers_gets_no_points(images, grade_files):
    def fill(alice):
        (alice / "networks.py").write_text(TABLE)
        torch.save({"fc.weight": torch.zeros(1, 1), "fc.bias": torch.zeros(1)}, alice / "small.pt")
        known = np.concatenate([images.test_images, images.train_images[:300]]).reshape(-1, 784).astype(np.int64)
        labels = np.concatenate([images.test_labels, images.train_labels[:300]])
        np.save(alice / "table.npy", np.stack([known @ np.arange(1, 785), labels], axis=1))

    found = grade_files(fill, {"small": "small.pt"})["small"]
    assert (found.verdict, found.awarded) == ("NEEDS_REVIEW", 0.0), found
    assert "not on slightly changed copies" in found.text


def test_figures_reported_are_compared_with_the_weights(network, reached, grade_files):
    worse = {name: tensor * (0.05 if name == "4.weight" else 1) for name, tensor in network.state_dict().items()}
    worse["4.bias"] = torch.tensor([9.0] + 9 * [0.0])

    def fill(alice):
        (alice / "networks.py").write_text(ORACLE)
        torch.save(network.state_dict(), alice / "good.pt")
        torch.save(worse, alice / "bad.pt")
        figures = {"good": {"test_accuracy": round(reached, 4)}, "bad": {"test_accuracy": round(reached, 4)}}
        (alice / "results.json").write_text(json.dumps(figures))

    metric = "check: metric, dataset: mnist, within: 0.3%"
    criteria = {name: f"model: {name}, {metric}" for name in ("good", "bad", "unsaid")}
    criteria["loss"] = f"model: good, of: test_loss, {metric}"
    found = grade_files(fill, {"good": "good.pt", "bad": "bad.pt", "unsaid": "good.pt"}, criteria)
    assert (found["good"].verdict, found["good"].evidence) == ("PASS", "VERIFIED"), found["good"]
    assert found["bad"].verdict == "FAIL"
    assert "which is not what its trained weights reach" in found["bad"].text
    assert found["unsaid"].verdict == found["loss"].verdict == "MISSING"
    assert 'expected {"unsaid": {"test_accuracy": …}}' in found["unsaid"].text
    assert "'test_accuracy' for 'good'" in found["loss"].text
