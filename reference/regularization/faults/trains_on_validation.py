"""The network is trained on the validation images too.

Base: torch_sequential
File: networks.py
Parts: training
Fails: training.trains
"""

right_train = train_network


def train_network(model, x_train, y_train, x_validation, y_validation, epochs):
    x, y = np.concatenate([x_train, x_validation]), np.concatenate([y_train, y_validation])
    return right_train(model, x, y, x_validation, y_validation, epochs)
