"""How long a notebook takes that is replayed quick, and how long it would have taken in full.

    python benchmarks/replay.py keras                  # quick
    python benchmarks/replay.py torch --full           # quick, and in full with one epoch for each training

The notebook has 40 cells and six trainings on 60,000 images, as a student would write it. A full run with one epoch is
timed, since a real one takes an hour; its trainings are then multiplied by the epochs that the notebook asks for.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.grading.prepare import prepare
from grader.recording.events import Recording, ReplayMode, Trained

EPOCHS = 10
RUBRIC = """\
assignment: Six networks
parts:
  - {id: nets, title: Networks, files: [hw.ipynb], models: {lenet: {input: [28, 28, 1]}}, criteria: [
      {id: asked, title: Asked, points: 1, check: recorded, ask: {batch_size: 128}}]}
"""
NETWORKS = ("mlp", "mlp_dropout", "lenet", "lenet_dropout", "lenet_batch_norm", "lenet_strided")

KERAS = {
    "imports": "import keras, numpy as np, matplotlib.pyplot as plt\nfrom keras import layers",
    "data": "(x, y), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()",
    "scale": "x, x_test = x[..., None].astype('float32') / 255, x_test[..., None].astype('float32') / 255",
    "split": "x_val, y_val, x, y = x[50000:], y[50000:], x[:50000], y[:50000]",
    "helper": """\
def lenet(dropout=0.0, norm=False, strides=1):
    net = [keras.Input((28, 28, 1)), layers.Conv2D(6, 5, padding='same', strides=strides, activation='relu')]
    net += [layers.MaxPooling2D(2)] if strides == 1 else []
    net += [layers.BatchNormalization()] if norm else []
    net += [layers.Conv2D(16, 5, activation='relu'), layers.MaxPooling2D(2), layers.Flatten()]
    for units in (120, 84):
        net += [layers.Dense(units, activation='relu')] + ([layers.Dropout(dropout)] if dropout else [])
    return keras.Sequential(net + [layers.Dense(10, activation='softmax')])

def mlp(dropout=0.0):
    net = [keras.Input((28, 28, 1)), layers.Flatten()]
    for units in (128, 64):
        net += [layers.Dense(units, activation='relu')] + ([layers.Dropout(dropout)] if dropout else [])
    return keras.Sequential(net + [layers.Dense(10, activation='softmax')])""",
    "train": """\
{name} = {build}
{name}.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
best = keras.callbacks.ModelCheckpoint('{name}.keras', save_best_only=True)
{name}_history = {name}.fit(x, y, batch_size=128, epochs=EPOCHS, callbacks=[best],
                     validation_data=(x_val, y_val)).history""",
    "plot": "plt.plot(range(1, EPOCHS + 1), {name}_history['val_accuracy'], label='{name}'); plt.legend(); plt.show()",
    "test": "{name} = keras.models.load_model('{name}.keras')\nprint({name}.evaluate(x_test, y_test))",
    "last": "guesses = lenet_net.predict(x_test).argmax(1)\nprint((guesses == y_test).mean())",
}
TORCH = {
    "imports": """\
import torch, copy, matplotlib.pyplot as plt
from torch import nn
from torchvision import datasets, transforms""",
    "data": """\
whole = datasets.FashionMNIST('data', train=True, download=True, transform=transforms.ToTensor())
test = datasets.FashionMNIST('data', train=False, download=True, transform=transforms.ToTensor())""",
    "scale": "torch.manual_seed(0)",
    "split": """\
train, held_out = torch.utils.data.random_split(whole, [50000, 10000])
loaders = [torch.utils.data.DataLoader(s, batch_size=128, shuffle=s is train) for s in (train, held_out, test)]
train_loader, val_loader, test_loader = loaders""",
    "helper": """\
def head(n, dropout):
    parts = []
    for a, b in ((n, 120), (120, 84)):
        parts += [nn.Linear(a, b), nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return [nn.Flatten(), *parts, nn.Linear(84, 10)]

def lenet(dropout=0.0, norm=False, strides=1):
    body = [nn.Conv2d(1, 6, 5, padding=2, stride=strides), nn.ReLU()]
    body += [nn.MaxPool2d(2)] if strides == 1 else []
    body += [nn.BatchNorm2d(6)] if norm else []
    return nn.Sequential(*body, nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), *head(400, dropout))

def mlp(dropout=0.0):
    return nn.Sequential(*head(784, dropout))

