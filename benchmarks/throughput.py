"""What a class of backprop submissions costs, beside a bare Python process for each of them.

    python benchmarks/throughput.py [--submissions 200] [--rounds 3] [--jobs 2] [--isolation full]

`grader run CLASS --only backprop`, with every wall up, against processes that import NumPy, load the same file and make
as many calls (benchmarks/bare.py), as many of them at a time. Both on one BLAS thread, in turn. Processor time counts
everything: command, sessions, templates, workers. Every submission has other contents, so that its cases are its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import ONE_THREAD, machine
from single_run import ASSIGNMENT, PART, ROOT, SUBMISSION, calls_of_a_run, grader

os.environ.update(ONE_THREAD)


def make_class(folder, count):
    """Write ``count`` submissions and return the folder they are in."""
    source = (SUBMISSION / "backprop.py").read_text()
    for number in range(count):
        student = folder / f"student{number:04}"
        student.mkdir(parents=True)
        (student / "backprop.py").write_text(f"{source}\n# student {number}\n")
    return folder


def measured(work):
    """Return the seconds of wall clock and of processor that ``work()`` takes in processes that it waits for."""
    before, started = os.times(), time.perf_counter()
    work()
    after = os.times()
    return time.perf_counter() - started, sum(after[2:4]) - sum(before[2:4])


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--submissions", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--isolation", default="full")
    chosen = options.parse_args()
    calls, count = calls_of_a_run()
    bare = [sys.executable, str(ROOT / "benchmarks" / "bare.py")]
    ends = [str(ASSIGNMENT / "cases.py"), json.dumps(calls)]
    print(machine())
    with tempfile.TemporaryDirectory() as temporary:
        submissions = make_class(Path(temporary) / "class", chosen.submissions)
        report = Path(temporary) / "reports.json"

        def ours():
            subprocess.run(
                [grader(), "run", str(submissions), "--only", PART, "--jobs", str(chosen.jobs),
                 "--isolation", chosen.isolation, "--json", str(report)],
                check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

        def theirs():
            with ThreadPoolExecutor(chosen.jobs) as threads:
                for done in threads.map(
                    lambda folder: subprocess.run(
                        [*bare, str(folder / "backprop.py"), *ends], check=True, stderr=subprocess.DEVNULL
                    ),
                    sorted(submissions.iterdir()),
                ):
                    assert done.returncode == 0

        rounds = [(measured(ours), measured(theirs)) for _ in range(chosen.rounds)]
        reports = json.loads(report.read_bytes())["reports"]
    assert len(reports) == chosen.submissions
    assert all(one["score"]["awarded"] == one["score"]["possible"] for one in reports)
    assert {one["provenance"]["isolation"] for one in reports} == {chosen.isolation}
    each = 1000 / chosen.submissions
    for name, index in (("grader run, every wall", 0), (f"bare process, {count} calls", 1)):
        wall, cpu = (statistics.median(one[index][which] for one in rounds) * each for which in (0, 1))
        print(f"{name:28} {wall:7.1f} ms wall  {cpu:7.1f} ms processor, a submission")
    wall, cpu = (statistics.median(one[0][which] / one[1][which] for one in rounds) for which in (0, 1))
    print(f"processor: {cpu:.2f} × bare (goal at most 1.0); throughput: {1 / wall:.2f} × bare (goal at least 1.0)")


if __name__ == "__main__":
    main()
