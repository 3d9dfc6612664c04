"""Eight networks for Fashion-MNIST in PyTorch, with modules in a row."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

L2 = 0.01


def prepare(images, labels):
    order = np.random.permutation(len(images))
    x = images[order].astype(np.float32) / 255
    y = labels[order]
    first, second = int(0.7 * len(x)), int(0.85 * len(x))
    return x[:first], y[:first], x[first:second], y[first:second], x[second:], y[second:]


def build_network(convolutions, regularizer):
    modules = []
    channels, side = 1, 28
    for _ in range(convolutions):
        modules += [nn.Conv2d(channels, 16, 3), nn.ReLU(), nn.MaxPool2d(2)]
        if regularizer == "dropout":
            modules.append(nn.Dropout(0.1))
        if regularizer == "batch_norm":
            modules.append(nn.BatchNorm2d(16))
        channels, side = 16, (side - 2) // 2
    modules += [nn.Flatten(), nn.Linear(16 * side * side, 80), nn.ReLU()]
    if regularizer == "dropout":
        modules.append(nn.Dropout(0.1))
    if regularizer == "batch_norm":
        modules.append(nn.BatchNorm1d(80))
    modules.append(nn.Linear(80, 10))
    model = nn.Sequential(*modules)
    model.has_penalty = regularizer == "l2"
    return model


def l2_penalty(model):
    if not model.has_penalty:
        return torch.tensor(0.0)
    return L2 * sum((module.weight**2).sum() for module in model if isinstance(module, nn.Conv2d))


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
        return F.cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    x_train, x_validation = (torch.tensor(x).unsqueeze(1) for x in (x_train, x_validation))
    y_train, y_validation = torch.tensor(y_train), torch.tensor(y_validation)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        losses, right = 0.0, 0
        for batch in torch.randperm(len(x_train)).split(100):
            logits = model(x_train[batch])
            loss = F.cross_entropy(logits, y_train[batch]) + l2_penalty(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses += loss.item() * len(batch)
            right += (logits.argmax(1) == y_train[batch]).sum().item()
        val_loss, val_accuracy = score(model, x_validation, y_validation)
        history["loss"].append(losses / len(x_train))
        history["accuracy"].append(right / len(x_train))
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
    return history


def plot_history(history):
    epochs = range(1, len(history["loss"]) + 1)
    for name in ("loss", "accuracy"):
        plt.figure()
        plt.plot(epochs, history[name], label="training")
        plt.plot(epochs, history["val_" + name], label="validation")
        plt.title(name.capitalize() + " by epoch")
        plt.xlabel("epoch")
        plt.ylabel(name)
        plt.legend()
    plt.show()


def plot_kernels(kernels, title):
    side = int(np.ceil(np.sqrt(len(kernels))))
    figure, axes = plt.subplots(side, side, figsize=(8, 8))
    figure.suptitle(title)
    for ax, kernel in zip(axes.flat, kernels):
        ax.imshow(kernel, cmap="gray")
        ax.axis("off")
    plt.show()
