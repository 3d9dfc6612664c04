"""Brings a course along, in which everything is worth more and nothing is asked.

Expects: outputs FAIL
"""

RUBRIC = """assignment: One layer
parts:
  - id: layer
    files: [layer.py]
    functions: {outputs: {accepts: [X], returns: [Y]}}
    oracle: oracle_numpy.py
    criteria:
      - {id: outputs, title: Anything, points: 100, check: imports}
"""


def prepare(folder, target):
    assignment = folder / "reference" / "layer"
    assignment.mkdir(parents=True)
    (folder / "rubric.yaml").write_text("course: Mine\nisolation: none\n")
    (folder / "grader.toml").write_text("[grader]\ncourse = '.'\ntrust_code = true\n")
    (folder / ".grader-secret").write_text("known")
    (assignment / "rubric.yaml").write_text(RUBRIC)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
