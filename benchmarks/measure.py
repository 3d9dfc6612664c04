"""Timing whole processes in pairs, so that a machine whose speed drifts still gives a fair ratio."""

import os
import statistics
import subprocess
import sys
import time

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def seconds(command, environment=None):
    """Wall-clock seconds of one run of ``command``. Raises if it fails."""
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    return time.perf_counter() - started


def paired(first, second, runs):
    """Run the two commands in turn and return their seconds, after one warm-up of each that is not counted."""
    seconds(first, ONE_THREAD), seconds(second, ONE_THREAD)
    times = [(seconds(first, ONE_THREAD), seconds(second, ONE_THREAD)) for _ in range(runs)]
    return [a for a, _ in times], [b for _, b in times]


def spread(values, scale=1000.0):
    """``median (minimum-maximum)``, in milliseconds by default."""
    low, middle, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"{middle:7.0f} ms  ({low:.0f}-{high:.0f})"


def machine():
    """One line about where the figures come from."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {load:.1f} at the start"
