"""The mean of each window in place of its largest value.

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
            layers.AveragePooling2D(2),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(1024, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
