"""The figures of one cell, in outline: what the axes are called, how many lines of how many points, which images."""

import sys
from typing import Any

from grader.sandbox.worker.operations.figures import Recorder, recording_backend
from grader.sandbox.worker.recorder.log import Log

MAX_AXES = 30
_BACKEND = "grader_replay_backend"


class Figures:
    """Stands where a notebook expects its display: every figure is seen when the cell ends, or when it is shown."""

    def __init__(self, log: Log) -> None:
        """``log`` is told of each figure."""
        self._log = log
        self._recorder = Recorder()

    def install(self) -> None:
        """Make this the backend of matplotlib."""
        import matplotlib.pyplot as plt

        sys.modules[_BACKEND] = recording_backend(self)  # type: ignore[arg-type]
        plt.switch_backend(f"module://{_BACKEND}")

    def take_open(self) -> None:
        """Keep every open figure and close it, as a notebook does."""
        self._recorder.take_open()

    def take(self, figure: Any) -> None:
        """Keep what a figure shows."""
        self._recorder.take(figure)

    def save(self, figure: Any) -> None:
        """Keep what a figure shows, if it is cleared afterwards."""
        self._recorder.save(figure)

    def finish_cell(self) -> None:
        """Record the figures of the cell that ends."""
        self.take_open()
        recorder, self._recorder = self._recorder, Recorder()
        for seen in recorder.figures:
            self._log.add(
                "figure", titles=list(seen["titles"])[:5], axes=[_axes(axes) for axes in seen["axes"]][:MAX_AXES]
            )
        if recorder.left_out:
            self._log.note("cut", f"{recorder.left_out} more figures of this cell are not told")


def _axes(axes: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": axes["title"],
        "x_label": axes["x_label"],
        "y_label": axes["y_label"],
        "legend": list(axes["legend"])[:20],
        "lines": [{"label": line["label"], "points": len(line["x"])} for line in axes["lines"]],
        "images": [[int(n) for n in image["shape"]] for image in axes["images"]],
    }
