"""Ends the process, or its connection, in the middle of things."""

import atexit
import ctypes
import os
import signal
import threading


def leave_at_once():
    os._exit(0)


def leave_with_a_code():
    os._exit(17)


def leave_in_a_thread():
    thread = threading.Thread(target=os._exit, args=(0,))
    thread.start()
    thread.join()


def leave_politely():
    raise SystemExit(0)


def leave_at_exit():
    atexit.register(os._exit, 0)
    raise SystemExit(0)


def kill_myself():
    os.kill(os.getpid(), signal.SIGKILL)


def crash():
    ctypes.string_at(0)


def close_connection():
    os.close(3)


def close_everything():
    os.closerange(0, 100)


def replace_connection():
    os.dup2(os.open(os.devnull, os.O_RDWR), 3)
