"""The course that attacks on networks, their records and notebooks are handed in to, and honest work in it."""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.oracle import budgets, networks
from grader.oracle.budgets import Budget, Reached, Recorded
from tests.attacks.ground import USER, Ground, Secrets
from tests.frameworks.attacks.hostile_files import scalar_event
from tests.frameworks.small_course import as_inputs

REFERENCE = Path(__file__).resolve().parents[3] / "reference" / "backprop_to_lenet"
NETWORKS, NOTEBOOK = "networks.py", "hw.ipynb"
CORPUS = Path(__file__).parent / "corpus"
WORK = (CORPUS / "networks" / "_work.py").read_text()
"""Honest work, which the attacks on networks begin from."""
TORCH = '''\
"""Hands in what stands in _work.py."""

import _work


def build_mlp():
    return _work.mlp()


def build_again():
    return _work.mlp()


def build_drop():
    return _work.drop()


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    return _work.train(network, x, y, x_validation, y_validation, epochs)


def plot_history(history):
    _work.plot(history)
'''
POINTS = {
    "picture": 1,
    "zebra": 2,
    "layers": 1,
    "parameters": 1,
    "computes": 3,
    "dropout": 2,
    "accuracy": 3,
    "reported": 1,
    "trained": 2,
    "apart": 2,
    "records": 2,
    "retrained": 2,
    "asked": 2,
    "kept": 2,
}
HIDDEN_TITLE = "The zebra criterion"
HIDDEN_INPUT = 7361925.5
"""Stands in a hidden criterion's history, and nowhere else."""

COURSE = """\
course: Networks under attack
defaults:
  limits: {time: 20 s, total: 60 s, memory: 3 GiB, processes: 128, output: 4 KiB}
"""
RUBRIC = f"""\
# SECRET
assignment: Networks
parts:
  - id: nets
    title: Small networks
    files: [{NETWORKS}]
    cases_file: cases.py
    models:
      mlp: {{input: [28, 28, 1], build: build_mlp, weights: [mlp.*], train: train_mlp}}
      again: {{input: [28, 28, 1], build: build_again, like: build_mlp}}
      drop: {{input: [28, 28, 1], build: build_drop}}
    plots:
      plot_history: {{accepts: [history]}}
    criteria:
      - {{id: picture, title: Curves, points: 1, check: figures, call: plot_history, lines: [loss], x_label: required,
         cases: [shown]}}
      - {{id: zebra, title: {HIDDEN_TITLE}, points: 2, check: figures, call: plot_history, lines: [loss],
         x_label: required, cases: [never_shown], visible: never}}
      - {{id: layers, title: Layers, points: 1, check: layers, model: mlp}}
      - {{id: parameters, title: Parameters, points: 1, check: parameters, model: mlp}}
      - {{id: computes, title: What it computes, points: 3, check: transplant, model: mlp}}
      - {{id: dropout, title: Dropout, points: 2, check: mode, of: dropout, model: drop}}
      - {{id: accuracy, title: Accuracy, points: 3, check: accuracy, model: mlp, dataset: fashion-mnist,
         full_marks_from: 65%, no_marks_below: 30%}}
      - {{id: reported, title: Figures, points: 1, check: metric, model: mlp, dataset: fashion-mnist}}
      - {{id: trained, title: Training, points: 2, check: train, model: mlp, experiment: mlp, epochs: 2, images: 600,
         of: [learns]}}
      - {{id: apart, title: Validation, points: 2, check: train, model: mlp, experiment: mlp, epochs: 2, images: 600,
         of: [keeps_apart]}}
      - {{id: records, title: Records, points: 2, check: training, model: mlp, of: [history, tensorboard], epochs: 3,
         keys: [loss], scalars: [loss]}}
      - {{id: retrained, title: Training again, points: 2, check: retrain, model: again, experiment: mlp, epochs: 2,
         images: 600}}
"""
NOTEBOOK_RUBRIC = f"""\
# SECRET
assignment: A notebook
replay: quick
parts:
  - id: replayed
    title: The notebook
    files: [{NOTEBOOK}]
    models:
      mlp: {{input: [28, 28, 1], build: build_mlp, like: build_mlp}}
    criteria:
      - {{id: asked, title: How it is trained, points: 2, check: recorded, ask: {{batch_size: 64, optimizer: adam}}}}
      - {{id: kept, title: The test set is kept apart, points: 2, check: recorded, ask: {{test_set_kept_apart: true}}}}
"""
CASES = f'''\
"""SECRET"""

import numpy as np


def shown(rng):
    return {{"history": {{"loss": np.sort(rng.random(5))[::-1]}}}}


def never_shown(rng):
    return {{"history": {{"loss": np.full(5, {HIDDEN_INPUT})}}}}
'''
ORACLE = '''

def build_drop():
    """SECRET"""
    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10))
'''
KERAS = '''\
"""Honest work in Keras."""

import keras
from keras import layers


def build_mlp():
    return keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(128, activation="relu"),
        layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax"),
    ])
'''
CELLS = '''\
"""An honest notebook in PyTorch."""
# %%
import torch
from torch import nn
from torchvision import datasets

torch.manual_seed(0)
from torch.utils.data import DataLoader, TensorDataset

train = datasets.FashionMNIST(".", train=True, download=True)
test = datasets.FashionMNIST(".", train=False, download=True)
# %%
mlp = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.Adam(mlp.parameters())
x, y = train.data[:1000, None] / 255, train.targets[:1000]
xv, yv = train.data[50000:50512, None] / 255, train.targets[50000:50512]
# %%
for epoch in range(3):
    for images, labels in DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(mlp(images), labels).backward()
        optimizer.step()
    mlp.eval()
    with torch.no_grad():
        print((mlp(xv).argmax(1) == yv).float().mean())
    mlp.train()
# %%
mlp.eval()
with torch.no_grad():
    print((mlp(test.data[:, None] / 255).argmax(1) == test.targets).float().mean())
'''


