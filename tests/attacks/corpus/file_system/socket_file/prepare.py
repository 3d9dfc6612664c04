"""Hands in a socket.

Expects: unreadable
Says: not a regular file
"""

import os
import socket


def prepare(folder, target):
    here = os.getcwd()
    with socket.socket(socket.AF_UNIX) as listening:
        # a socket's path may not be long
        os.chdir(folder)
        listening.bind("layer.py")
        os.chdir(here)
