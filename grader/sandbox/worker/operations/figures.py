"""Recording what a student's function draws with matplotlib. Nothing is rendered and no display is needed.

A backend of our own sees each figure as it is shown, saved, closed or left open, however the student's code got hold
of matplotlib's functions. A shown figure is closed, as in a notebook and in a script, so that what is drawn next
starts a new one.
"""

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.wire import Payload
from grader.sandbox.worker.operations.figure_contents import contents
from grader.sandbox.worker.operations.workbench import Workbench

MAX_FIGURES = 20
MAX_ARRAYS = 9_000
MAX_BYTES = 32 * 2**20
"""What of all figures together is told, so that it fits into one answer."""

_BACKEND = "grader_recording_backend"


def record_figures(bench: Workbench, path: str, name: str, arguments: tuple[Payload, ...]) -> dict[str, Any]:
    """Call the function ``name`` of the loaded file ``path`` and return what it drew.

    Args:
        bench: where the submission lies.
        path: a loaded file.
        name: a function in it.
        arguments: of the function, in order. A mapping is handed over as a history of a training: a dict of lists,
            which also answers to ``.history`` as Keras' does.

    Returns:
        A mapping: ``figures``, a tuple of mappings as :func:`.figure_contents.contents` returns them, in the order
        drawn; ``left_out``, how many more there were.
    """
    bench.path = path
    function = bench.loader.named(path, name)
    import matplotlib.pyplot as plt

    recorder = Recorder()
    plt.close("all")
    sys.modules[_BACKEND] = recording_backend(recorder)
    plt.switch_backend(f"module://{_BACKEND}")
    try:
        returned = function(*map(_argument, arguments))
        recorder.take_open()
        recorder.take_returned(returned)
    finally:
        plt.close("all")
        plt.switch_backend("agg")
    return {"figures": tuple(recorder.figures), "left_out": np.array(recorder.left_out)}


class Recorder:
    """Keeps the contents of each figure once, at the moment that somebody would have looked at it for the last time."""

    def __init__(self) -> None:
        self.figures: list[dict[str, Any]] = []
        self.left_out = 0
        self._taken: list[Any] = []
        self._saved: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
        self._arrays = self._bytes = 0

    def take_open(self) -> None:
        """Keep every open figure, in the order of their numbers, and close it."""
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            plt.close(number)

    def take_returned(self, value: object) -> None:
        """Keep the figures among what a function returned, also those that pyplot knows nothing of."""
        from matplotlib.artist import Artist
        from matplotlib.figure import Figure

        for item in value if isinstance(value, (list, tuple)) else (value,):
            found = item.figure if isinstance(item, Artist) and not isinstance(item, Figure) else item
            if isinstance(found, Figure):
                self.take(found)

    def save(self, figure: Any) -> None:
        """Note what ``figure`` shows now, in case that it is cleared and used again."""
        if len(self._saved) < MAX_FIGURES and not self._is_taken(figure):
            self._saved.append((figure, tuple(figure.axes), contents(figure)))

    def take(self, figure: Any) -> None:
        """Keep what ``figure`` shows, and what it was saved with and shows no longer. The second time does nothing."""
        if self._is_taken(figure):
            return
        self._taken.append(figure)
        for saved, axes, seen in self._saved:
            is_cleared = saved is figure and axes and not any(one in figure.axes for one in axes)
            if is_cleared:
                self._keep(seen)
        if figure.axes:
            self._keep(contents(figure))

    def _is_taken(self, figure: Any) -> bool:
        return any(figure is taken for taken in self._taken)

    def _keep(self, seen: dict[str, Any]) -> None:
        arrays, size_bytes = _extent(seen)
        is_small = self._arrays + arrays <= MAX_ARRAYS and self._bytes + size_bytes <= MAX_BYTES
        if is_small and len(self.figures) < MAX_FIGURES:
            self.figures.append(seen)
            self._arrays += arrays
            self._bytes += size_bytes
        else:
            self.left_out += 1


def recording_backend(recorder: Recorder) -> ModuleType:
    """Return a backend of matplotlib that draws nothing and tells ``recorder`` about every figure."""
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class Manager(FigureManagerBase):  # type: ignore[misc]
        def destroy(self) -> None:
            recorder.take(self.canvas.figure)

    class Canvas(FigureCanvasAgg):  # type: ignore[misc]
        manager_class = Manager

        def print_figure(self, *_arguments: object, **_options: object) -> None:
            recorder.save(self.figure)

        def start_event_loop(self, timeout: float = 0) -> None:
            """Do not wait, as ``plt.pause`` asks."""

    def show(*_arguments: object, block: bool | None = None, **_options: object) -> None:
        if block is not False:
            recorder.take_open()

    module = ModuleType(_BACKEND)
    vars(module).update(FigureCanvas=Canvas, FigureManager=Manager, show=show)
    return module


class _History(dict[str, Any]):
    """A history of a training: a dict, and what ``fit`` of Keras returns."""

    @property
    def history(self) -> "_History":
        """The dict itself."""
        return self

    @property
    def epoch(self) -> list[int]:
        """The numbers of the epochs, from 0."""
        return list(range(max(map(len, self.values()), default=0)))


def _argument(value: Payload) -> object:
    if isinstance(value, dict):
        return _History({key: item.tolist() if isinstance(item, np.ndarray) else item for key, item in value.items()})
    if isinstance(value, np.ndarray):
        return value.item() if value.ndim == 0 else value.copy()
    return value


def _extent(value: object) -> tuple[int, int]:
    """Return how many arrays and bytes a description holds."""
    if isinstance(value, np.ndarray):
        return 1, value.nbytes
    if isinstance(value, str):
        return 0, len(value)
    if isinstance(value, Mapping):
        value = tuple(value.values())
    pairs = [_extent(item) for item in value] if isinstance(value, tuple) else []
    return sum(arrays for arrays, _ in pairs), sum(size for _, size in pairs)
