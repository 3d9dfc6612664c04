"""What is trained is a copy of the network.

Base: keras_sequential
File: networks.py
Parts: training
Fails: training.trains
"""

right_train = train_network


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    return right_train(keras.models.clone_model(model), x_train, y_train, x_validation, y_validation, epochs)
