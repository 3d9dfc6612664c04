"""What a warm session adds to a student's own code, for a network in PyTorch and one in Keras.

    python benchmarks/warm.py [--submissions 20]

Each submission is a LeNet, other than the ones before by a comment, graded for its layers, its parameters and what it
computes, one after another in one session whose template has imported the framework. What the student's own code took
is what its worker tells (processor time of its calls: building the network, running it forward); the rest is ours:
starting the worker, reading the source, tracing, comparing, ending it. The goal is at most 60 ms of that.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from measure import ONE_THREAD, machine, spread
from networks import COURSE, NETWORK, RECORD, RUBRIC, python

os.environ.update(ONE_THREAD)

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = ROOT / "reference" / "backprop_to_lenet"
GOAL_MS = 60.0
CRITERIA = ("lenet.layers", "lenet.parameters", "lenet.transplant")
KERAS = """import keras
from keras import layers


def build_lenet():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(120, 5, activation="relu"), layers.Flatten(),
        layers.Dense(84, activation="relu"), layers.Dense(10),
    ])
"""
SOURCES = {"torch": NETWORK, "keras": KERAS}


def make(folder):
    """Write the course and return its folder."""
    assignment = folder / "reference" / "lenet"
    (assignment / "recorded").mkdir(parents=True)
    for name in ("oracle_torch.py", "preparation.py", "experiments.py"):
        (assignment / name).write_bytes((ASSIGNMENT / name).read_bytes())
    (folder / "rubric.yaml").write_text(COURSE)
    (assignment / "rubric.yaml").write_text(RUBRIC)
    python(RECORD, folder)
    return folder


def submissions(folder, source, count):
    """Yield jobs, each a submission of its own."""
    from grader.session import Job

    for number in range(count):
        student = folder / f"student{number}"
        student.mkdir(parents=True)
        (student / "networks.py").write_text(f"{source}\n# student {number}\n")
        yield Job(student, only=CRITERIA)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--submissions", type=int, default=20)
    count = options.parse_args().submissions
    sys.path.insert(0, str(ROOT))
    from grader.checks.registry import KINDS
    from grader.course.load import load
    from grader.session import grade_each

    print(machine())
    with tempfile.TemporaryDirectory() as temporary:
        course = load(make(Path(temporary) / "course"), KINDS)
        for framework, source in SOURCES.items():
            ended = []

            def done(report, ended=ended):
                assert not isinstance(report, Exception), report
                assert report.score.awarded == report.score.possible, report.results
                ended.append((time.perf_counter(), report))

            made = submissions(Path(temporary) / framework, source, count + 1)
            grade_each(course, made, done, lambda _: None, more_follow=True)
            walls = [(after - before) for (before, _), (after, _) in pairwise(ended)]
            students = [sum(one.usage.cpu_s for one in report.results) for _, report in ended[1:]]
            rests = [wall - student for wall, student in zip(walls, students, strict=True)]
            median = statistics.median(rests) * 1000
            verdict = "met" if median <= GOAL_MS else "not met"
            print(f"{framework}: whole {spread(walls)}, the student's {spread(students)}, the rest {spread(rests)}")
            print(f"    goal for the rest: at most {GOAL_MS:.0f} ms: {verdict}")


if __name__ == "__main__":
    main()
