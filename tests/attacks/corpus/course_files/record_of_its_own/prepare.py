"""Brings along what references reached, recorded so that nothing is enough.

Expects: outputs FAIL
"""

def prepare(folder, target):
    for place in (folder / "recorded", folder / "reference" / "layer" / "recorded"):
        place.mkdir(parents=True)
        for name in ("results.json", "networks.json", "budgets.json"):
            (place / name).write_text('{"format": 1, "networks": {}, "results": []}')
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
