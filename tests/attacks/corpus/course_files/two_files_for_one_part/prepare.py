"""Hands in the same part twice, as a file and as a notebook, of which one must be right.

Expects: outputs NEEDS_REVIEW
Says: more than once
"""

import json

RIGHT = 'def outputs(X, weights):\n    return X @ weights["W"] + weights["b"]\n'


def prepare(folder, target):
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": RIGHT}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "layer.ipynb").write_text(json.dumps(notebook))
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
