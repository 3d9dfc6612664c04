"""What reports cost, and what a second session process brings.

    python benchmarks/reports.py [--submissions N] [--class-size N] [--runs N] [--course DIR]

Copies of submissions/alice and submissions/bob, in turn, are graded for the backprop part alone:

    rendering   every format of --out, for students, graders and the class, against the run it is from
    --jobs 2    against --jobs 1, on one BLAS thread: of a class, and of as few as are rendered, where the second in
                which one process starts counts for more
"""

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from measure import machine, paired, spread
from single_run import grader

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def copies(folder, number):
    for index in range(number):
        shutil.copytree(ROOT / "submissions" / ("alice", "bob")[index % 2], folder / f"student_{index:03}")


def rendering_s(file, formats):
    """Seconds to render every format of every report once; warm, since a run of many renders many."""
    from grader.report.csv import criteria_csv
    from grader.report.view import for_student

    started = time.perf_counter()
    for report in file.reports:
        for shown in (for_student(report, NOW, None), report):
            for form in formats.values():
                form.of_one(shown)
    for form in formats.values():
        if form.of_all is not None:
            form.of_all(file, {})
    criteria_csv(file)
    return time.perf_counter() - started


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--submissions", type=int, default=20)
    options.add_argument("--class-size", type=int, default=100)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--course", type=Path, default=ROOT)
    given = options.parse_args()
    from grader.report.files import FORMATS
    from grader.report.json import from_json

    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        whole, few = (Path(scratch) / name for name in ("class", "few"))
        copies(whole, given.class_size)
        copies(few, given.submissions)
        report = Path(scratch) / "reports.json"
        for folder in (whole, few):
            # bob's work is wrong, so exit code 1 is right
            command = ["sh", "-c", '"$@" 2>/dev/null || [ $? -eq 1 ]', "sh", grader(), "run", str(folder)]
            command += ["--only", "backprop", "--course", str(given.course), "--json", str(report)]
            two, one = paired([*command, "--jobs", "2"], [*command, "--jobs", "1"], given.runs)
            number = len(list(folder.iterdir()))
            print(f"{f'{number} submissions, --jobs 1':32}{spread(one)}")
            print(f"{f'{number} submissions, --jobs 2':32}{spread(two)}")
            gain = statistics.median(a / b for a, b in zip(one, two, strict=True))
            print(f"  ratio {gain:.2f}; the goal is 1.70: {_met(gain >= 1.7)}")
        file = from_json(report.read_bytes())
    rendering_s(file, FORMATS)
    times = [rendering_s(file, FORMATS) for _ in range(given.runs)]
    share = statistics.median(times) / statistics.median(two)
    print(f"{f'{len(FORMATS)} formats of {len(file.reports)} reports':32}{spread(times)}")
    print(f"  share of the quicker run {share:.1%}; the goal is 5 %: {_met(share <= 0.05)}")


def _met(is_met):
    return "met" if is_met else "not met"


if __name__ == "__main__":
    main()
