"""Makes a system call of the 32-bit kind from machine code of its own.

Expects: outputs CRASH
"""

import ctypes
import mmap
import platform

# mov eax, 2 (fork); int 0x80; ret
CODE = bytes.fromhex("b802000000cd80c3")


def outputs(X, weights):
    if platform.machine() != "x86_64":
        raise OSError("another machine")
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    page.write(CODE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() >= 0:
        raise RuntimeError("got through")
    raise OSError("refused")
