"""The course that the attacks are handed in to: one layer of a network, and secrets wherever a course has some."""

import shutil
from pathlib import Path

from tests.attacks.ground import Ground, Secrets

ASSIGNMENT = "layer"
FILE = "layer.py"
"""What a student hands in."""
POINTS = {"outputs": 3, "zebra": 2, "loss": 2, "gradients": 3}
"""By criterion. Students are not shown the one about the zebra, which comes between the others."""
HIDDEN_TITLE = "The zebra criterion"
HIDDEN_INPUT = 7361925.5
"""Stands in the hidden criterion's case, and nowhere else."""
HIDDEN_EXPECTED = 2 * HIDDEN_INPUT
TIME_S = 2

COURSE = f"""\
course: Under attack
defaults:
  limits: {{time: {TIME_S} s, total: 30 s, memory: 256 MiB, processes: 32, output: 4 KiB}}
"""
RUBRIC = f"""\
# SECRET
assignment: One layer
parts:
  - id: layer
    title: One linear layer
    files: [{FILE}, layer.ipynb]
    functions:
      outputs: {{accepts: [X, weights], returns: [Y]}}
      slopes: {{accepts: [X, T, weights], returns: [gradients, loss]}}
    oracle: oracle_numpy.py
    criteria:
      - {{id: outputs, title: The outputs are right, points: {POINTS["outputs"]}, check: values, of: Y,
         cases: [small, 2 x drawn]}}
      - {{id: zebra, title: {HIDDEN_TITLE}, points: {POINTS["zebra"]}, check: values, of: Y,
         cases: [never_shown], visible: never, needs: [outputs]}}
      - {{id: loss, title: The loss is right, points: {POINTS["loss"]}, check: values, of: loss, cases: [small, drawn]}}
      - {{id: gradients, title: The gradients are right, points: {POINTS["gradients"]}, check: gradients,
         of: gradients, cases: [small, drawn]}}
"""
ORACLE = '''\
"""SECRET"""


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    error = outputs(X, weights) - T
    return {"W": X.T @ error / len(X), "b": error.mean()}, (error**2).mean() / 2
'''
CASES = f'''\
"""SECRET"""

import numpy as np


def small(rng):
    return {{"X": np.eye(4, 3), "T": np.ones(4), "weights": {{"W": np.arange(1.0, 4.0), "b": np.zeros(())}}}}


def drawn(rng):
    weights = {{"W": rng.normal(size=3), "b": rng.normal(size=())}}
    return {{"X": rng.normal(size=(20, 3)), "T": rng.normal(size=20), "weights": weights}}


def never_shown(rng):
    weights = {{"W": np.full(1, 2.0), "b": np.zeros(())}}
    return {{"X": np.full((5, 1), {HIDDEN_INPUT}), "T": np.zeros(5), "weights": weights}}
'''
HONEST = '''\
"""An honest answer."""


def outputs(X, weights):
    return X @ weights["W"] + weights["b"]


def slopes(X, T, weights):
    error = outputs(X, weights) - T
    return {"W": X.T @ error / len(X), "b": error.mean()}, (error**2).mean() / 2
'''


def write_course(folder: Path, hidden: Secrets) -> Path:
    """Write the course with its secrets into ``folder``, readable by everybody, and return it."""
    reference = folder / "reference" / ASSIGNMENT
    reference.mkdir(parents=True)
    (folder / "rubric.yaml").write_text(COURSE)
    (folder / ".grader-secret").write_text(hidden.course_secret)
    (reference / "rubric.yaml").write_text(RUBRIC.replace("SECRET", hidden.rubric))
    (reference / "oracle_numpy.py").write_text(ORACLE.replace("SECRET", hidden.reference))
    (reference / "cases.py").write_text(CASES.replace("SECRET", hidden.cases))
    return folder


def _honest(folder: Path) -> None:
    (folder / FILE).write_text(HONEST)


def _hand_in(file: Path, folder: Path) -> None:
    shutil.copy(file, folder / FILE)


GROUND = Ground(
    corpus=Path(__file__).parent / "corpus",
    points=POINTS,
    echoes={"zebra": "outputs"},
    hidden_numbers={"hidden input": HIDDEN_INPUT, "hidden answer": HIDDEN_EXPECTED},
    hidden_title=HIDDEN_TITLE,
    write=write_course,
    # before, among and after all others
    honest=dict.fromkeys(("aaron", "mary", "zoe"), _honest),
    hand_in=_hand_in,
    described_by=FILE,
    # more than there are cores: an attack that waits for its limit keeps nobody else waiting
    jobs=4,
)
