"""Whose a printed score is, told by the structure of what was measured: in both frameworks, as notebooks report it."""

import pytest

from tests.frameworks.replays import findings_of, notebook

KIND = "score-of-another-model"

# --- PyTorch ----------------------------------------------------------------------------------------------------------

TORCH_SETUP = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision import datasets
def loader(train, rows):
    part = datasets.MNIST('data', train=train, download=True)
    return DataLoader(TensorDataset(part.data[:rows, None] / 255, part.targets[:rows]), batch_size=100)
train_loader, test_loader = loader(True, 60000), loader(False, 10000)
def accuracy(model):
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in test_loader)
    return right / len(test_loader.dataset)
def fit(model, rate=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for n in range(2):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
torch.manual_seed(3)
"""
TORCH_LENET = "nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(144, 10))"
TORCH_MLP = "nn.Sequential(nn.Flatten(), nn.Linear(784, 12), nn.ReLU(), nn.Linear(12, 10))"
# one that learns and one that does not: on few images two scores are easily the same, and then nothing is said
TORCH = (
    TORCH_SETUP,
    "#M ## LeNet",
    f"lenet = {TORCH_LENET}\nfit(lenet, 1e-6)",
    "#M ## MLP",
    f"mlp = {TORCH_MLP}\nfit(mlp)",
)


def torch_networks():
    torch = pytest.importorskip("torch")
    pytest.importorskip("torchvision")
    from grader.transplant.trace_torch import trace_torch

    built = {"lenet": TORCH_LENET, "mlp": TORCH_MLP}
    return {name: trace_torch(eval(text, {"nn": torch.nn}), (28, 28, 1)).network for name, text in built.items()}


def scores(folder, networks, *cells):
    return [finding for finding in findings_of(folder, notebook(*cells), networks) if finding.kind == KIND]


def test_a_score_that_is_printed_for_another_network_of_pytorch(tmp_path):
    text = "found = accuracy(mlp)\nprint(f'LeNet: {100 * found:.2f} % of the test images')"
    (finding,) = scores(tmp_path, torch_networks(), *TORCH, "#M ## Results", text)
    assert (finding.where.cell, finding.where.line) == (7, 1)
    assert "is printed, and what this cell measures is 'mlp'" in finding.text
    assert "by its structure not that network, but the rubric's 'mlp'. 'lenet', which is, was trained in cell 3" in (
        finding.text
    )
    assert "LeNet: " in finding.quote
    assert not finding.costs_points


def test_a_section_that_measures_only_another_network(tmp_path):
    # with four digits, whatever they are: of fewer than three nothing is said
    cells = (*TORCH, "#M ## LeNet", "print(f'Test accuracy: {accuracy(mlp):.4f}')")
    (finding,) = scores(tmp_path, torch_networks(), *cells)
    assert finding.where.cell == 7
    assert "the heading is 'LeNet'" in finding.text


def test_sections_of_pytorch_that_compare_or_measure_both_raise_nothing(tmp_path):
    cells = (
        *TORCH,
        "#M ## LeNet",
        "print('Test accuracy:', accuracy(mlp))",
        "print('Test accuracy:', accuracy(lenet))",
        "#M ## Comparison of LeNet with the MLP",
        "for net in (mlp, lenet):\n    print(f'{accuracy(net):.4f}')",
        "kept = accuracy(lenet)",
        "again = accuracy(mlp)\nprint(f'LeNet {kept:.4f}')",
        "both = {name: accuracy(net) for name, net in (('LeNet', lenet), ('MLP', mlp))}\nprint(both)",
        "print(f'LeNet {kept:.4f}, MLP {accuracy(mlp):.4f}')",
        "print(f'It is worse than LeNet: {accuracy(mlp):.4f}')",
        "bigger = nn.Sequential(nn.Flatten(), nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 10))\nfit(bigger)",
        "print(f'LeNet {accuracy(bigger):.4f}')",
    )
    assert scores(tmp_path, torch_networks(), *cells) == []


# --- Keras ------------------------------------------------------------------------------------------------------------

KERAS_SETUP = """\
import numpy as np
import keras
from keras import layers
from keras.datasets import mnist
keras.utils.set_random_seed(3)
(x, y), (x_test, y_test) = mnist.load_data()
x, x_test = x[..., None] / 255, x_test[..., None] / 255
def fit(net):
    net.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
    net.fit(x, y, epochs=1, batch_size=100, verbose=0)
"""
KERAS_LENET = (
    "keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(4, 5, activation='relu'), layers.MaxPooling2D(4), "
    "layers.Flatten(), layers.Dense(10, activation='softmax')])"
)
KERAS_MLP = (
    "keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(12, activation='relu'), "
    "layers.Dense(10, activation='softmax')])"
)
KERAS = (KERAS_SETUP, f"lenet = {KERAS_LENET}\nfit(lenet)", f"mlp = {KERAS_MLP}\nfit(mlp)")


def keras_networks():
    keras = pytest.importorskip("keras")
    from grader.transplant.trace_keras import trace_keras

    built = {"lenet": KERAS_LENET, "mlp": KERAS_MLP}
    names = {"keras": keras, "layers": keras.layers}
    return {name: trace_keras(eval(text, names)).network for name, text in built.items()}


def test_scores_in_a_notebook_of_keras(tmp_path):
    cells = (
        *KERAS,
        "loss, acc = mlp.evaluate(x_test, y_test, verbose=0)\nprint('LeNet test accuracy:', acc)",
        "found = mlp.predict(x_test, verbose=0).argmax(axis=1)\nprint('LeNet', np.mean(found == y_test))",
        "kept = lenet.evaluate(x_test, y_test, verbose=0)[1]\nprint('LeNet test accuracy:', kept)",
        "print('LeNet test accuracy:', kept)\nmlp.evaluate(x_test, y_test, verbose=0)[1]",
        "print(lenet.evaluate(x_test, y_test, verbose=0), 'LeNet', mlp.evaluate(x_test, y_test, verbose=0))",
        f"copy = {KERAS_LENET}\ncopy.set_weights(lenet.get_weights())\nfit(copy)",
        "print('LeNet', copy.evaluate(x_test, y_test, verbose=0)[1])",
    )
    found = {finding.where.cell for finding in scores(tmp_path, keras_networks(), *cells)}
    assert found == {4, 5}
