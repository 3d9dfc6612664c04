"""Names a kernel of its own, attachments, tags and settings that a tool might follow.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""

import json


def prepare(folder, target):
    kernel = {"name": "../../attack", "argv": ["touch", "/tmp/attack-was-here"], "language": "bash", "display_name": "\x1b[2J"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "bash", "file_extension": ".sh"}, "jupytext": {"cell_metadata_filter": "-all"}}
    tags = {"tags": ["parameters", "nbgrader"], "nbgrader": {"grade": True, "points": 100, "locked": True, "solution": False}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": tags, "outputs": [], "source": ["x = 1\n", "\ud800"], "attachments": {"../x": {}}}
    (folder / "hw.ipynb").write_text(json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    (folder / "kernel.json").write_text(json.dumps(kernel))
    (folder / "jupyter_config.py").write_text("raise RuntimeError('got through')\n")
    (folder / "sitecustomize.py").write_text("raise RuntimeError('got through')\n")
