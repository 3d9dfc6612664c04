"""Reads and writes the memory of the process that it was copied from.

Expects: outputs CRASH
Says: nothing could be reached
"""

import ctypes
import os

LIBRARY = ctypes.CDLL(None, use_errno=True)


def outputs(X, weights):
    memory = ctypes.create_string_buffer(64)
    area = (ctypes.c_void_p * 2)(ctypes.addressof(memory), 64)
    for number in {os.getppid(), 1, 2, 3} - {os.getpid()}:
        for name in ("process_vm_readv", "process_vm_writev"):
            if getattr(LIBRARY, name)(number, area, 1, area, 1, 0) > 0:
                raise RuntimeError("got through: " + name)
        for file in ("mem", "maps", "fd", "fdinfo", "cwd", "root", "task", "map_files"):
            try:
                os.open(f"/proc/{number}/{file}", os.O_RDONLY)
            except OSError:
                continue
            raise RuntimeError(f"got through: {number} {file}")
    raise LookupError("nothing could be reached")
