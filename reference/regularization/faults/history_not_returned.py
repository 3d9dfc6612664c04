"""The training function returns nothing.

Base: keras_subclass
File: networks.py
Parts: training
Fails: training.trains
"""

right_train = train_network


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    right_train(model, x_train, y_train, x_validation, y_validation, epochs)
