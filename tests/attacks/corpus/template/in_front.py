"""Makes itself more important than everybody else.

Expects: outputs CRASH
Says: nothing was granted
"""

import os
from pathlib import Path


def outputs(X, weights):
    attempts = [
        lambda: os.nice(-20),
        lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
        lambda: os.sched_setaffinity(os.getppid() or 1, {0}),
        lambda: Path("/proc/self/oom_score_adj").write_text("-1000"),
        lambda: Path(f"/proc/{os.getppid()}/oom_score_adj").write_text("1000"),
    ]
    for attempt in attempts:
        try:
            attempt()
        except OSError:
            continue
        raise RuntimeError("got through")
    raise LookupError("nothing was granted")
