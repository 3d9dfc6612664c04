"""The history is printed, not returned.

Base: torch
File: networks.py
Parts: training
Fails: training.trains
"""

right_training = train_mlp


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    print(right_training(model, x_train, y_train, x_validation, y_validation, epochs))
