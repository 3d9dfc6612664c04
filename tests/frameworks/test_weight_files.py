"""Hostile and broken weight files: each ends in a clear verdict, and the network beside them keeps its points."""

import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from grader.sandbox.worker.operations import weights_torch
from grader.sandbox.worker.operations.live_torch import TorchNetwork
from grader.sandbox.worker.operations.weight_files import UnusableFile
from grader.session import Job, grade
from tests.frameworks.small_course import KERAS, ORACLE, by_id, make_course

# any network earns the point: what is tested is which files can be used at all
ACCURACY = "check: accuracy, dataset: mnist, full_marks_from: 1%, no_marks_below: 0%"


def small():
    namespace: dict = {}
    exec(ORACLE, namespace)
    return namespace["build_small"]()


def small_in_keras():
    namespace: dict = {}
    exec(KERAS, namespace)
    return namespace["build_small"]()


@pytest.fixture
def grade_files(tmp_path):
    """Hand in every file that is in the folder ``alice``, each as the weights of a model of its own."""

    def run(source):
        alice = tmp_path / "alice"
        files = {path.name.replace(".", "_"): path.name for path in sorted(alice.iterdir())}
        files["nowhere"] = "nowhere.pt"
        (alice / "networks.py").write_text(source)
        models = {name: f"weights: [{file}]" for name, file in files.items()}
        criteria = {name: f"model: {name}, {ACCURACY}" for name in files}
        course = make_course(tmp_path / "course", models, criteria)
        found = by_id(grade(course, Job(alice, assignment="small")))
        return {files[name]: (result.verdict, result.text) for name, result in found.items()}

    (tmp_path / "alice").mkdir()
    return run


def check(found, expected):
    """Compare verdicts and texts; ``expected`` has for each file the verdict and words of the text."""
    assert {name: verdict for name, (verdict, _) in found.items()} == {
        name: verdict for name, (verdict, *_) in expected.items()
    }, found
    for name, (_, *words) in expected.items():
        for word in words:
            assert word in found[name][1], (name, found[name])


