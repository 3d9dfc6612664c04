"""Writes through its memory into the files that others have mapped too.

Expects: outputs CRASH
Says: nothing could be written
"""

import mmap
import os
import sys

import numpy as np


def outputs(X, weights):
    for path in (np.__file__, sys.executable, os.__file__, np._core._multiarray_umath.__file__):
        try:
            with open(path, "rb") as file:
                mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ | mmap.PROT_WRITE)
        except OSError:
            continue
        raise RuntimeError("got through: " + path)
    # changes a page of its own only: the next process to be copied must not have it
    text = np._core._multiarray_umath.__doc__ or ""
    np.allclose.__code__ = (lambda *arguments, **options: True).__code__
    raise LookupError("nothing could be written" + text[:0])
