"""What a control group of its own costs a worker.

    python benchmarks/control_groups.py [--runs N] [--pause S] [--library NAME ...]

In turn, N times each: a worker that is in a group and one that is not, asked for, waited for until its walls are up,
used once and ended. Between two of them is a pause, as between two submissions: processes that are moved right after
one another share one wait for every processor of the machine, which is most of what a move takes. Beside it a group
alone: made, entered by a process, removed. A library is imported by the template that the workers are copies of.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 3


def worker(isolation, libraries):
    """Return wall seconds until the walls are up, wall seconds in all, and processor seconds of this process."""
    from grader.course.model import Limits
    from grader.sandbox.lease import open_worker

    started_s, processor_s = time.perf_counter(), time.process_time()
    with open_worker(isolation, Limits(), libraries=libraries) as opened:
        ready_s = time.perf_counter() - started_s
        opened.deliver({"a.py": b"x = 1\n"})
    return ready_s, time.perf_counter() - started_s, time.process_time() - processor_s


def group(place):
    """Return wall seconds of making a group, of moving a process into it, of removing it; and processor seconds."""
    from grader.sandbox.cgroups import Group

    with subprocess.Popen(["sleep", "60"]) as moved:
        processor_s, moments = time.process_time(), [time.perf_counter()]
        made = Group(place, memory_bytes=2**30, processes=64)
        moments.append(time.perf_counter())
        made.admit(moved.pid)
        moments.append(time.perf_counter())
        used_s = time.process_time() - processor_s
        moved.kill()
        moved.wait()
        processor_s, moments = time.process_time(), [*moments, time.perf_counter()]
        made.end()
        moments.append(time.perf_counter())
        used_s += time.process_time() - processor_s
    return moments[1] - moments[0], moments[2] - moments[1], moments[4] - moments[3], used_s


def milliseconds(values):
    """Return ``median (90 % are below)``."""
    ordered = sorted(values)
    return f"{1000 * statistics.median(ordered):6.2f} ms (90 % below {1000 * ordered[int(0.9 * len(ordered))]:.2f})"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=60)
    options.add_argument("--pause", type=float, default=0.05, metavar="S")
    options.add_argument("--library", action="append", default=[])
    given = options.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader.sandbox import cgroups
    from grader.sandbox.levels import isolation_of, probe
    from grader.sandbox.worker.configuration import Wall

    works, why = cgroups.trial()
    if not works:
        raise SystemExit(f"no control group can be made here: {why}")
    print(f"{machine()}; control groups of {why}")
    best = probe()
    ways = {"in a group": best, "without": isolation_of(set(best.walls) - {Wall.CGROUP})}
    rows = {name: [] for name in ways}
    for number in range(WARM_UP + given.runs):
        for name, isolation in ways.items():
            time.sleep(given.pause)
            row = worker(isolation, given.library)
            if number >= WARM_UP:
                rows[name].append(row)
    for name, measured in rows.items():
        for label, values in zip(("walls up", "all", "processor"), zip(*measured, strict=True), strict=True):
            print(f"worker {name:12}{label:12}{milliseconds(values)}")
    alone = []
    for _ in range(given.runs):
        time.sleep(given.pause)
        alone.append(group(cgroups.find()))
    for label, values in zip(("made", "entered", "removed", "processor"), zip(*alone, strict=True), strict=True):
        print(f"{'a group alone':19}{label:12}{milliseconds(values)}")


if __name__ == "__main__":
    main()
