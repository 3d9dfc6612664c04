"""A course with one small assignment, for tests of what is around the grading and not of the course itself."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENT = "backprop_to_lenet"
TOTAL = 12
"""The points of everything; one of them is hidden. alice in submissions/ has them all, bob some."""

COURSE = """\
course: Deep learning
defaults: {limits: {time: 5 min, total: 10 min}}
late: {grace: 15 min, per_day: 10%, at_most: 50%}
weights: {backprop_to_lenet: 2}
"""
RUBRIC = """\
assignment: Backpropagation
parts:
  - id: backprop
    title: A two-layer network by hand
    files: [backprop.py, backprop.ipynb]
    imports: [numpy]
    functions:
      forward_propagation: {accepts: [X, weights], returns: [Y, Z2, H, Z1]}
      back_propagation: {accepts: [X, Y_T, weights], returns: [gradients, loss]}
    oracle: oracle_numpy.py
    criteria:
      - {id: numpy_only, title: NumPy alone, points: 1, check: imports}
      - {id: loss, title: The loss is right, points: 3, check: values, of: loss, cases: [handout, 2 x random_draws]}
      - id: gradients
        title: Every gradient is right
        points: 7
        check: gradients
        of: gradients
        against: [finite differences, oracle]
        points_by: {W1: 3, b1: 1, W2: 2, b2: 1}
        cases: [handout, 2 x random_draws]
        needs: [numpy_only]
      # the zebra draws large inputs
      - {id: zebra, title: The zebra criterion, points: 1, check: values, of: loss, cases: [extreme], visible: never}
"""


def write_course(folder: Path) -> Path:
    """Write the course into ``folder`` and return it."""
    source = ROOT / "reference" / ASSIGNMENT
    target = folder / "reference" / ASSIGNMENT
    target.mkdir(parents=True)
    for name in ("cases.py", "oracle_numpy.py"):
        shutil.copy(source / name, target)
    (folder / "rubric.yaml").write_text(COURSE)
    (target / "rubric.yaml").write_text(RUBRIC)
    return folder
