"""Is a source in which one line binds a name of a megabyte.

Expects: outputs CRASH or FAIL or MISSING
"""


def prepare(folder, target):
    (folder / "layer.py").write_text(f"{'a' * 2**20} = 1\n\n\ndef outputs(X, weights):\n    return {'a' * 2**20}x\n")
