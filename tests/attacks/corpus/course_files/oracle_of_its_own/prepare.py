"""Brings a reference and cases along, which would run where verdicts are made.

Expects: outputs FAIL
"""

SOURCE = "raise RuntimeError('got through')\n"


def prepare(folder, target):
    for place in (folder, folder / "reference", folder / "reference" / "layer"):
        place.mkdir(exist_ok=True)
        for name in ("oracle_numpy.py", "cases.py", "conftest.py", "preparation.py", "experiments.py"):
            (place / name).write_text(SOURCE)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
