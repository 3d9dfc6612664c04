"""A course with one small network, and submissions that hand in its trained weights: for grading with real workers."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.oracle.networks import FILE, record

ORACLE = """
from torch import nn


def build_small():
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 10)
    )
"""
KERAS = """
import keras
from keras import layers


def build_small():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(4, 5, strides=2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ])
"""
COURSE = "course: Small networks\ndefaults: {limits: {time: 120 s, total: 10 min}}\n"
CRITERION = "      - {{id: {id}, title: {id}, points: 1, {check}}}\n"


def make_course(root: Path, models: dict[str, str], criteria: dict[str, str]):
    """Write a course with the assignment ``small`` and load it.

    Args:
        models: the keys of a model besides its builder and input, by name.
        criteria: the keys of a criterion besides its id, title and points, by id.
    """
    folder = root / "reference" / "small"
    (folder / "recorded").mkdir(parents=True)
    (root / "rubric.yaml").write_text(COURSE)
    (folder / "oracle_torch.py").write_text(ORACLE)
    lines = [f"        {name}: {{build: build_small, input: [28, 28, 1], {keys}}}\n" for name, keys in models.items()]
    lines.append("    criteria:\n")
    lines += [CRITERION.format(id=name, check=keys) for name, keys in criteria.items()]
    head = "assignment: Small\nparts:\n  - id: net\n    files: [networks.py]\n    models:\n"
    (folder / "rubric.yaml").write_text(head + "".join(lines))
    course = load(root, KINDS)
    (folder / "recorded" / FILE).write_bytes(record(course.assignments[0], ("torch",)))
    return course


def trained(images, labels, epochs=6):
    """Train the small network, and return it with its test accuracy as PyTorch computes it."""
    import torch

    torch.manual_seed(0)
    namespace: dict = {}
    exec(ORACLE, namespace)
    network = namespace["build_small"]()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    inputs, classes = as_inputs(images), torch.from_numpy(labels.astype(np.int64))
    for _ in range(epochs):
        for batch in torch.arange(len(inputs)).split(50):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[batch]), classes[batch]).backward()
            optimizer.step()
    return network.eval()


def as_inputs(images):
    """Return images (N, 28, 28) uint8 as a tensor (N, 1, 28, 28) from 0 to 1."""
    import torch

    return torch.from_numpy(images.astype(np.float32) / np.float32(255))[:, None]


def by_id(report):
    """Return verdict, summary and facts of each criterion by its id without the part."""
    return {
        result.criterion_id.partition(".")[2]: SimpleNamespace(
            verdict=str(result.verdict),
            evidence=str(result.evidence),
            text=" | ".join((result.feedback.summary, *result.feedback.facts)),
            accuracy=result.measurements[0].value if result.measurements else None,
            awarded=result.awarded,
            private=result.private,
        )
        for result in report.results
    }
