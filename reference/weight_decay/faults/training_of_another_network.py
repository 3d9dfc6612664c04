"""The training function builds a network of its own and trains that.

Base: keras
File: networks.py
Parts: training
Fails: training.trains
"""

right_training = train_mlp


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    return right_training(build_mlp(), x_train, y_train, x_validation, y_validation, epochs)
