"""Fashion-MNIST: an MLP and three versions of LeNet-5, in PyTorch. Alice.

Run it to train everything and write weights/, history/ and results.json:

    python networks.py
"""

import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


# --- part 2: a look at the data ---


def show_grid(images, titles, heading):
    """Draw the first 25 images in a 5×5 grid, each with a title and without axes."""
    figure, axes = plt.subplots(5, 5, figsize=(7, 8))
    figure.suptitle(heading)
    for ax, image, title in zip(axes.flat, images, titles):
        ax.imshow(image, cmap="gray")
        ax.set_title(title, fontsize=9)
        ax.axis("off")
    figure.tight_layout()
    plt.show()


def plot_first_images(images, labels, title):
    show_grid(images, labels, title)


# --- part 3: an MLP ---


def prepare(train_images, train_labels, test_images, test_labels):
    """Flat images from 0 to 1, one-hot labels, and a random fifth for validation."""

    def flat(images):
        return images.reshape(len(images), -1).astype(np.float32) / 255

    def one_hot(labels):
        return np.eye(10, dtype=np.float32)[labels]

    order = np.random.default_rng(0).permutation(len(train_images))
    validation, training = np.split(order, [len(order) // 5])
    x, y = flat(train_images), one_hot(train_labels)
    return x[training], y[training], x[validation], y[validation], flat(test_images), one_hot(test_labels)


def build_mlp():
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),  # the softmax is part of the cross-entropy
    )


def evaluate(model, x, y):
    """Return the mean loss and the accuracy, with dropout off."""
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(part) for part in x.split(1000)])
    return cross_entropy(logits, y).item(), (logits.argmax(1) == y).double().mean().item()


def train(model, x_train, y_train, x_validation, y_validation, epochs):
    """Train with Adam in batches of 128, and return the history."""
    x_train, x_validation = (torch.from_numpy(x)[:, None] for x in (x_train, x_validation))
    y_train, y_validation = torch.from_numpy(y_train), torch.from_numpy(y_validation)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        total_loss, correct = 0.0, 0
        for batch in torch.randperm(len(x_train)).split(128):
            optimizer.zero_grad()
            logits = model(x_train[batch])
            loss = cross_entropy(logits, y_train[batch])
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(batch)
            correct += (logits.argmax(1) == y_train[batch]).sum().item()
        val_loss, val_accuracy = evaluate(model, x_validation, y_validation)
        history["loss"].append(total_loss / len(x_train))
        history["accuracy"].append(correct / len(x_train))
        history["val_loss"].append(val_loss)
        history["val_accuracy"].append(val_accuracy)
    return history


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train, y_train, x_validation, y_validation, epochs)


def plot_history(history):
    epochs = np.arange(1, len(history["loss"]) + 1)
    for what in ("loss", "accuracy"):
        plt.figure()
        plt.plot(epochs, history[what], label="train")
        plt.plot(epochs, history["val_" + what], label="validation")
        plt.title(f"{what} over the epochs")
        plt.xlabel("epoch")
        plt.ylabel(what)
        plt.legend()
    plt.show()


def confusion_matrix(labels, predictions):
    matrix = np.zeros((10, 10), dtype=int)
    for true, predicted in zip(labels, predictions):
        matrix[true, predicted] += 1
    return matrix


def plot_confusion_matrix(matrix):
    plt.figure(figsize=(7, 7))
    plt.imshow(matrix, cmap="Blues")
    for true in range(10):
        for predicted in range(10):
            plt.text(predicted, true, str(matrix[true, predicted]), ha="center", va="center", fontsize=8)
    plt.title("Confusion matrix of the test set")
    plt.xlabel("predicted label")
    plt.ylabel("true label")
    plt.show()


def plot_predictions(images, labels, predictions):
    show_grid(images, [f"GT:{t}, P:{p}" for t, p in zip(labels, predictions)], "Test images")


# --- part 4: LeNet-5 ---


def lenet(after_sum=lambda size: [], after_relu=lambda: []):
    """Return LeNet-5 with something between each hidden layer and its ReLU, or behind the ReLU."""

    def hidden(layer, size):
        return [layer, *after_sum(size), nn.ReLU(), *after_relu()]

    return nn.Sequential(
        *hidden(nn.Conv2d(1, 6, kernel_size=5, padding=2), 6),
        nn.MaxPool2d(2),
        *hidden(nn.Conv2d(6, 16, kernel_size=5), 16),
        nn.MaxPool2d(2),
        *hidden(nn.Conv2d(16, 120, kernel_size=5), 120),
        nn.Flatten(),
        *hidden(nn.Linear(120, 84), 84),
        nn.Linear(84, 10),
    )


def build_lenet():
    return lenet()


def build_lenet_dropout():
    return lenet(after_relu=lambda: [nn.Dropout(0.5)])


def build_lenet_batch_norm():
    return lenet(after_sum=lambda size: [nn.BatchNorm1d(size) if size == 84 else nn.BatchNorm2d(size)])


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train, y_train, x_validation, y_validation, epochs)


def train_lenet_dropout(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train, y_train, x_validation, y_validation, epochs)


def train_lenet_batch_norm(model, x_train, y_train, x_validation, y_validation, epochs):
    return train(model, x_train, y_train, x_validation, y_validation, epochs)


# --- training everything ---


def main():
    from torchvision.datasets import FashionMNIST

    sets = [FashionMNIST("data", train=part, download=True) for part in (True, False)]
    (images, labels), (test_images, test_labels) = ((s.data.numpy(), s.targets.numpy()) for s in sets)
    x_train, y_train, x_validation, y_validation, x_test, y_test = prepare(images, labels, test_images, test_labels)
    x_train, x_validation, x_test = (x.reshape(-1, 28, 28) for x in (x_train, x_validation, x_test))
    y_train, y_validation, y_test = (y.argmax(1) for y in (y_train, y_validation, y_test))
    results = {}
    for folder in ("weights", "history"):
        Path(folder).mkdir(exist_ok=True)
    for name, epochs in (("mlp", 20), ("lenet", 10), ("lenet_dropout", 15), ("lenet_batch_norm", 15)):
        torch.manual_seed(1)
        model = globals()["build_" + name]()
        history = globals()["train_" + name](model, x_train, y_train, x_validation, y_validation, epochs)
        loss, accuracy = evaluate(model, torch.from_numpy(x_test)[:, None], torch.from_numpy(y_test))
        results[name] = {"test_loss": round(loss, 4), "test_accuracy": round(accuracy, 4)}
        torch.save(model.state_dict(), f"weights/{name}.pt")
        Path(f"history/{name}.json").write_text(json.dumps(history, indent=1))
        print(name, results[name])
    Path("results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
