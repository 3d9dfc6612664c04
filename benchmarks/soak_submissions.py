"""A small course, and submissions to it: right ones, wrong ones, and hostile ones that end as they always end."""

import random
import shutil
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENT = "backprop_to_lenet"
REFERENCE = ROOT / "reference" / ASSIGNMENT
SUBMISSIONS = ROOT / "submissions"
READING, LOSS, GRADIENTS = 1.0, 3.0, 7.0
"""Points: for what is read and not run, for the loss, for the gradients."""
FULL = READING + LOSS + GRADIENTS

COURSE = "course: Soak\ndefaults: {limits: {time: 6 s, total: 60 s, memory: 512 MiB}}\n"
RUBRIC = f"""\
assignment: Backpropagation
parts:
  - id: backprop
    title: A two-layer network by hand
    files: [backprop.py, backprop.ipynb]
    imports: [numpy, os, sys, threading, time]
    functions:
      forward_propagation: {{accepts: [X, weights], returns: [Y, Z2, H, Z1]}}
      back_propagation: {{accepts: [X, Y_T, weights], returns: [gradients, loss]}}
    oracle: oracle_numpy.py
    criteria:
      - {{id: imports, title: NumPy alone, points: {READING:g}, check: imports}}
      - {{id: loss, title: The loss, points: {LOSS:g}, check: values, of: loss, cases: [handout, 2 x random_draws]}}
      - id: gradients
        title: The gradients
        points: {GRADIENTS:g}
        check: gradients
        of: gradients
        against: [finite differences, oracle]
        points_by: {{W1: 3, b1: 1, W2: 2, b2: 1}}
        cases: [handout, 2 x random_draws]
"""

ATTACK = """\
import os, sys, threading, time
import numpy as np


def forward_propagation(X, weights):
    H = 1 / (1 + np.exp(-(X @ weights["W1"].T + weights["b1"])))
    Z2 = H @ weights["W2"] + weights["b2"]
    return 1 / (1 + np.exp(-Z2)), Z2, H, X


def back_propagation(X, Y_T, weights):
{body}
    return {{name: np.zeros_like(array) for name, array in weights.items()}}, 0.0
"""
ENDLESS = "while True:\n    pass\n"
ATTACKS = {
    "exits": "os._exit(0)",
    "kills": "os.kill(os.getpid(), 9)",
    "hoards": "hoard = []\n    while True: hoard.append(np.ones(2**22))",
    "forks": """\
try:
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
    except OSError:
        pass""",
    "starts threads": "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    "floods": "for _ in range(64): os.write(1, b'x' * 2**16)",
    "talks out of turn": "os.write(3, b'\\xff' * 100)\n    time.sleep(600)",
    "hangs up": "os.close(3)",
    "litters": "for n in range(20): open(f'{n}.bin', 'wb').write(bytes(2**16))",
    "opens files": "for n in range(50): os.dup(1)",
}


class Kind(NamedTuple):
    """A kind of submission: its files, and the points it must get, where that is known beforehand."""

    name: str
    files: dict[str, bytes]
    points: float | None = None


def kinds() -> dict[str, list[Kind]]:
    """Return the kinds by sort: ``right``, ``wrong``, ``hostile`` and ``endless``, which takes as long as it may."""
    alice = (SUBMISSIONS / "alice" / "backprop.py").read_bytes()
    carol = (SUBMISSIONS / "carol" / "backprop.ipynb").read_bytes()
    right = [Kind("alice", {"backprop.py": alice}, FULL), Kind("carol", {"backprop.ipynb": carol})]
    right.append(Kind("in a folder", {f"{ASSIGNMENT}/backprop.py": alice, "README.md": b"# Mine"}, FULL))
    wrong = [
        Kind(path.stem, {"backprop.py": path.read_bytes()})
        for path in sorted((REFERENCE / "faults").glob("*.py"))
        if b"def back_propagation" in path.read_bytes()
    ]
    wrong += [
        Kind(name, {"backprop.py": (SUBMISSIONS / name / "backprop.py").read_bytes()})
        for name in ("dave", "dave_import", "dave_missing")
    ]
    wrong += [Kind("no source", {"notes.txt": b"later"}), Kind("two copies", {"a.py": alice, "b.py": alice})]
    hostile = [
        Kind(name, {"backprop.py": ATTACK.format(body=f"    {body}").encode()}, READING)
        for name, body in ATTACKS.items()
    ]
    endless = Kind("endless", {"backprop.py": alice + ENDLESS.encode()}, READING)
    return {"right": right, "wrong": wrong, "hostile": hostile, "endless": [endless]}


SHARES = {"right": 0.5, "wrong": 0.28, "hostile": 0.21, "endless": 0.01}


def drawn(count: int) -> list[Kind]:
    """Return ``count`` kinds, each sort in its share and its kinds in turn, at least one of each sort."""
    by_sort = kinds()
    numbers = {sort: max(1, round(share * count)) for sort, share in SHARES.items()}
    numbers["right"] = max(1, numbers["right"] + count - sum(numbers.values()))
    return [by_sort[sort][n % len(by_sort[sort])] for sort, number in numbers.items() for n in range(number)]


def write_course(folder: Path) -> Path:
    """Write the course into ``folder`` and return it."""
    target = folder / "reference" / ASSIGNMENT
    target.mkdir(parents=True)
    for name in ("cases.py", "oracle_numpy.py"):
        shutil.copy(REFERENCE / name, target)
    (folder / "rubric.yaml").write_text(COURSE)
    (target / "rubric.yaml").write_text(RUBRIC)
    return folder


def write_submissions(folder: Path, chosen: list[Kind], seed: int) -> list[tuple[str, Path]]:
    """Write one folder for each of ``chosen``; return pairs of the kind's name and the folder, in an order that
    ``seed`` decides."""
    written = []
    for number, kind in enumerate(chosen):
        place = folder / f"student-{number:05}"
        for path, content in kind.files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content)
        written.append((kind.name, place))
    random.Random(seed).shuffle(written)
    return written
