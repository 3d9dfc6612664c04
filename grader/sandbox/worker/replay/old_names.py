"""Names that NumPy and TensorFlow 1 had, and today's versions do not."""

import sys
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import Log

_OF_NUMPY: dict[str, Any] = {
    "bool": bool, "int": int, "float": float, "complex": complex, "object": object, "str": str,
    "float_": np.float64, "complex_": np.complex128, "unicode_": np.str_, "Inf": np.inf, "NaN": np.nan,
}  # fmt: skip


def install(log: Log) -> None:
    """Let ``np.float`` and its like stand for what they stood for."""
    original = vars(np).get("__getattr__")

    def find(name: str) -> Any:
        if name in _OF_NUMPY:
            log.note("old-spelling", f"np.{name} is gone from NumPy: {getattr(_OF_NUMPY[name], '__name__', name)}")
            return _OF_NUMPY[name]
        if original is None:
            raise AttributeError(f"module 'numpy' has no attribute {name!r}")
        return original(name)

    vars(np)["__getattr__"] = find


def gone(error: BaseException) -> str:
    """Say which name of TensorFlow 1 was missing, nothing if it was another error."""
    module, name = getattr(error, "obj", None), getattr(error, "name", None)
    if not isinstance(error, AttributeError) or type(module) is not ModuleType or type(name) is not str:
        return ""
    tensorflow = sys.modules.get("tensorflow")
    is_tensorflow = tensorflow is not None and module.__name__.startswith("tensorflow")
    old = getattr(getattr(tensorflow, "compat", None), "v1", None)
    for step in module.__name__.split(".")[1:]:
        old = getattr(old, step, None)
    if is_tensorflow and (hasattr(old, name) or name == "contrib"):
        return f"{module.__name__}.{name} belongs to TensorFlow 1, which cannot be run"
    return ""
