"""Stops every clock of Python and takes its time.

Expects: outputs TIMEOUT
"""

import time

wait = time.sleep
for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time", "time_ns", "monotonic_ns"):
    setattr(time, name, lambda: 0)


def outputs(X, weights):
    while True:
        wait(0.05)
