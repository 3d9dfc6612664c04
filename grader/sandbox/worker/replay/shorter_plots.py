"""Plots against as many epochs as were asked for, where the budget let fewer run.

``plt.plot(range(1, 21), history["loss"])`` with a loss of two epochs is drawn over the first two.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import Log
from grader.sandbox.worker.recorder.patching import wrap
from grader.sandbox.worker.replay.budget import Spending


def install(log: Log, spending: Spending) -> None:
    """Let matplotlib draw a line whose x has more values than its y, once the budget has cut something."""
    from matplotlib.axes import Axes

    def plot(original: Callable[..., Any], axes: Any, *args: Any, **options: Any) -> Any:
        if spending.has_cut and len(args) >= 2 and not isinstance(args[1], str):
            length, own = _length(args[0]), _length(args[1])
            if length is not None and own is not None and 0 < own < length:
                log.note("not-run", f"a line of {length:,} points was drawn with the {own:,} that the budget left")
                args = (np.asarray(args[0])[:own], *args[1:])
        return original(axes, *args, **options)

    wrap(Axes, "plot", plot)


def _length(values: Any) -> int | None:
    try:
        return len(values)
    except TypeError:
        # a single number
        return None
