"""The hidden layers have a sigmoid.

Base: keras
File: networks.py
Parts: mlp
Fails: mlp.computes
"""


def build_mlp():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(64, activation="sigmoid"),
            layers.Dense(64, activation="sigmoid"),
            layers.Dense(10, activation="softmax"),
        ]
    )
