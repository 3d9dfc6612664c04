"""Spellings of older PyTorch that today's refuses."""

import pickle
from collections.abc import Callable
from typing import Any

from grader.sandbox.worker.recorder.log import Log
from grader.sandbox.worker.recorder.patching import replace
from grader.sandbox.worker.recorder.torch_loaders import FirstBatches


def install(log: Log) -> None:
    """Let ``iter(loader).next()`` and ``torch.load`` of a whole model do what they did."""
    import torch
    from torch.utils.data import dataloader

    def next_batch(batches: Any) -> Any:
        log.note("old-spelling", "iter(loader).next() is next(iter(loader)) today")
        return next(batches)

    kinds: tuple[Any, ...] = (dataloader._BaseDataLoaderIter, FirstBatches)
    for kind in kinds:
        kind.next = next_batch

    def load(original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        try:
            return original(*args, **options)
        except pickle.UnpicklingError:
            if "weights_only" in options:
                raise
            log.note("old-spelling", "torch.load of a whole model needs weights_only=False today")
            return original(*args, **options, weights_only=False)

    replace(torch, "load", load)
