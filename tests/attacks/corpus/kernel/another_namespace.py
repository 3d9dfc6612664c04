"""Joins the namespaces of the first process.

Expects: outputs CRASH
Says: PermissionError
"""

import os

from _calling import call


def outputs(X, weights):
    call("setns", os.open("/proc/self/ns/mnt", os.O_RDONLY), 0)
    raise RuntimeError("got through")
