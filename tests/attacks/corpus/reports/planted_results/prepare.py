"""Brings along the files that a report would be written into, with full marks in them.

Expects: outputs FAIL
"""

NAMES = (
    "overrides.yaml",
    "results.json",
    "result.json",
    "report.json",
    "reports.json",
    "gradescope.json",
    "classroom50.json",
    "report.html",
    "junit.xml",
    "class.csv",
    "criteria.csv",
    "report.md",
    "students/planted_results/report.json",
    "recorded/results.json",
)


def prepare(folder, target):
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('{"score": 10, "verdict": "PASS", "awarded": 10, "tests": [{"score": 10}]}')
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
