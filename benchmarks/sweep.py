"""How long the fifteen trainings of the weight-decay sweep take together, compared with fifteen times one of them.

    python benchmarks/sweep.py [--framework torch|keras] [--epochs N] [--rounds N] [--pinned]

Wide MLPs of ``weight_decay`` on the embedded subset, for fewer epochs than the recipe has, each a process of its own as
``grader reference regenerate`` starts it. One training alone, in one thread and in as many as there are cores, is
compared with the fifteen side by side, one process and one thread for each core; with ``--pinned`` also with every
process kept on one core. All take turns ``--rounds`` times, and "one" is the faster of the two.

"whole" counts from the start of the first process to the end of the last. "training" leaves out what a process takes to
start, import its framework and load the images: the median of what the trainings took, divided by how many ran at once.
"processor" is what all processes computed, whoever else used the machine meanwhile; the last line divides it by the
cores: what the ratio would be at least, if nobody else did.
"""

import argparse
import os
import resource
import statistics
import sys
import threading
import time
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("whole", "training", "processor")


def jobs_of_sweep(framework, epochs):
    """The fifteen trainings: three seeds for each of five factors."""
    from grader.oracle.experiments import find_assignments, select
    from grader.oracle.job import make_jobs

    swept = select(find_assignments(ROOT), "weight_decay/sweep")
    return [job for item in swept for job in make_jobs(item, framework, "subset", seeds=3, epochs=epochs)]


def train(jobs, side_by_side):
    """Do the trainings, ``side_by_side`` at once, and return the seconds of each training without its start."""
    from grader.oracle.job import Failed, Finished
    from grader.oracle.schedule import train_all

    seconds = []
    for job, event in train_all(jobs, side_by_side):
        if isinstance(event, Failed):
            raise RuntimeError(f"{job.title}: {event.reason}")
        if isinstance(event, Finished):
            seconds.append(event.run.made.seconds)
    return seconds


def train_pinned(jobs, side_by_side):
    """As :func:`train`, with each process kept on one of the first ``side_by_side`` cores."""
    cores = sorted(os.sched_getaffinity(0))[:side_by_side]
    seconds = []

    def work(share, core):
        os.sched_setaffinity(0, {core})  # of this thread, and of all that it starts
        seconds.extend(train(jobs[share::side_by_side], 1))

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seconds) < len(jobs):
        raise RuntimeError("a training failed")
    return seconds


def measured(jobs, side_by_side, how=train):
    """Train and return seconds: whole, training, processor."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    seconds = how(jobs, side_by_side)
    whole, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return whole, statistics.median(seconds) * len(jobs) / min(side_by_side, len(jobs)), processor


def compare(framework, epochs, rounds, pinned):
    """Measure and print one framework."""
    from grader.oracle.schedule import available_cores

    jobs, cores = jobs_of_sweep(framework, epochs), available_cores()
    together = f"{len(jobs)} side by side"
    ways = {
        "one, 1 thread": lambda: measured(jobs[:1], cores),
        f"one, {cores} threads": lambda: measured(jobs[:1], 1),
        together: lambda: measured(jobs, cores),
    }
    if pinned:
        ways["each kept on a core"] = lambda: measured(jobs, cores, train_pinned)
    measured(jobs[:1], cores)  # so that the framework's files have been read from disk
    times = {name: [] for name in ways}
    for _ in range(rounds):
        for name, measure in ways.items():
            times[name].append(measure())
    middle = {name: [statistics.median(c) for c in zip(*found, strict=True)] for name, found in times.items()}
    one, threaded, *_ = middle.values()
    fastest = min(one, threaded)
    print(f"{framework:20}" + "".join(f"{name:>11}{'of n × one':>13}" for name in COLUMNS))
    for name, values in middle.items():
        times_one = 1 if name.startswith("one") else len(jobs)
        cells = [f"{a:9.1f} s{a / (b * times_one):13.2f}" for a, b in zip(values, fastest, strict=True)]
        print(f"{name:20}" + "".join(cells))
    ratio = middle[together][0] / (len(jobs) * fastest[0])
    print(f"{len(jobs)} together take {ratio:.2f} of {len(jobs)} × one; ", end="")
    print(f"the goal is less than 1: {'met' if ratio < 1 else 'not met'}")
    computed = middle[together][2] / (len(jobs) * one[2] * cores)
    print(f"by processor time, shared by {cores} cores: {computed:.2f} of {len(jobs)} × one in 1 thread", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--framework", choices=["torch", "keras"], action="append")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--pinned", action="store_true")
    given = options.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader.oracle.frameworks import FRAMEWORKS

    print(f"{machine()}; {given.epochs} epochs of 6000 images, {given.rounds} round(s)", flush=True)
    for framework in given.framework or FRAMEWORKS:
        compare(framework, given.epochs, given.rounds, given.pinned)


if __name__ == "__main__":
    main()
