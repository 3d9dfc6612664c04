"""Announces a body of eight exabytes.

Expects: outputs CRASH
Says: a body of
"""

import struct

from _speaking import say_only


def outputs(X, weights):
    say_only(struct.pack("<IQ", 10, 2**63))
