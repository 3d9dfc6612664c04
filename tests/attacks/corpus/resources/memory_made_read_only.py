"""Takes three times the memory and makes each piece read-only, which then counts for a control group alone.

Expects: outputs MEMORY or TIMEOUT or FAIL
"""

import ctypes
import mmap

PIECE = 2**26


def outputs(X, weights):
    mprotect = ctypes.CDLL(None).mprotect
    mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    hoard = []
    for _ in range(3 * 2**28 // PIECE):
        try:
            piece = mmap.mmap(-1, PIECE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        except OSError as error:
            raise MemoryError from error
        hoard.append(piece)
        start = ctypes.addressof(ctypes.c_char.from_buffer(piece))
        ctypes.memset(start, 1, PIECE)
        mprotect(start, PIECE, mmap.PROT_READ)
    # without a control group it comes this far, and has gained nothing
    return X[:, 0] * 0
