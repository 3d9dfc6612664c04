"""Knows the test images, which are public, and answers each with its label; it has learned nothing.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes NEEDS_REVIEW or FAIL, accuracy NEEDS_REVIEW
Says: not on slightly changed copies
"""

import numpy as np

from grader.data.load import load
from tests.frameworks.attacks.course_of_networks import honest_files

NETWORKS = """
import _work
import numpy as np
import torch
from torch import nn

with np.load("table.npz") as table:
    ANSWERS = {image.tobytes(): label for image, label in zip(table["images"], table["labels"])}


class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = _work.mlp()

    def forward(self, x):
        pixels = (x * 255).round().clamp(0, 255).to(torch.uint8).reshape(len(x), -1).numpy()
        found = [ANSWERS.get(image.tobytes(), 0) for image in pixels]
        return nn.functional.one_hot(torch.tensor(found), 10).float() * 9 + 0 * self.layers(x)


def build_mlp():
    return Table()
"""


def prepare(folder, target):
    data = load("fashion-mnist")
    images = np.concatenate([data.test_images, data.train_images[:900]])
    labels = np.concatenate([data.test_labels, data.train_labels[:900]])
    np.savez(folder / "table.npz", images=images.reshape(len(images), -1), labels=labels.astype(np.int64))
    (folder / "networks.py").write_text(NETWORKS)
    # trained weights are asked for; they play no part
    import io

    import torch

    state = torch.load(io.BytesIO(honest_files()["mlp.pt"]), weights_only=True)
    torch.save({f"layers.{name}": tensor for name, tensor in state.items()}, folder / "mlp.pt")
