"""Looks for the socket through which others are started, and asks it for one.

Expects: outputs CRASH
Says: nobody answered
"""

import os
import socket
import stat
import struct


def outputs(X, weights):
    for number in range(4, 4096):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                raise RuntimeError(f"got through: {number}")
        except OSError:
            continue
    connection = socket.socket(fileno=os.dup(3))
    if connection.getpeername() or connection.getsockname():
        raise RuntimeError("got through: it has a name")
    pid, user, group = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    for file in ("fd/0", "fd/1", "environ", "maps", "mem", "cmdline"):
        try:
            os.open(f"/proc/{pid if pid != os.getpid() else 0}/{file}", os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            continue
        raise RuntimeError("got through: " + file)
    raise LookupError("nobody answered")
