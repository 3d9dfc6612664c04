"""How long one submission takes, beside the least it could take.

    python benchmarks/single_run.py [--runs N]

Two pairs of commands, each run in turn N times on one BLAS thread:

    grader run submissions/alice --only backprop   against   a bare Python process that imports NumPy, loads the same
                                                             file and makes as many calls (benchmarks/bare.py)
    grader --help                                  against   python -c pass
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import machine, paired, spread

ROOT = Path(__file__).resolve().parent.parent
SUBMISSION = ROOT / "submissions" / "alice"
PART = "backprop"
ASSIGNMENT = ROOT / "reference" / "backprop_to_lenet"


def grader():
    """The installed command beside the Python that runs this script."""
    return str(Path(sys.executable).with_name("grader"))


def command():
    """The run that is measured."""
    return [grader(), "run", str(SUBMISSION), "--only", PART]


def calls_of_a_run():
    """Grade once and list the calls that were made, as bare.py wants them: the report says how many per criterion."""
    sys.path.insert(0, str(ROOT))
    from grader.checks.registry import KINDS
    from grader.course.load import load

    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([*command(), "--json", file.name], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        report = json.loads(Path(file.name).read_bytes())["reports"][0]
    made = {result["criterion_id"]: result["usage"]["calls"] for result in report["results"]}
    calls = []
    assignment = next(a for a in load(ROOT, KINDS).assignments if a.folder == ASSIGNMENT)
    for criterion in next(part for part in assignment.parts if part.id == PART).criteria:
        left, function = made[criterion.id], "forward_propagation" if "forward" in criterion.id else "back_propagation"
        for plan in criterion.cases:
            if left:
                calls.append([function, plan.name, plan.repeat])
                left -= plan.repeat
        if left > 0:  # finite differences, on the first case
            calls.append([function, criterion.cases[0].name, left])
    assert sum(count for _, _, count in calls) >= sum(made.values())
    return calls, sum(made.values())


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=9)
    runs = options.parse_args().runs
    calls, count = calls_of_a_run()
    bare = [
        sys.executable, str(ROOT / "benchmarks" / "bare.py"), str(SUBMISSION / "backprop.py"),
        str(ASSIGNMENT / "cases.py"), json.dumps(calls),
    ]  # fmt: skip
    print(machine())
    ours, theirs = paired(command(), bare, runs)
    allowed = 2.5 * statistics.median(theirs) + 0.6
    print(f"{'grader run alice, backprop':30}{spread(ours)}")
    print(f"{f'bare process, {count} calls':30}{spread(theirs)}")
    print(f"  ratio {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}", end="")
    print(f"; the goal is 2.5 × bare + 0.6 s = {allowed * 1000:.0f} ms: {_met(statistics.median(ours), allowed)}")
    ours, theirs = paired([grader(), "--help"], [sys.executable, "-c", "pass"], runs)
    print(f"{'grader --help':30}{spread(ours)}")
    print(f"{'python -c pass':30}{spread(theirs)}")
    print(f"  ratio {statistics.median(a / b for a, b in zip(ours, theirs, strict=True)):.2f}", end="")
    print(f"; the goal is 250 ms: {_met(statistics.median(ours), 0.25)}")


def _met(value, goal):
    return "met" if value <= goal else "not met"


if __name__ == "__main__":
    main()
