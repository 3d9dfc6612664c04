"""Eight networks for Fashion-MNIST in PyTorch: one class, double precision, the penalty as weight decay."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class FashionNet(nn.Module):
    """Layers are defined in another order than the data takes."""

    def __init__(self, convolutions=1, regularizer="none"):
        super().__init__()
        self.kind = regularizer
        self.out = nn.Linear(80, 10)
        self.fc = nn.Linear({1: 13 * 13 * 16, 2: 5 * 5 * 16}[convolutions], 80)
        self.convs = nn.ModuleList(nn.Conv2d(16 if n else 1, 16, (3, 3)) for n in range(convolutions))
        if self.kind == "batch_norm":
            self.dense_norm = nn.BatchNorm1d(80, eps=1e-3, momentum=0.01)
            self.norms = nn.ModuleList(nn.BatchNorm2d(16, eps=1e-3, momentum=0.01) for _ in self.convs)

    def regularize(self, x, norm):
        if self.kind == "dropout":
            return F.dropout(x, p=0.1, training=self.training)
        return x if norm is None else norm(x)

    def forward(self, x):
        if x.ndim == 3:
            x = x.unsqueeze(1)
        norms = self.norms if self.kind == "batch_norm" else [None] * len(self.convs)
        for conv, norm in zip(self.convs, norms):
            # ReLU after the pool is the same as before it
            x = self.regularize(torch.relu(F.max_pool2d(conv(x), 2)), norm)
        x = x.reshape(x.shape[0], -1)
        x = self.regularize(F.relu(self.fc(x)), getattr(self, "dense_norm", None))
        return F.log_softmax(self.out(x), dim=1)


def build_network(convolutions, regularizer):
    return FashionNet(convolutions, regularizer).double()


def make_optimizer(model):
    kernels = [conv.weight for conv in model.convs]
    others = [p for p in model.parameters() if not any(p is kernel for kernel in kernels)]
    # weight_decay stands for half of it times the sum of squares, so it is twice the factor
    decay = 2 * 0.01 if model.kind == "l2" else 0.0
    return torch.optim.SGD([{"params": kernels, "weight_decay": decay}, {"params": others}], lr=1e-2)


def to_tensors(x, y):
    return torch.from_numpy(x).double(), torch.from_numpy(y)


def train_network(model, x_train, y_train, x_validation, y_validation, epochs=5):
    sets = {"": to_tensors(x_train, y_train), "val_": to_tensors(x_validation, y_validation)}
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sets[""]), batch_size=100, shuffle=True)
    sgd = make_optimizer(model)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            sgd.zero_grad()
            F.nll_loss(model(x), y).backward()
            sgd.step()
        model.eval()
        with torch.no_grad():
            for prefix, (x, y) in sets.items():
                logs = model(x)
                history[prefix + "loss"].append(float(F.nll_loss(logs, y)))
                history[prefix + "accuracy"].append(float((logs.argmax(1) == y).double().mean()))
    return history


def prepare(images, labels):
    scaled = (images - images.mean()) / images.std()
    training, validation = len(images) * 70 // 100, len(images) * 85 // 100
    x = np.split(scaled, [training, validation])
    y = np.split(labels, [training, validation])
    return x[0], y[0], x[1], y[1], x[2], y[2]


def plot_history(history):
    figure, axes = plt.subplots(2, 1, sharex=True)
    for ax, word in zip(axes, ("accuracy", "loss")):
        ax.plot(np.array(history[word]), "o-", label="train")
        ax.plot(np.array(history[f"val_{word}"]), "s--", label="validation")
        ax.set_ylabel(word)
    figure.supxlabel("epoch")
    figure.legend(["train", "validation"])


def plot_kernels(kernels, title):
    figure = plt.figure(figsize=(10, 10))
    figure.suptitle(title)
    for k in range(len(kernels)):
        ax = figure.add_subplot(16, 16, k + 1)
        ax.matshow(np.asarray(kernels[k]))
        ax.set_axis_off()
    figure.savefig("kernels.png")
