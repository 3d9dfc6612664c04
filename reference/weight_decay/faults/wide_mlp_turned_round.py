"""The hidden layers have 300 and 500 units instead of 500 and 300. Its penalty is left to a person.

Base: keras
File: networks.py
Parts: wide_mlp, weight_decay
Fails: wide_mlp.layers, wide_mlp.parameters, weight_decay.penalty
Blocks: wide_mlp.computes
"""


def build_wide_mlp(l2_factor=0.0):
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()])
    for units in (300, 500):
        model.add(layers.Dense(units, activation="relu", kernel_regularizer=keras.regularizers.l2(l2_factor)))
    model.add(layers.Dense(10, activation="softmax"))
    return model