def accuracy(net, loader):
    net.eval()
    with torch.no_grad():
        return sum((net(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)

def fit(net, epochs):
    optimizer, criterion = torch.optim.Adam(net.parameters()), nn.CrossEntropyLoss()
    history, best = [], 0
    for epoch in range(epochs):
        net.train()
        for x, y in train_loader:
            optimizer.zero_grad(); criterion(net(x), y).backward(); optimizer.step()
        history.append(accuracy(net, val_loader))
        if history[-1] >= best:
            best, weights = history[-1], copy.deepcopy(net.state_dict())
    net.load_state_dict(weights)
    return history""",
    "train": "{name} = {build}\n{name}_history = fit({name}, EPOCHS)",
    "plot": "plt.plot(range(1, EPOCHS + 1), {name}_history, label='{name}'); plt.legend(); plt.show()",
    "test": "print(accuracy({name}, test_loader))",
    "last": "print(len(test_loader))",
}
BUILDS = {
    "mlp": "mlp()", "mlp_dropout": "mlp(0.5)", "lenet": "lenet()", "lenet_dropout": "lenet(0.5)",
    "lenet_batch_norm": "lenet(norm=True)", "lenet_strided": "lenet(strides=2)",
}  # fmt: skip


def notebook(source: dict[str, str], epochs: int) -> str:
    """Return a notebook of 40 cells, 24 of them code."""
    cells: list[tuple[str, str]] = [("markdown", "# Six networks"), ("code", source["imports"])]
    cells += [("code", f"EPOCHS = {epochs}")]
    for key in ("data", "scale", "split", "helper"):
        cells += [("markdown", f"## {key}"), ("code", source[key])] if key != "split" else [("code", source[key])]
    for name in NETWORKS:
        fields = {"name": f"{name}_net", "build": BUILDS[name]}
        cells += [("markdown", f"## {name}"), ("code", source["train"].format(**fields))]
        cells += [("code", source["plot"].format(**fields)), ("code", source["test"].format(**fields))]
        cells += [("markdown", "The curve rises.")] if name not in ("lenet_strided",) else []
    cells += [("code", source["last"])]
    made = [
        {"cell_type": kind, "metadata": {}, "source": text}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, text in cells
    ]
    assert len(made) == 40, len(made)
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def replay(text: str, mode: ReplayMode) -> tuple[Recording, float]:
    """Return what a replay of the notebook told, and its seconds, a worker's start included."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assignment = folder / "course" / "reference" / "six"
        assignment.mkdir(parents=True)
        (folder / "course" / "rubric.yaml").write_text("course: Replay\n")
        (assignment / "rubric.yaml").write_text(RUBRIC)
        (folder / "somebody").mkdir()
        (folder / "somebody" / "hw.ipynb").write_text(text)
        grading = prepare(load(folder / "course", KINDS), folder / "somebody", assignment="six", replay=mode)
        try:
            started = time.perf_counter()
            (recording,) = grading.recordings()
            return recording, time.perf_counter() - started
        finally:
            grading.close()


def told(recording: Recording, seconds: float) -> float:
    """Print what took the time; return the seconds of the cells that train."""
    trainings = [(cell, event) for cell in recording.cells for event in cell.events if isinstance(event, Trained)]
    in_cells = sum(cell.wall_s for cell in recording.cells)
    training_s = sum({cell.number: cell.wall_s for cell, _ in trainings}.values())
    ran = sum(cell.status == "ran" for cell in recording.cells)
    steps = sum(event.steps_run for _, event in trainings)
    print(f"{recording.mode:6} {seconds:7.1f} s: {ran} of {len(recording.cells)} cells ran, {len(trainings)} trainings")
    start_s, other_s = seconds - in_cells, in_cells - training_s
    print(f"       start {start_s:.1f} s, training {training_s:.1f} s ({steps:,} steps), other {other_s:.1f} s")
    for cell in recording.cells:
        if cell.failure is not None:
            print(f"       cell {cell.number}: {cell.failure.kind} ({cell.cause}): {cell.failure.message[:100]}")
    return training_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework", choices=["keras", "torch"])
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    source = KERAS if arguments.framework == "keras" else TORCH
    recording, quick_s = replay(notebook(source, EPOCHS), "quick")
    told(recording, quick_s)
    if arguments.full:
        recording, one_epoch_s = replay(notebook(source, 1), "full")
        training_s = told(recording, one_epoch_s)
        full_s = one_epoch_s + (EPOCHS - 1) * training_s
        print(f"{EPOCHS} epochs each would take {full_s:,.0f} s in full: quick takes {quick_s / full_s:.1%} of that")


if __name__ == "__main__":
    main()