def write_course(folder: Path, hidden: Secrets) -> Path:
    """Write the course with its secrets into ``folder``, readable by everybody, and return it."""
    (folder / "reference").mkdir(parents=True)
    (folder / "rubric.yaml").write_text(COURSE)
    (folder / ".grader-secret").write_text(hidden.course_secret)
    for name, rubric in (("networks", RUBRIC), ("notebook", NOTEBOOK_RUBRIC)):
        assignment = folder / "reference" / name
        (assignment / "recorded").mkdir(parents=True)
        (assignment / "rubric.yaml").write_text(rubric.replace("SECRET", hidden.rubric))
        (assignment / "cases.py").write_text(CASES.replace("SECRET", hidden.cases))
        for file in ("experiments.py", "preparation.py"):
            shutil.copy(REFERENCE / file, assignment)
        oracle = (REFERENCE / "oracle_torch.py").read_text() + ORACLE.replace("SECRET", hidden.reference)
        (assignment / "oracle_torch.py").write_text(oracle)
    for assignment in load(folder, KINDS).assignments:
        recorded = assignment.folder / "recorded"
        (recorded / networks.FILE).write_bytes(networks.record(assignment, ("torch",)))
        curve = {"accuracy": (0.4, 0.6), "validation_accuracy": (0.4, 0.6)}
        reached = Reached("torch", "reference", (0.42, 0.45, 0.48, 0.50, 0.43, 0.46), curve, 1.0, "", {})
        (recorded / budgets.FILE).write_bytes(budgets.encode([Recorded(Budget("mlp", 2, 600), "", (reached,))]))
    return folder


@cache
def honest_files() -> dict[str, bytes]:
    """Return what somebody who trained the network has, by name: weights, the figure that they reach, a history of
    three epochs, and its curve for TensorBoard."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write_weights(folder)
        _write_records(folder)
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _write_weights(folder: Path) -> None:
    import torch

    from grader.data.load import load as load_images

    namespace: dict = {}
    exec(WORK, namespace)
    torch.manual_seed(0)
    network, data = namespace["mlp"](), load_images("fashion-mnist")
    x, y = as_inputs(data.train_images), data.train_labels.astype(np.int64)
    namespace["train"](network, x.numpy(), y, x[:100].numpy(), y[:100], 2)
    with torch.no_grad():
        predicted = network(as_inputs(data.test_images)).argmax(1).numpy()
    torch.save(network.state_dict(), folder / "mlp.pt")
    reached = float((predicted == data.test_labels).mean())
    (folder / "results.json").write_text(json.dumps({"mlp": {"test_accuracy": reached}}))


def _write_records(folder: Path) -> None:
    losses = [0.9, 0.6, 0.5]
    (folder / "history").mkdir()
    (folder / "history" / "mlp.json").write_text(json.dumps({"loss": losses}))
    events = folder / "runs" / "mlp" / "events.out.tfevents.1.host"
    events.parent.mkdir(parents=True)
    events.write_bytes(b"".join(scalar_event(b"loss", loss, step) for step, loss in enumerate(losses)))


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files by name into ``folder``."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def as_notebook(cells: str) -> str:
    """Return the notebook whose code cells are ``cells``, divided by ``# %%``; the docstring is its first text."""
    title, *sources = cells.split("# %%\n")
    made = [{"cell_type": "markdown", "metadata": {}, "source": title}]
    made += [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
        for source in sources
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def write_network(folder: Path) -> None:
    """Write a ``networks.py`` with an honest network in PyTorch, and nothing else, into ``folder``."""
    (folder / NETWORKS).write_text("import _work\n\n\ndef build_mlp():\n    return _work.mlp()\n")
    (folder / "_work.py").write_text(WORK)


def _in_torch(folder: Path) -> None:
    (folder / NETWORKS).write_text(TORCH)
    (folder / "_work.py").write_text(WORK)
    write_files(honest_files(), folder)


def _notebook(folder: Path) -> None:
    (folder / NOTEBOOK).write_text(as_notebook(CELLS))


def _hand_in(file: Path, folder: Path) -> None:
    if file.parent.name == "replay":
        (folder / NOTEBOOK).write_text(as_notebook(file.read_text("utf-8")))
    else:
        shutil.copy(file, folder / NETWORKS)


GROUND = Ground(
    corpus=CORPUS,
    points=POINTS,
    echoes={"zebra": "picture"},
    hidden_numbers={"hidden input": HIDDEN_INPUT},
    hidden_title=HIDDEN_TITLE,
    write=write_course,
    honest={"aaron": _in_torch, "zoe": _notebook},
    hand_in=_hand_in,
    described_by=NETWORKS,
    # each keeps templates of its own, with a framework in them
    jobs=2,
    # what was retrained, and what PyTorch compiles
    kept=frozenset((".cache", f"torchinductor_{USER}")),
)
