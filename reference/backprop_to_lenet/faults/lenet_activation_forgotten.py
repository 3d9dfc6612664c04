"""The second convolution has no activation.

Base: keras
File: networks.py
Parts: lenet
Fails: lenet.computes
Blocks: lenet.trains, lenet.training
"""


def build_lenet():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5),
            layers.MaxPooling2D(),
            layers.Conv2D(120, 5, activation="relu"),
            layers.Flatten(),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
