"""Is a notebook whose fields are of every type but their own.

Expects: outputs CRASH or MISSING
"""

import json


def prepare(folder, target):
    cells = [7, None, {}, {"cell_type": "code", "source": {"a": 1}}, {"cell_type": ["code"], "source": "x"}]
    cells += [{"cell_type": "code", "source": ["def outputs(X, weights):", 3], "outputs": "none", "metadata": []}]
    notebook = {"cells": cells, "metadata": 1, "nbformat": "four", "nbformat_minor": -1}
    (folder / "layer.ipynb").write_text(json.dumps(notebook))
