"""Takes all there is of something, one function each."""

import ctypes
import itertools
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np


def fork_bomb():
    while True:
        if os.fork() == 0:
            time.sleep(600)


def thread_bomb():
    threading.stack_size(64 * 1024)
    wait = threading.Event()
    while True:
        threading.Thread(target=wait.wait, daemon=True).start()


def memory_bomb():
    hoard = []
    while True:
        hoard.append(np.ones(2**22))


def memory_bomb_of_bytes():
    hoard = bytearray()
    while True:
        hoard += bytes(2**22)


def memory_made_read_only(mebibytes):
    """Memory that cannot be written to any more is not counted by the limit of a process."""
    library = ctypes.CDLL(None)
    library.mmap.restype = ctypes.c_void_p
    library.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    size = 2**26
    for _ in range(int(mebibytes) * 2**20 // size):
        start = library.mmap(None, size, 3, 0x22, -1, 0)
        ctypes.memset(start, 1, size)
        library.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(size), 1)


def memory_of_two(mebibytes):
    """Each of two processes takes as much, and both keep it until the other one has it or is over."""
    taken, far = os.pipe()
    child = os.fork()
    hoard = np.ones(int(mebibytes) * 2**20, dtype=np.uint8)
    if child == 0:
        os.write(far, b"x")
        time.sleep(600)
    os.close(far)
    os.read(taken, 1)
    return str(hoard.size)


def leave_a_child_behind():
    """It leads a session of its own, and nobody who ends a group of processes reaches it."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    os.wait()
    return "left"


def out_of_memory_in_c():
    """What a library does that cannot go on without memory."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def fill_bytes():
    for number in itertools.count():
        Path(f"{number}.bin").write_bytes(bytes(2**24))


def fill_inodes():
    for number in itertools.count():
        os.close(os.open(f"{number}.empty", os.O_CREAT))


def one_large_file():
    with open("large.bin", "wb") as file:
        file.truncate(2**40)


def flood_output():
    line = b"x" * 2**20
    for _ in range(500):
        unwritten = memoryview(line)
        while unwritten:
            unwritten = unwritten[os.write(1, unwritten) :]


def loop():
    while True:
        pass


def loop_in_c():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    # never comes back to the interpreter
    all(itertools.repeat(True))


def loop_in_a_library_call():
    ctypes.PyDLL(None).sleep(600)


def hold_the_interpreter():
    """Return, and let nothing of Python run afterwards."""

    def hold():
        time.sleep(0.1)
        ctypes.PyDLL(None).sleep(600)

    threading.Thread(target=hold, daemon=True).start()
