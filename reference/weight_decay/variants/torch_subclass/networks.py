"""All parts in PyTorch with classes and functions, in double precision; the penalty is left to the optimizer."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Dense(nn.Module):
    """An MLP whose layers are not defined in the order of the data. It ends in log-probabilities."""

    def __init__(self, first, second, decay=0.0):
        super().__init__()
        self.out = nn.Linear(second, 10)
        self.hidden2 = nn.Linear(first, second)
        self.hidden1 = nn.Linear(784, first)
        self.decay = decay

    def forward(self, x):
        x = x.reshape(len(x), -1)
        x = torch.relu(self.hidden1(x))
        x = F.relu(self.hidden2(x))
        return F.log_softmax(self.out(x), dim=1)


class Convolutional(nn.Module):
    """ReLU after pooling instead of before it gives the same numbers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, (3, 3))
        self.conv2 = nn.Conv2d(32, 64, (3, 3))
        self.fc1 = nn.Linear(64 * 5 * 5, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        if x.ndim == 3:
            x = x[:, None]
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = F.relu(self.fc1(x.flatten(1)))
        return F.log_softmax(self.fc2(x), dim=-1)


def build_mlp():
    return Dense(64, 64).double()


def build_wide_mlp(l2_factor=0.0):
    return Dense(500, 300, decay=l2_factor).double()


def build_cnn():
    return Convolutional().double()


def make_optimizer(model):
    # PyTorch adds weight_decay * w to the gradient; that of factor * w^2 is 2 * factor * w
    decay = 2 * getattr(model, "decay", 0.0)
    kernels = [model.hidden1.weight, model.hidden2.weight] if decay else []
    others = [p for p in model.parameters() if not any(p is kernel for kernel in kernels)]
    groups = [{"params": others}]
    if kernels:
        groups.append({"params": kernels, "weight_decay": decay})
    return torch.optim.SGD(groups, lr=0.1)


def fit(model, x_train, y_train, x_validation, y_validation, epochs, batch_size=128):
    sets = [
        (torch.from_numpy(x).double(), torch.from_numpy(y))
        for x, y in ((x_train, y_train), (x_validation, y_validation))
    ]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sets[0]), batch_size, shuffle=True)
    optimizer = make_optimizer(model)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            F.nll_loss(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for (x, y), prefix in zip(sets, ("", "val_")):
                logs = model(x)
                history[prefix + "loss"].append(float(F.nll_loss(logs, y)))
                history[prefix + "accuracy"].append(float((logs.argmax(1) == y).double().mean()))
    return history


def train_mlp(*arguments):
    return fit(*arguments)


def train_wide_mlp(*arguments):
    return fit(*arguments)


def train_cnn(*arguments):
    return fit(*arguments, batch_size=64)


def prepare(train_images, train_labels, test_images, test_labels):
    def images(given):
        return (given / 255.0).reshape(-1, 28, 28, 1).astype("float32")

    def labels(given):
        return F.one_hot(torch.as_tensor(given), 10).numpy()

    return images(train_images), labels(train_labels), images(test_images), labels(test_labels)


def plot_accuracy(history):
    _, ax = plt.subplots()
    for key, name in (("val_accuracy", "validation"), ("accuracy", "train")):
        ax.plot(100 * np.array(history[key]), "o--", label=name)
    ax.set(xlabel="Epoch", ylabel="Accuracy in %", title="MLP")
    ax.legend(loc="lower right")


def plot_sweep(factors, accuracies):
    means = [np.mean(row) for row in accuracies]
    deviations = [np.std(row) for row in accuracies]
    _, ax = plt.subplots()
    ax.errorbar(range(len(factors)), means, deviations, linestyle="none", marker="s", capsize=4)
    ax.set_xticks(range(len(factors)), [f"{factor:g}" for factor in factors])
    ax.set(xlabel="factor", ylabel="accuracy", title="Mean and deviation (divided by N)")
