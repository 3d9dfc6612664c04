"""Joins the groups of the system.

Expects: outputs CRASH
Says: PermissionError
"""

import os


def outputs(X, weights):
    os.setgroups([0, 6, 42])
    raise RuntimeError("got through")
