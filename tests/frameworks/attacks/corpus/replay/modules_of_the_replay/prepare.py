"""Brings modules along that the replay might take for its own.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""

import json


def prepare(folder, target):
    for name in ("torch", "keras", "numpy", "grader", "json", "linecache", "triton", "matplotlib", "torchvision", "IPython"):
        (folder / f"{name}.py").write_text("raise SystemExit('shadowed')\n")
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [], "source": "import torch"}
    (folder / "hw.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