class Evil:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_files_for_pytorch(tmp_path, grade_files):
    alice, network = tmp_path / "alice", small()
    state = network.state_dict()
    huge = json.dumps({"0.weight": {"dtype": "F32", "shape": [2**31], "data_offsets": [0, 2**33]}}).encode()
    torch.save(state, alice / "good.pt")
    torch.save({**state, "4.bias": torch.tensor([float("nan")] * 10)}, alice / "nan.pt")
    torch.save({**state, "0.weight": torch.zeros(6, 1, 5, 5)}, alice / "shapes.pt")
    torch.save({**state, "0.weight": torch.zeros(1).expand(100_000, 100_000)}, alice / "expanded.pt")
    torch.save(
        {"0.weight": state["0.weight"], "0.bias": state["0.bias"], "fc.bias": state["4.bias"]}, alice / "keys.pt"
    )
    torch.save({name: tensor.sign() * 1e38 for name, tensor in state.items()}, alice / "overflows.pt")
    torch.save(network, alice / "module.pt")
    torch.save({"weights": [1, 2]}, alice / "numbers.pt")
    (alice / "evil.pt").write_bytes(pickle.dumps(Evil(Path("ran")), protocol=2))
    (alice / "cut.pt").write_bytes((alice / "good.pt").read_bytes()[:-200])
    (alice / "empty.pt").write_bytes(b"")
    (alice / "picture.pt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (alice / "huge.safetensors").write_bytes(struct.pack("<Q", len(huge)) + huge)
    bomb = bytearray((alice / "good.pt").read_bytes())
    directory = bomb.rindex(b"PK\1\2")
    bomb[directory + 24 : directory + 28] = struct.pack("<I", 4_000_000_000)
    (alice / "bomb.pt").write_bytes(bytes(bomb))
    np.savez(alice / "objects.npz", weight=np.array([{"a": 1}], object))
    with zipfile.ZipFile(alice / "other.keras", "w") as archive:
        archive.writestr("config.json", "{}")

    check(
        grade_files(ORACLE),
        {
            "good.pt": ("PASS", "right on"),
            "nan.pt": ("FAIL", "it holds values that are not numbers", "4.bias"),
            "shapes.pt": ("FAIL", "1 of its arrays have another shape", "0.weight: 4×1×5×5 in the network, 6×1×5×5 in"),
            "expanded.pt": ("FAIL", "0.weight: 4×1×5×5 in the network, 100000×100000 in the file"),
            "keys.pt": ("FAIL", "missing in the file: 4.weight, 4.bias", "not in the network: fc.bias"),
            "overflows.pt": ("PARTIAL", "right on 0.0%"),
            "module.pt": ("FAIL", "it holds a pickled torch.nn.modules.container.Sequential, which is never loaded"),
            "numbers.pt": ("FAIL", "it holds a dict without tensors, not a state dict"),
            "evil.pt": ("FAIL", "which is never loaded, because that runs code"),
            "cut.pt": ("FAIL", "it is damaged, or not a file that torch.save makes"),
            "empty.pt": ("FAIL", "empty.pt cannot be used: it is empty."),
            "picture.pt": ("FAIL", "picture.pt cannot be used: it"),
            "huge.safetensors": ("FAIL", "it claims 8,589,934,592 bytes for 0.weight"),
            "bomb.pt": ("FAIL", "bytes; at most 512 MiB are read"),
            "objects.npz": ("FAIL", "weight in it is a pickled Python object, which is never loaded"),
            "other.keras": ("FAIL", "the network was built with PyTorch, whose weights are read from .pt, .pth"),
            "nowhere.pt": ("MISSING", "no file handed in is called nowhere.pt"),
        },
    )


def test_files_for_keras(tmp_path, grade_files):
    keras = pytest.importorskip("keras")
    import h5py

    alice, network = tmp_path / "alice", small_in_keras()
    layers = keras.layers
    network.save(alice / "good.keras")
    network.save_weights(alice / "good.weights.h5")
    weights = network.get_weights()
    np.savez(alice / "nan.npz", *weights[:-1], np.full(10, np.nan, np.float32))
    wider = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(6, 5), layers.Flatten(), layers.Dense(10)])
    wider.save(alice / "shapes.keras")
    wider.save_weights(alice / "shapes.weights.h5")
    without_dense = keras.Sequential([keras.Input((28, 28, 1)), *network.layers[:-1]])
    without_dense.save_weights(alice / "missing.weights.h5")
    # the function of a Lambda travels as code
    halved = keras.Sequential([keras.Input((28, 28, 1)), layers.Lambda(lambda x: x / 2), *network.layers])
    halved.save(alice / "code.keras")
    nested = keras.Sequential([keras.Input((28, 28, 1)), layers.Lambda(lambda x: x / 2), network])
    nested.save(alice / "nested_code.keras")
    content = (alice / "good.keras").read_bytes()
    (alice / "cut.keras").write_bytes(content[: len(content) // 2])
    (alice / "cut.weights.h5").write_bytes((alice / "good.weights.h5").read_bytes()[:5000])
    (alice / "picture.h5").write_bytes(b"\x89PNG\r\n\x1a\n" * 50)
    with h5py.File(alice / "huge.weights.h5", "w") as file:
        # never written, so it takes no room
        file.create_dataset("layers/conv2d/vars/0", shape=(2_500_000_000,), dtype="f4", chunks=(1000,))
    with zipfile.ZipFile(alice / "empty.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    torch.save(small().state_dict(), alice / "other.pt")

    check(
        grade_files(KERAS),
        {
            "good.keras": ("PASS", "right on"),
            "good.weights.h5": ("PASS", "right on"),
            "nan.npz": ("FAIL", "it holds values that are not numbers"),
            "shapes.keras": ("FAIL", "have another shape than the network's", "in the network, 5×5×1×6 in the file"),
            "shapes.weights.h5": ("FAIL", "its weights do not fit the network"),
            "missing.weights.h5": ("FAIL", "its weights do not fit the network", "missing in the file: "),
            "code.keras": ("PASS", "right on"),
            "nested_code.keras": ("FAIL", "its weights do not fit the network", "Lambda"),
            "cut.keras": ("FAIL", "it is not a file that model.save makes, or is damaged"),
            "cut.weights.h5": ("FAIL", "it is damaged, or not an HDF5 file"),
            "picture.h5": ("FAIL", "it is damaged, or not an HDF5 file"),
            "huge.weights.h5": ("FAIL", "its arrays claim 10,000,000,000 bytes"),
            "empty.keras": ("FAIL", "it has no model.weights.h5"),
            "other.pt": ("FAIL", "the network was built with Keras, whose weights are read from .keras"),
            "nowhere.pt": ("MISSING", "no file handed in is called nowhere.pt"),
        },
    )


def test_what_is_pickled_in_a_weight_file_does_not_run(tmp_path):
    class Module(torch.nn.Linear):
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    live = TorchNetwork(small(), "networks.py", (28, 28, 1))
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Evil(tmp_path / "ran"), protocol=2))
    torch.save({"0.weight": Module(1, 1)}, tmp_path / "zipped.pt")
    for name in ("plain.pt", "zipped.pt"):
        with pytest.raises(UnusableFile, match="which is never loaded, because that runs code"):
            weights_torch.load_pt(live, tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_a_network_keeps_its_weights_when_a_file_cannot_be_used(tmp_path):
    from types import SimpleNamespace

    from grader.sandbox.worker.operations.weights import load_weights

    network = small()
    live = TorchNetwork(network, "networks.py", (28, 28, 1))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    # the last array is the one that cannot be used
    torch.save({**{k: v + 1 for k, v in before.items()}, "4.bias": torch.full((10,), torch.inf)}, tmp_path / "inf.pt")
    bench = SimpleNamespace(network=lambda _handle: live, root=tmp_path)
    answer = load_weights(bench, "handle", "inf.pt")
    assert answer == {"problem": "it holds values that are not numbers (NaN or infinite)", "details": ("4.bias",)}
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
