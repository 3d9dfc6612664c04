"""Parts 2 to 4 in PyTorch, with modules in a row."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def plot_first_images(images, labels, title):
    figure, axes = plt.subplots(5, 5, figsize=(7, 7))
    figure.suptitle(title)
    for ax, image, label in zip(axes.flat, images, labels):
        ax.imshow(image, cmap="gray")
        ax.set_title(label)
        ax.axis("off")
    plt.tight_layout()
    plt.show()


def one_hot(labels):
    return np.eye(10, dtype=np.float32)[labels]


def prepare(train_images, train_labels, test_images, test_labels):
    x = train_images.reshape(-1, 784).astype(np.float32) / 255
    x_test = test_images.reshape(-1, 784).astype(np.float32) / 255
    y, y_test = one_hot(train_labels), one_hot(test_labels)
    order = np.random.permutation(len(x))
    cut = int(0.8 * len(x))
    train, validation = order[:cut], order[cut:]
    return x[train], y[train], x[validation], y[validation], x_test, y_test


def build_mlp():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)
    )


def build_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def build_lenet_dropout():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(84, 10),
    )


def build_lenet_batch_norm():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.BatchNorm2d(6),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5),
        nn.BatchNorm2d(120),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(120, 84),
        nn.BatchNorm1d(84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


def train(model, x_train, y_train, x_validation, y_validation, epochs):
    x_train, x_validation = (torch.tensor(x).unsqueeze(1) for x in (x_train, x_validation))
    y_train, y_validation = torch.tensor(y_train), torch.tensor(y_validation)
    optimizer = torch.optim.Adam(model.parameters())
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        losses, right = 0.0, 0
        for batch in torch.randperm(len(x_train)).split(128):
            logits = model(x_train[batch])
            loss = nn.functional.cross_entropy(logits, y_train[batch])
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


train_mlp = train_lenet = train_lenet_dropout = train_lenet_batch_norm = train


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


def confusion_matrix(labels, predictions):
    matrix = np.zeros((10, 10), dtype=int)
    for label, prediction in zip(labels, predictions):
        matrix[label, prediction] += 1
    return matrix


def plot_confusion_matrix(matrix):
    plt.figure(figsize=(8, 8))
    plt.imshow(matrix, cmap="Blues")
    for i in range(10):
        for j in range(10):
            plt.text(j, i, str(matrix[i, j]), ha="center", va="center")
    plt.xlabel("predicted label")
    plt.ylabel("true label")
    plt.title("Confusion matrix")
    plt.show()


def plot_predictions(images, labels, predictions):
    figure, axes = plt.subplots(5, 5, figsize=(8, 8))
    figure.suptitle("Test images")
    for i, ax in enumerate(axes.flat):
        ax.imshow(images[i], cmap="gray")
        ax.set_title(f"GT:{labels[i]}, P:{predictions[i]}")
        ax.axis("off")
    plt.show()
