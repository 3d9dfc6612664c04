"""Subclasses of torch.nn.Module in double precision: padding by hand, ReLU as a function, softmax inside."""

import torch
import torch.nn.functional as F
from torch import nn


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        # not in the order in which they are used
        self.out = nn.Linear(256, 10)
        self.hidden = nn.Linear(21632, 256)
        self.second = nn.Conv2d(64, 32, 2)
        self.first = nn.Conv2d(1, 64, 2)

    def forward(self, x):
        for convolution in (self.first, self.second):
            x = F.relu(convolution(F.pad(x, (0, 1, 0, 1))))
            x = F.dropout(F.max_pool2d(x, 2, stride=1), 0.3, training=self.training)
        x = F.relu(self.hidden(torch.flatten(x, 1)))
        return F.softmax(self.out(F.dropout(x, 0.5, training=self.training)), dim=1)


class ShallowCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Conv2d(1, 64, (3, 3))
        self.classifier = nn.Sequential(nn.Linear(10816, 1024), nn.ReLU(inplace=True), nn.Linear(1024, 10))

    def forward(self, x):
        x = F.max_pool2d(self.features(x).relu(), 2)
        return F.log_softmax(self.classifier(x.view(-1, 10816)), dim=-1)


def build_cnn(dtype=torch.float64):
    return CNN().to(dtype)


def build_shallow_cnn():
    return ShallowCNN().double()


def training(network, x_train, y_train, x_validation, y_validation, epochs):
    """The networks end in a softmax or its logarithm, so the loss starts from there."""

    def run(x, y):
        last = network(torch.as_tensor(x, dtype=torch.float64)[:, None])
        logarithms = last if isinstance(network, ShallowCNN) else (last + 1e-12).log()
        return F.nll_loss(logarithms, torch.as_tensor(y)), (last.argmax(1).numpy() == y).mean()

    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    log = {key: [] for key in ("loss", "accuracy", "val_loss", "val_accuracy")}
    for _ in range(epochs):
        network.train()
        seen = []
        for start in range(0, len(x_train), 64):
            loss, accuracy = run(x_train[start : start + 64], y_train[start : start + 64])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            seen.append((loss.item(), accuracy))
        network.eval()
        with torch.no_grad():
            loss, accuracy = run(x_validation, y_validation)
        for key, value in zip(log, (*map(sum, zip(*seen, strict=True)), loss.item(), accuracy), strict=True):
            log[key].append(float(value) / (1 if key.startswith("val") else len(seen)))
    return log


def train_cnn(model, x_train, y_train, x_validation, y_validation, epochs=10):
    return training(model, x_train, y_train, x_validation, y_validation, epochs)


def train_shallow_cnn(model, x_train, y_train, x_validation, y_validation, epochs=5):
    return training(model, x_train, y_train, x_validation, y_validation, epochs)
