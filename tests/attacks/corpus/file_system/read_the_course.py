"""Reads the reference, the cases, the rubric and the secret of the course, on every way that leads there.

Expects: outputs CRASH
Says: nothing could be read
"""

import json
import os
from pathlib import Path

TARGET = json.loads(Path("target.json").read_bytes())
ROOTS = [
    "",
    "/proc/self/root",
    "/proc/1/root",
    "/proc/self/cwd/../../../../../..",
    "/proc/self/fd/3/..",
    "/proc/self/exe/..",
]


def outputs(X, weights):
    files = ["rubric.yaml", ".grader-secret"]
    files += [f"reference/layer/{name}" for name in ("oracle_numpy.py", "cases.py", "rubric.yaml")]
    for root in [*ROOTS, f"/proc/{os.getppid()}/root", f"/proc/{TARGET['victim']}/root"]:
        for file in files:
            try:
                content = Path(f"{root}{TARGET['course']}/{file}").read_text()
            except (OSError, ValueError):
                continue
            raise RuntimeError("got through: " + content)
    raise LookupError("nothing could be read")
