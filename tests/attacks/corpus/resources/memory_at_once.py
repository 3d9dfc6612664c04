"""Asks for more memory than the machine has.

Expects: outputs MEMORY
"""


def outputs(X, weights):
    return bytearray(2**46)
