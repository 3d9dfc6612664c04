"""`check: train` and `check: retrain` on whole submissions: what students do, right and wrong, in one worker each."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.data.load import load as load_images
from grader.oracle import budgets, networks
from grader.oracle.budgets import Budget, Reached, Recorded
from grader.oracle.run import load_module
from grader.results import Evidence, Verdict
from grader.session import Job, grade

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "backprop_to_lenet"
CURVE = {"accuracy": (0.4, 0.6), "validation_accuracy": (0.4, 0.6)}
REACHED = Reached("torch", "reference", (0.42, 0.45, 0.48, 0.50, 0.43, 0.46), CURVE, 1.0, "", {})

BEGINNING = """
import numpy as np
import torch
from torch import nn


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def run(model, x, y, xv, yv, epochs):
    optimizer = torch.optim.Adam(model.parameters())
    x, y, xv, yv = map(torch.from_numpy, (x, y, xv, yv))
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        for prefix, images, labels in (("", x, y), ("val_", xv, yv)):
            with torch.no_grad():
                outputs = model(images)
            history[prefix + "loss"].append(nn.functional.cross_entropy(outputs, labels))
            history[prefix + "accuracy"].append((outputs.argmax(1) == labels).float().mean())
    return history


def train_right(model, x, y, xv, yv, epochs):
    return run(model, x, y, xv, yv, epochs)


def train_scaled(model, x, y, xv, yv, epochs):
    return run(model, 2 * x - 1, y, 2 * xv - 1, yv, epochs)


def train_leaks(model, x, y, xv, yv, epochs):
    return run(model, np.concatenate([x, xv]), np.concatenate([y, yv]), xv, yv, epochs)


def train_nothing(model, x, y, xv, yv, epochs):
    return None


def train_in_place(model, x, y, xv, yv, epochs):
    x[:] = np.minimum(x, 0.95)
    return run(model, x, y, xv, yv, epochs)


def train_another(model, x, y, xv, yv, epochs):
    return run(mlp(), x, y, xv, yv, epochs)


def train_invents(model, x, y, xv, yv, epochs):
    history = run(model, x, y, xv, yv, epochs)
    return {**history, "val_accuracy": [0.99] * epochs}


def train_raises(model, x, y, xv, yv, epochs):
    raise ValueError("no such thing")


build_right = build_scaled = build_leaks = build_nothing = mlp
build_in_place = build_another = build_invents = build_raises = mlp


def build_same():
    network = mlp()
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.01)
    return network


def build_known():
    network = mlp()
    with np.load("known.npz") as arrays:
        network.load_state_dict({name: torch.from_numpy(arrays[name]) for name in arrays})
    return network
"""


def model(name, **more):
    settings = {"input": "[28, 28, 1]", "like": "build_mlp", "build": f"build_{name}", **more}
    return f"{name}: {{{', '.join(f'{key}: {value}' for key, value in settings.items())}}}"


def criterion(kind, name, **more):
    settings = {"id": f"{kind}_{name}", "points": 6, "check": kind, "model": name, "experiment": "mlp", **more}
    text = ", ".join(f"{key}: {value}" for key, value in settings.items())
    return f"      - {{title: It trains, epochs: 2, images: 600, {text}}}"


def rubric(models, criteria):
    return "\n".join(
        [
            "assignment: Trained",
            "limits: {total: 20 min, time: 300 s}",
            "parts:",
            "  - id: nets",
            "    files: [networks.py]",
            f"    models: {{{', '.join(models)}}}",
            "    criteria:",
            *criteria,
        ]
    )


@pytest.fixture
def graded(tmp_path, monkeypatch):
    """Grade :data:`BEGINNING` by a rubric with these models and criteria; return the results by criterion."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(models, criteria, more="", known=None):
        root = tmp_path / "course"
        folder = root / "reference" / "backprop_to_lenet"
        (folder / "recorded").mkdir(parents=True)
        for name in ("experiments.py", "preparation.py", "oracle_torch.py"):
            shutil.copy(REFERENCE / name, folder)
        (root / "rubric.yaml").write_text("course: Test\n")
        (folder / "rubric.yaml").write_text(rubric(models, criteria))
        course = load(root, KINDS)
        (folder / "recorded" / networks.FILE).write_bytes(networks.record(course.assignments[0], ("torch",)))
        recorded = Recorded(Budget("mlp", 2, 600), "", (REACHED,))
        (folder / "recorded" / budgets.FILE).write_bytes(budgets.encode([recorded]))
        submission = tmp_path / "somebody"
        submission.mkdir()
        (submission / "networks.py").write_text(BEGINNING + more)
        if known is not None:
            np.savez(submission / "known.npz", **known)
        report = grade(course, Job(submission, seed=5))
        return {result.criterion_id.removeprefix("nets."): result for result in report.results}

    return run


