"""Is a notebook nested a hundred thousand deep.

Expects: outputs CRASH
"""


def prepare(folder, target):
    (folder / "layer.ipynb").write_text("[" * 100_000 + "]" * 100_000)
