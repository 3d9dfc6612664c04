"""Waits for somebody to type.

Expects: outputs CRASH
Says: EOFError
"""


def outputs(X, weights):
    return input("the right answer, please: ")
