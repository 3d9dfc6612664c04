"""A graphics card that is not there: what a notebook moves to one stays where it is."""

import functools
from collections.abc import Callable
from typing import Any

from grader.sandbox.worker.recorder.log import Log


def install(log: Log) -> None:
    """Lead ``.cuda()`` and ``.to("cuda")`` of tensors and modules to the processor."""
    import torch

    for kind in (torch.Tensor, torch.nn.Module):
        _wrap_to(kind, log)
        kind.cuda = _stays(log)


def _stays(log: Log) -> Callable[..., Any]:
    def cuda(value: Any, *_arguments: Any, **_options: Any) -> Any:
        log.note("not-run", ".cuda(): there is no graphics card")
        return value

    return cuda


def _wrap_to(kind: Any, log: Log) -> None:
    import torch

    original = kind.to

    def here(device: Any) -> Any:
        is_device = isinstance(device, (str, torch.device))
        if is_device and str(device).partition(":")[0] in ("cuda", "mps"):
            log.note("not-run", f".to({str(device)!r}): there is no graphics card")
            return torch.device("cpu")
        return device

    @functools.wraps(original)
    def to(value: Any, *args: Any, **options: Any) -> Any:
        options = {key: here(option) for key, option in options.items()}
        return original(value, *map(here, args), **options)

    kind.to = to
