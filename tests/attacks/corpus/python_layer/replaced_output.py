"""Replaces standard output and error, and closes them.

Expects: outputs PASS, loss CRASH
Says: I have no output
"""

import os
import sys


class Silence:
    def __getattr__(self, name):
        raise ValueError("I have no output")


os.close(1)
os.close(2)
sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = Silence()


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    sys.stdout.write("PASS")
