"""The last layer has a softmax, and another one follows.

Base: keras_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.computes
"""

def build_shallow_cnn():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(64, 3),
            layers.MaxPooling2D(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(1024, activation="relu"),
            layers.Dense(10, activation="softmax"),
            layers.Softmax(),
        ]
    )
