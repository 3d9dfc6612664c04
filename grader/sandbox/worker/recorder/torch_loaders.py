"""Loaders of PyTorch: recorded when they are made, kept to the budget, and known by the batches that they give."""

import functools
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from grader.sandbox.worker.recorder.arrays import as_array, essence
from grader.sandbox.worker.recorder.log import Log, settings
from grader.sandbox.worker.replay.budget import Spending

MAX_ROWS = 2_000
"""Examples of one pass over a loader that is cut."""
MAX_LENGTH = 2**53
_NUMBERS = "biuf"

_OF_PROCESSES = frozenset(
    ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout")
)


class Drawn(NamedTuple):
    """The loader that gave a batch: its number, and how many examples its data set has, 0 where that is not known."""

    number: int
    length: int


class Loaders:
    """Replaces what makes and what iterates a ``DataLoader``."""

    def __init__(self, log: Log, spending: Spending) -> None:
        self._log = log
        self._spending = spending
        self._count = 0
        self._last: tuple[Any, Drawn] | None = None

    def install(self, loader: Any) -> None:
        """Take the place of the two methods of the class ``loader``."""
        construct, iterate = loader.__init__, loader.__iter__

        @functools.wraps(construct)
        def __init__(loader: Any, *args: Any, **options: Any) -> None:  # noqa: N807
            if options.get("num_workers"):
                self._log.note("not-run", "the loader's processes: batches are made in this one")
                # both are refused where there are no processes
                options = {key: value for key, value in options.items() if key not in _OF_PROCESSES}
            construct(loader, *args, **options)
            self._log.add(
                "made",
                kind="loader",
                name=type(loader.dataset).__name__[:60],
                settings=settings(
                    batch_size=loader.batch_size,
                    length=_length(loader.dataset),
                    shuffled=type(loader.sampler).__name__ == "RandomSampler",
                    drop_last=loader.drop_last or None,
                ),
            )

        @functools.wraps(iterate)
        def __iter__(loader: Any) -> Iterator[Any]:  # noqa: N807
            limit = self._spending.budget.steps
            if limit is not None:
                # a loader for measuring gives its test set in few large pieces
                limit = max(min(limit, MAX_ROWS // max(loader.batch_size or 1, 1)), 1)
            return FirstBatches(self, iterate(loader), limit, _length(loader), self._drawn(loader))

        loader.__init__, loader.__iter__ = __init__, __iter__

    def _drawn(self, loader: Any) -> Drawn:
        known: Drawn | None = getattr(loader, "_grader_drawn", None)
        if known is None:
            self._count += 1
            known = loader._grader_drawn = Drawn(self._count, min(_length(loader.dataset) or 0, MAX_LENGTH))
        return known

    def gave(self, batch: Any, drawn: Drawn) -> None:
        """Remember what a loader has just given."""
        first = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
        self._last = (first, drawn)

    def came_from(self, inputs: Any) -> Drawn | None:
        """Return the loader that gave ``inputs`` last, however they were scaled or reshaped since; ``None`` if none
        did."""
        if self._last is None:
            return None
        given, own = as_array(self._last[0]), as_array(inputs)
        if given is None or own is None or len(given) != len(own) or not len(own) or not own[0].size:
            return None
        if given.dtype.kind not in _NUMBERS or own.dtype.kind not in _NUMBERS:
            return None
        return self._last[1] if essence(own[0]) == essence(given[0]) else None


class FirstBatches:
    """The first batches of a loader, all where there is no ``limit``."""

    def __init__(
        self, loaders: Loaders, batches: Iterator[Any], limit: int | None, length: int | None, drawn: Drawn
    ) -> None:
        self._loaders = loaders
        self._batches = islice(batches, limit)
        self._limit = limit
        self._length = length
        self._drawn = drawn

    def __iter__(self) -> "FirstBatches":
        return self

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("this loader has no length")
        return self._length

    def __next__(self) -> Any:
        spending = self._loaders._spending
        spending.check_time()
        try:
            batch = next(self._batches)
        except StopIteration:
            if self._limit is not None and (self._length is None or self._length > self._limit):
                of = "" if self._length is None else f" of {self._length:,}"
                spending.cut(f"a loader gave {self._limit:,}{of} batches")
            raise
        self._loaders.gave(batch, self._drawn)
        return batch


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except Exception:
        # an iterable dataset has none
        return None
