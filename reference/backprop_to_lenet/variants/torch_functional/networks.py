"""Parts 2 to 4 in PyTorch with classes and functions, in double precision, without Flatten."""

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        # not in the order of the data
        self.scores = nn.Linear(64, 10)
        self.first = nn.Linear(28 * 28, 128)
        self.second = nn.Linear(128, 64)

    def forward(self, x):
        x = x.view(x.shape[0], -1)
        x = torch.relu(self.first(x))
        x = F.relu(self.second(x))
        return F.softmax(self.scores(x), dim=1)


class LeNet(nn.Module):
    """The third convolution is written as a dense layer on its 5×5×16 inputs."""

    def __init__(self, drop=0.0, norm=False):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding="same")
        self.conv2 = nn.Conv2d(6, 16, (5, 5))
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.drop = drop
        self.norms = nn.ModuleList(
            [nn.BatchNorm2d(6), nn.BatchNorm2d(16), nn.BatchNorm1d(120), nn.BatchNorm1d(84)] if norm else []
        )

    def hidden(self, x, number):
        if len(self.norms):
            x = self.norms[number](x)
        return F.dropout(F.relu(x), self.drop, training=self.training)

    def forward(self, x):
        if x.ndim == 3:
            x = x[:, None]
        x = F.max_pool2d(self.hidden(self.conv1(x), 0), 2)
        x = F.max_pool2d(self.hidden(self.conv2(x), 1), 2)
        x = x.flatten(start_dim=1)
        x = self.hidden(self.fc1(x), 2)
        x = self.hidden(self.fc2(x), 3)
        return F.log_softmax(self.fc3(x), dim=-1)


def build_mlp():
    return Mlp().double()


def build_lenet():
    return LeNet().double()


def build_lenet_dropout():
    return LeNet(drop=0.5).double()


def build_lenet_batch_norm():
    return LeNet(norm=True).double()


def fit(model, x_train, y_train, x_validation, y_validation, epochs, logarithm):
    sets = [
        (torch.from_numpy(x).double(), torch.from_numpy(y))
        for x, y in ((x_train, y_train), (x_validation, y_validation))
    ]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sets[0]), batch_size=128, shuffle=True)
    adam = torch.optim.Adam(model.parameters(), lr=0.001)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        model.train()
        for x, y in loader:
            adam.zero_grad()
            F.nll_loss(logarithm(model(x)), y).backward()
            adam.step()
        model.eval()
        with torch.no_grad():
            for (x, y), prefix in zip(sets, ("", "val_")):
                logs = logarithm(model(x))
                history[prefix + "loss"].append(float(F.nll_loss(logs, y)))
                history[prefix + "accuracy"].append(float((logs.argmax(1) == y).double().mean()))
    return history


def train_mlp(*arguments):
    return fit(*arguments, logarithm=torch.log)


def train_lenet(*arguments):
    return fit(*arguments, logarithm=lambda values: values)


def train_lenet_dropout(*arguments):
    return train_lenet(*arguments)


def train_lenet_batch_norm(*arguments):
    return train_lenet(*arguments)


def prepare(train_images, train_labels, test_images, test_labels):
    mean, deviation = train_images.mean(), train_images.std()
    flat, flat_test = ((x.reshape(len(x), -1) - mean) / deviation for x in (train_images, test_images))
    cut = len(flat) * 8 // 10
    hot, hot_test = ((np.arange(10) == y[:, None]).astype(float) for y in (train_labels, test_labels))
    return flat[:cut], hot[:cut], flat[cut:], hot[cut:], flat_test, hot_test


def show(images, titles, heading):
    figure = plt.figure()
    figure.suptitle(heading)
    for k in range(25):
        ax = figure.add_subplot(5, 5, k + 1)
        ax.imshow(np.array(images[k]))
        ax.set_title(titles[k], fontsize=7)
        ax.set_axis_off()
    figure.savefig("images.png")


def plot_first_images(images, labels, title):
    show(images, [f"{int(label)}" for label in labels[:25]], title)


def plot_predictions(images, labels, predictions):
    show(images, [f"GT:{labels[k]}, P:{predictions[k]}" for k in range(25)], "What LeNet says")


def plot_history(history):
    for word in ["accuracy", "loss"]:
        _, ax = plt.subplots()
        ax.plot(np.array(history[word]), "o-", label="train " + word)
        ax.plot(np.array(history[f"val_{word}"]), "s--", label="val " + word)
        ax.set_xlabel("Epoch")
        ax.set_ylabel(word)
        ax.set_title(word)
        ax.legend()


def confusion_matrix(labels, predictions):
    return np.bincount(10 * np.asarray(labels) + np.asarray(predictions), minlength=100).reshape(10, 10)


def plot_confusion_matrix(matrix):
    plt.matshow(matrix)
    plt.title("confusion matrix")
    plt.xlabel("predicted class")
    plt.ylabel("true class")
    plt.colorbar()
