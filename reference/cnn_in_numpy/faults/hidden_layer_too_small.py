"""512 hidden units in place of 1024.

Base: keras_sequential
File: networks.py
Parts: shallow_cnn
Fails: shallow_cnn.layers, shallow_cnn.parameters
Blocks: shallow_cnn.computes
"""

def build_shallow_cnn():
    return Sequential(
        [
            Input((28, 28, 1)),
            layers.Conv2D(64, 3),
            layers.MaxPooling2D(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