NAMES = ("right", "scaled", "leaks", "nothing", "in_place", "another", "invents", "raises")


def test_each_mistake_of_a_training_function_costs_what_it_should(graded):
    pytest.importorskip("torch")
    models = [model(name, train=f"train_{name}") for name in NAMES]
    results = graded(models, [criterion("train", name) for name in NAMES])
    said = {name: results[f"train_{name}"] for name in NAMES}

    def wrong(name):
        table = said[name].feedback.table
        return [] if table is None else [row[0] for row in table.rows if row[1] == "no"]

    summaries = {name: (result.verdict, result.feedback.summary, result.private) for name, result in said.items()}
    assert said["right"].verdict is Verdict.PASS, summaries
    assert said["scaled"].verdict is Verdict.PASS, summaries
    assert wrong("leaks") == ["it is not trained on the validation images"], summaries
    assert wrong("in_place") == ["the arrays handed in stay as they are"], summaries
    assert wrong("invents") == ["the validation accuracy returned is the one measured"], summaries
    assert "the network handed in is the one that is trained" in wrong("another"), summaries
    assert {"the network learns", "the history has every epoch"} <= set(wrong("nothing")), summaries
    assert said["raises"].verdict is Verdict.CRASH, summaries
    assert "train_raises in networks.py" in said["raises"].feedback.summary
    assert {result.evidence for result in said.values()} == {Evidence.OBSERVED}


def test_a_network_is_judged_by_how_it_trains_and_not_by_what_it_was_trained_to(graded):
    pytest.importorskip("torch")
    names = ("right", "same", "known")
    known = trained_already()
    results = graded([model(name) for name in names], [criterion("retrain", name) for name in names], known=known)
    summaries = {name: (r.verdict, r.feedback.summary, r.feedback.facts, r.private) for name, r in results.items()}
    assert results["retrain_right"].verdict is Verdict.PASS, summaries
    assert not any("trained already" in fact for fact in results["retrain_right"].feedback.facts)
    assert results["retrain_same"].verdict is Verdict.FAIL, summaries
    assert any("one value in all entries" in fact for fact in results["retrain_same"].feedback.facts), summaries
    assert any("trained already" in fact for fact in results["retrain_known"].feedback.facts), summaries
    assert results["retrain_known"].measurements[0].value < 0.6, "it was trained on from where it was"
    assert {result.evidence for result in results.values()} == {Evidence.VERIFIED}, summaries


def trained_already():
    """The weights of an MLP that has seen all training images of the subset, by PyTorch's names."""
    import torch

    oracle = load_module(REFERENCE / "oracle_torch.py")
    data = load_images("fashion-mnist")
    images = (data.train_images.astype(np.float32) / 255)[..., np.newaxis]
    examples = (images, np.eye(10, dtype=np.float32)[data.train_labels])
    network = oracle.build_mlp()
    oracle.train_mlp(network, examples, examples, epochs=4)
    places = {"dense1": 1, "dense2": 3, "logits": 5}
    return {
        f"{places[name.split('.')[0]]}.{name.split('.')[1]}": tensor.numpy()
        for name, tensor in network.state_dict().items()
        if isinstance(tensor, torch.Tensor)
    }


def test_a_training_that_does_not_end_is_told_with_its_limit(graded):
    pytest.importorskip("torch")
    endless = (
        "\n\ndef train_endless(model, x, y, xv, yv, epochs):\n    while True:\n        pass\n\n\nbuild_endless = mlp\n"
    )
    models = [model("endless", train="train_endless")]
    result = graded(models, [criterion("train", "endless", limits="{time: 30 s}")], more=endless)["train_endless"]
    assert result.verdict is Verdict.TIMEOUT
    assert "trained for 2 epochs on 600 images, the 30 s allowed for this criterion ran out" in result.feedback.summary
