"""Ten sigmoids stand in place of the softmax.

Base: keras
File: networks.py
Parts: softmax_regression
Fails: softmax_regression.computes
"""


def build_softmax_regression():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(),
            layers.Dense(10, kernel_initializer="zeros", activation="sigmoid"),
        ]
    )
