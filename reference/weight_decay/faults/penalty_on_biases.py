"""The biases of the hidden layers are penalized too.

Base: keras
File: networks.py
Parts: weight_decay
Fails: weight_decay.penalty
"""


def build_wide_mlp(l2_factor=0.0):
    penalty = keras.regularizers.L2(l2_factor)
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
    for units in (500, 300):
        model.add(layers.Dense(units, activation="relu", kernel_regularizer=penalty, bias_regularizer=penalty))
    model.add(layers.Dense(10, activation="softmax"))
    return model
