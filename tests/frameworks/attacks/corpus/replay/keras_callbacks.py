"""Leaves, stops others and lies in callbacks of Keras while it is trained.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import keras
import numpy as np


class Lying(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["loss"] = float("nan")
        logs["\ud800\x1b[2J"] = object()

    def on_train_end(self, logs=None):
        import os

        os._exit(0)


mlp = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
mlp.compile("sgd", "sparse_categorical_crossentropy")
# %%
mlp.fit(np.zeros((100, 784)), np.zeros(100), callbacks=[Lying()], verbose=0)
