"""The comments are the lines once more.

Base: keras
File: networks.py
Parts: comments, lenet
Fails: comments.statements
"""


def build_lenet():
    # model = keras.Sequential()
    model = keras.Sequential()
    # model.add(keras.Input((28, 28, 1)))
    model.add(keras.Input((28, 28, 1)))
    # model.add(layers.Conv2D(32, 5, padding="same", activation="relu", **start()))
    model.add(layers.Conv2D(32, 5, padding="same", activation="relu", **start()))
    # model.add(layers.MaxPooling2D())
    model.add(layers.MaxPooling2D())
    # model.add(layers.Conv2D(64, 5, padding="same", activation="relu", **start()))
    model.add(layers.Conv2D(64, 5, padding="same", activation="relu", **start()))
    # model.add(layers.MaxPooling2D())
    model.add(layers.MaxPooling2D())
    # model.add(layers.Flatten())
    model.add(layers.Flatten())
    # model.add(layers.Dense(1024, activation="relu", **start()))
    model.add(layers.Dense(1024, activation="relu", **start()))
    # model.add(layers.Dropout(0.5))
    model.add(layers.Dropout(0.5))
    # model.add(layers.Dense(10, activation="softmax", **start()))
    model.add(layers.Dense(10, activation="softmax", **start()))
    # return model
    return model
