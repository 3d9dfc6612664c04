"""Returns the images and labels that it was given as its history, under names that are no names.

Expects: layers PASS, parameters PASS, computes PASS, trained FAIL, apart PASS
"""

import _work


def build_mlp():
    return _work.mlp()


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    class Odd(dict):
        def items(self):
            yield from super().items()
            yield "\ud800\x1b[2J", y_validation
            yield 7, object()

    return Odd(loss=x, accuracy=[float("nan")] * 10**6, val_loss=y, val_accuracy=["1e400", None, True])
