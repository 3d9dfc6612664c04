"""How long a LeNet with trained weights takes to grade, beside a script that loads the weights and evaluates them.

    python benchmarks/networks.py [--runs N]

Five criteria (layers, parameters, transplant, accuracy, metric) on the embedded subset, everything on one thread,
against a bare Python process that imports PyTorch, builds the network, loads the weights and runs the same 1,000 images
(benchmarks/bare_network.py). Both in turn, N times:

    warm   the session has graded before; the worker is a fresh process that imports PyTorch again
    cold   a process that imports the session too, for one submission
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import ONE_THREAD, machine, spread

os.environ.update(ONE_THREAD)

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = ROOT / "reference" / "backprop_to_lenet"
GOAL = 1.5
COURSE = "course: LeNet\ndefaults: {limits: {time: 120 s, total: 10 min}}\n"
RUBRIC = """assignment: LeNet
parts:
  - id: lenet
    files: [networks.py]
    models: {lenet: {input: [28, 28, 1], weights: [weights/lenet.*]}}
    criteria:
      - {id: layers, title: layers, points: 1, check: layers}
      - {id: parameters, title: parameters, points: 1, check: parameters}
      - {id: transplant, title: transplant, points: 1, check: transplant}
      - {id: accuracy, title: accuracy, points: 1, check: accuracy, full_marks_from: 2%, no_marks_below: 1%}
      - {id: metric, title: metric, points: 1, check: metric, within: 100%}
"""
NETWORK = """from torch import nn


def build_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
"""
WRITE = """
import runpy, sys, torch
torch.manual_seed(0)
torch.save(runpy.run_path(sys.argv[1])["build_lenet"]().state_dict(), sys.argv[2])
"""
RECORD = """
import sys
from pathlib import Path
from grader.checks.registry import KINDS
from grader.course.load import load
from grader.oracle.networks import FILE, record
assignment = load(Path(sys.argv[1]), KINDS).assignments[0]
(assignment.folder / "recorded" / FILE).write_bytes(record(assignment, ("torch",)))
"""
COLD = """
import sys
from pathlib import Path
from grader.checks.registry import KINDS
from grader.course.load import load
from grader.session import Job, grade
report = grade(load(Path(sys.argv[1]), KINDS), Job(Path(sys.argv[2])))
assert report.score.total == report.score.possible, report.results
"""


def make(folder):
    """Write the course and the submission; return their folders."""
    course, submission = folder / "course", folder / "alice"
    assignment = course / "reference" / "lenet"
    (assignment / "recorded").mkdir(parents=True)
    for name in ("oracle_torch.py", "preparation.py", "experiments.py"):
        shutil.copy(ASSIGNMENT / name, assignment)
    (course / "rubric.yaml").write_text(COURSE)
    (assignment / "rubric.yaml").write_text(RUBRIC)
    (submission / "weights").mkdir(parents=True)
    (submission / "networks.py").write_text(NETWORK)
    (submission / "results.json").write_text(json.dumps({"lenet": {"test_accuracy": 0.5}}))
    python(WRITE, submission / "networks.py", submission / "weights" / "lenet.pt")
    python(RECORD, course)
    return course, submission


def python(program, *arguments):
    subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )


def timed(work):
    """Return seconds of wall clock and of processor, children included, that ``work()`` takes, and what it returns."""
    before, started = os.times(), time.perf_counter()
    result = work()
    wall_s, after = time.perf_counter() - started, os.times()
    return wall_s, sum(after[:4]) - sum(before[:4]), result


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=7)
    runs = options.parse_args().runs
    sys.path.insert(0, str(ROOT))
    from grader.checks.registry import KINDS
    from grader.course.load import load
    from grader.data.subset import FOLDER
    from grader.session import Job, grade

    with tempfile.TemporaryDirectory() as temporary:
        course_folder, submission = make(Path(temporary))
        course = load(course_folder, KINDS)
        bare_script = ROOT / "benchmarks" / "bare_network.py"
        images = FOLDER / "fashion-mnist.npz"
        command = [
            sys.executable,
            *map(str, (bare_script, submission / "networks.py", submission / "weights/lenet.pt")),
        ]
        ways = {
            "warm": lambda: grade(course, Job(submission)),
            "cold": lambda: python(COLD, course_folder, submission),
            "bare": lambda: subprocess.run([*command, str(images)], check=True, stdout=subprocess.DEVNULL),
        }
        print(machine())
        for work in ways.values():
            work()
        rounds = [{name: timed(work) for name, work in ways.items()} for _ in range(runs)]
    for name in ways:
        print(f"{name}   wall {spread([r[name][0] for r in rounds])}   cpu {spread([r[name][1] for r in rounds])}")
    for name in ("warm", "cold"):
        wall, cpu = (statistics.median(r[name][i] / r["bare"][i] for r in rounds) for i in (0, 1))
        print(f"{name} / bare   wall {wall:.2f}   cpu {cpu:.2f}")
        if name == "warm":
            print(f"  the goal is {GOAL}: {'met' if wall <= GOAL else 'not met'}")
    results = rounds[-1]["warm"][2].results
    assert all(result.verdict == "PASS" for result in results), results
    print("where a warm run spends it, by criterion: all, of which in the worker (wall), of which there on a processor")
    for result in results:
        spent = (result.duration_s, result.usage.wall_s, result.usage.cpu_s)
        print(f"  {result.title:12}" + "".join(f"{seconds * 1000:8.0f} ms" for seconds in spent))


if __name__ == "__main__":
    main()
