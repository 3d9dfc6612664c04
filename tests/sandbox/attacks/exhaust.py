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
