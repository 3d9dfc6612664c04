"""How long a report page takes to make, and how large it is.

    python benchmarks/pages.py [--runs N]

The report is that of a whole assignment with pictures: 36 criteria and, six times, learning curves, a confusion matrix,
256 kernels and the error of each gradient; and as many pictures that a notebook stores as there is room for, in number
and in bytes. Beside it the page of a class of 200, and the time that the first page
takes in a fresh process, which loads the templates.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import machine
from msgspec.structs import replace

ROOT = Path(__file__).resolve().parent.parent
GOAL_S, GOAL_BYTES = 0.5, 1_000_000
FIRST = """
import pickle, sys, time
report = pickle.load(sys.stdin.buffer)
started = time.perf_counter()
from grader.report.html import to_html
to_html(report)
print(time.perf_counter() - started)
"""


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    sys.path.insert(0, str(ROOT))
    from grader.grading.pictures import MAX_BYTES, MAX_PICTURES
    from grader.report.html import to_html
    from grader.report.html_index import to_html_index
    from tests.pages.material import full_of_pictures, full_report

    report = full_of_pictures(replace(full_report(parts=6), pictures=()), MAX_PICTURES, MAX_BYTES)
    print(machine())
    seconds, page = timed(lambda: to_html(report), runs)
    show("report of a whole assignment", seconds, page)
    size = len(page.encode())
    met = statistics.median(seconds) <= GOAL_S and size <= GOAL_BYTES
    print(f"  the goal is {GOAL_S} s and {GOAL_BYTES / 1e6:.0f} MB: {'met' if met else 'not met'}")
    first = [first_page(report) for _ in range(max(3, runs // 3))]
    print(f"{'the same, in a fresh process':34}{statistics.median(first) * 1000:7.0f} ms  with importing what it needs")
    show("class of 200", *timed(lambda: to_html_index([report] * 200), runs))


def timed(make, runs):
    """Seconds of each of ``runs`` calls after one that is not counted, and what the last one returned."""
    page = make()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        page = make()
        seconds.append(time.perf_counter() - started)
    return seconds, page


def first_page(report):
    """Seconds from nothing imported to the page."""
    import pickle  # between two processes of this script

    done = subprocess.run(
        [sys.executable, "-c", FIRST], input=pickle.dumps(report), check=True, capture_output=True, cwd=ROOT
    )
    return float(done.stdout)


def show(what, seconds, page):
    low, middle, high = (1000 * f(seconds) for f in (min, statistics.median, max))
    print(f"{what:34}{middle:7.0f} ms  ({low:.0f}-{high:.0f})  {len(page.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
