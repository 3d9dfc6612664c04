"""Seeds that a notebook sets, in Python, NumPy and TensorFlow."""

import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import Log, text
from grader.sandbox.worker.recorder.patching import replace


def install(log: Log) -> None:
    """Record each seed. Frameworks have to be imported by now; PyTorch and Keras are told where they are recorded."""
    _listen(log, random, "seed", "random")
    _listen(log, np.random, "seed", "numpy")
    _listen(log, np.random, "default_rng", "numpy")
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is not None:
        _listen(log, tensorflow.random, "set_seed", "tensorflow")
        # the name that TensorFlow 1 had
        if not hasattr(tensorflow, "set_random_seed"):
            vars(tensorflow)["set_random_seed"] = tensorflow.random.set_seed


def _listen(log: Log, module: Any, name: str, what: str) -> None:
    def seed(original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # libraries seed too, and no line of the cell stands for that
        if (args or options) and log.line():
            log.add("seeded", what=what, value=text(args[0] if args else next(iter(options.values())), 40))
        return original(*args, **options)

    replace(module, name, seed)
