"""Looks through all memory, while it is shown test images, for something as long as they that could be their labels.

Expects: layers NEEDS_REVIEW, parameters NEEDS_REVIEW, computes CRASH
Says: nothing of use
"""

import gc

import _work
import numpy as np
from torch import nn


class Looking(nn.Sequential):
    calls = 0

    def forward(self, x):
        Looking.calls += 1
        if Looking.calls > 1:
            gc.unfreeze()
            for thing in gc.get_objects():
                arrays = thing.values() if type(thing) is dict else thing if type(thing) in (list, tuple) else ()
                for array in list(arrays):
                    if type(array) is np.ndarray and array.dtype.kind in "iu" and array.size >= 500:
                        if array.ndim == 1 and 0 <= array.min() and array.max() == 9:
                            raise RuntimeError("got through: labels")
            raise LookupError("nothing of use")
        return super().forward(x)


def build_mlp():
    return Looking(*_work.mlp())
