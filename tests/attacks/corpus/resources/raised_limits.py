"""Raises its own limits before it takes all memory.

Expects: outputs MEMORY or CRASH or TIMEOUT
"""

import resource

import numpy as np


def outputs(X, weights):
    for limit in (resource.RLIMIT_DATA, resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NPROC):
        try:
            resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            continue
        if limit != resource.RLIMIT_AS:
            raise RuntimeError("got through: a limit was raised")
    hoard = []
    while True:
        hoard.append(np.ones(2**22))
