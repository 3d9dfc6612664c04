"""Brings compiled files along whose source is another.

Expects: outputs FAIL
"""

import importlib.util
import marshal


def prepare(folder, target):
    (folder / "layer.py").write_text("from helper import outputs\n")
    (folder / "helper.py").write_text("def outputs(X, weights):\n    return 0.0\n")
    code = marshal.dumps(compile('raise RuntimeError("got through: bytecode")', "helper.py", "exec"))
    (folder / "__pycache__").mkdir()
    unchecked = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + code
    (folder / "__pycache__" / "helper.cpython-311.pyc").write_bytes(unchecked)
    (folder / "helper.pyc").write_bytes(unchecked)
