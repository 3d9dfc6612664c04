"""Honest work in PyTorch, under names that nobody asks for."""

import torch
from torch import nn


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))


def drop():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 10))


def train(network, x, y, x_validation, y_validation, epochs):
    optimizer = torch.optim.Adam(network.parameters())
    x, y, xv, yv = map(torch.from_numpy, (x, y, x_validation, y_validation))
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
            optimizer.step()
        for prefix, images, labels in (("", x, y), ("val_", xv, yv)):
            with torch.no_grad():
                outputs = network(images)
            history[prefix + "loss"].append(nn.functional.cross_entropy(outputs, labels).item())
            history[prefix + "accuracy"].append((outputs.argmax(1) == labels).float().mean().item())
    return history


def plot(history):
    import matplotlib.pyplot as plt

    plt.plot(history["loss"], label="loss")
    plt.xlabel("epoch")
