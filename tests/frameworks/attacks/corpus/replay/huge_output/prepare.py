"""Carries megabytes of output, and pictures that are none.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""

import json


def prepare(folder, target):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 2_000_000}
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo=" * 1000}}
    page = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>alert(1)</script>", "image/svg+xml": "<svg onload=alert(1)>"}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output, picture, page], "source": "1"}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "hw.ipynb").write_text(json.dumps(notebook))
