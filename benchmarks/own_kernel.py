"""What the isolation level gvisor costs, beside full.

    python benchmarks/own_kernel.py [--runs N]

Run in turn, N times each: the start of a worker (a copy of a template, one from nothing, one on gVisor), each until
its walls are up and its first answer is there; and `grader run submissions/alice --only backprop` as a whole at both
levels. Needs gVisor's runsc on PATH.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from measure import machine, paired, spread

ROOT = Path(__file__).resolve().parent.parent
RUN = "from grader.cli.main import main; main()"


def start(isolation, *, copy):
    """Seconds until a worker has answered its first request."""
    from grader.course.model import Limits
    from grader.sandbox.lease import open_worker

    started = time.perf_counter()
    with open_worker(isolation, Limits(), copy=copy) as worker:
        worker.deliver({"a.py": b"x = 1\n"})
        return time.perf_counter() - started


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    sys.path.insert(0, str(ROOT))
    from grader.sandbox.levels import Level, choose, probe

    full = choose(probe(), demanded=Level.FULL)
    gvisor = choose(full, demanded=Level.GVISOR)
    print(machine())
    ways = {
        "worker at full, a copy": (full, True),
        "worker at full, from nothing": (full, False),
        "worker at gvisor": (gvisor, False),
    }
    for isolation, copy in ways.values():
        start(isolation, copy=copy)
    starts = [[start(isolation, copy=copy) for isolation, copy in ways.values()] for _ in range(runs)]
    for name, values in zip(ways, zip(*starts, strict=True), strict=True):
        print(f"{name:30}{spread(values)}")
    command = [sys.executable, "-c", RUN, "run", str(ROOT / "submissions" / "alice"), "--only", "backprop"]
    ours, theirs = paired([*command, "--isolation", "gvisor"], [*command, "--isolation", "full"], runs)
    print(f"{'grader run, gvisor':30}{spread(ours)}")
    print(f"{'grader run, full':30}{spread(theirs)}")
    print(f"  ratio {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}")


if __name__ == "__main__":
    main()
