"""Is a notebook of more cells than anybody replays.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""

import json


def prepare(folder, target):
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": "1"}
    notebook = {"cells": [cell] * 5_000, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "hw.ipynb").write_text(json.dumps(notebook))
