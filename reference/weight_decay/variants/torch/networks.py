"""All parts in PyTorch, with modules in a row."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


def prepare(train_images, train_labels, test_images, test_labels):
    x_train = train_images[..., None].astype(np.float32) / 255
    x_test = test_images[..., None].astype(np.float32) / 255
    return x_train, np.eye(10)[train_labels], x_test, np.eye(10)[test_labels]


def build_mlp():
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def build_wide_mlp(l2_factor=0.0):
    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(28 * 28, 500),
        nn.ReLU(),
        nn.Linear(500, 300),
        nn.ReLU(),
        nn.Linear(300, 10),
    )
    model.l2_factor = l2_factor
    return model


def l2_penalty(model):
    return model.l2_factor * (model[1].weight.pow(2).sum() + model[3].weight.pow(2).sum())


def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1600, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def score(model, x, y):
    model.eval()
    with torch.no_grad():
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


def train(model, x_train, y_train, x_validation, y_validation, epochs, batch_size=128, penalty=None):
    x_train, x_validation = (torch.tensor(x).unsqueeze(1) for x in (x_train, x_validation))
    y_train, y_validation = torch.tensor(y_train), torch.tensor(y_validation)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        losses, right = 0.0, 0
        for batch in torch.randperm(len(x_train)).split(batch_size):
            logits = model(x_train[batch])
            loss = nn.functional.cross_entropy(logits, y_train[batch])
            if penalty is not None:
                loss = loss + penalty(model)
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


train_mlp = train


def train_wide_mlp(*arguments):
    return train(*arguments, penalty=l2_penalty)


def train_cnn(*arguments):
    return train(*arguments, batch_size=64)


def plot_accuracy(history):
    epochs = range(1, len(history["accuracy"]) + 1)
    plt.figure()
    plt.plot(epochs, history["accuracy"], label="training")
    plt.plot(epochs, history["val_accuracy"], label="validation")
    plt.xlabel("epoch")
    plt.ylabel("accuracy")
    plt.legend()
    plt.show()


def plot_sweep(factors, accuracies):
    accuracies = np.asarray(accuracies)
    plt.figure()
    plt.errorbar(factors, accuracies.mean(axis=1), yerr=accuracies.std(axis=1, ddof=1), fmt="o-", capsize=3)
    plt.xscale("log")
    plt.xlabel("L2 factor")
    plt.ylabel("validation accuracy")
    plt.title("Weight decay, three runs each")
    plt.show()
