"""Announces as much as is allowed, and sends no more than a byte of it.

Expects: outputs TIMEOUT
"""

import struct

from _speaking import say_only


def outputs(X, weights):
    say_only(struct.pack("<IQ", 4 * 2**20, 256 * 2**20) + b"x")
