"""Weight files of a network in PyTorch."""

import pickle
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live_torch import TorchNetwork
from grader.sandbox.worker.operations.weight_files import (
    UnusableFile,
    check_archive,
    matched,
    read_npz,
    read_safetensors,
)

_INSIDE = ("state_dict", "model_state_dict")
"""Where a checkpoint keeps the weights."""
_REFUSED = re.compile(r"GLOBAL ([\w.]+)")


def load_pt(live: TorchNetwork, path: Path) -> None:
    """Load a state dict that ``torch.save`` wrote, by itself or in a checkpoint.

    Raises:
        UnusableFile: it is something else, or does not fit the network.
    """
    import torch

    if zipfile.is_zipfile(path):
        check_archive(path, "a file that torch.save makes")
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        refused = _REFUSED.search(str(error))
        what = f"a pickled {refused[1]}" if refused else "something that is not a state dict"
        raise UnusableFile(
            f"it holds {what}, which is never loaded, because that runs code; hand in torch.save(model.state_dict(), …)"
        ) from None
    except (RuntimeError, EOFError, KeyError, ValueError, OSError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise UnusableFile(f"it is damaged, or not a file that torch.save makes: {reason}") from None
    _assign(live, _tensors(loaded))


def load_safetensors(live: TorchNetwork, path: Path) -> None:
    """Load a state dict in a ``.safetensors`` file; raises as :func:`load_pt`."""
    _assign(live, read_safetensors(path))


def load_npz(live: TorchNetwork, path: Path) -> None:
    """Load a state dict that ``np.savez`` wrote; raises as :func:`load_pt`."""
    _assign(live, read_npz(path))


LOADERS = {(".pt", ".pth"): load_pt, (".safetensors",): load_safetensors, (".npz",): load_npz}


def _tensors(loaded: Any) -> dict[str, Any]:
    import torch

    if isinstance(loaded, Mapping):
        for key in _INSIDE:
            if isinstance(loaded.get(key), Mapping):
                loaded = loaded[key]
                break
    if not isinstance(loaded, Mapping) or not any(isinstance(value, torch.Tensor) for value in loaded.values()):
        raise UnusableFile(f"it holds a {type(loaded).__name__} without tensors, not a state dict")
    return {
        str(name): value.detach()
        for name, value in loaded.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point()
    }


def _assign(live: TorchNetwork, given: Mapping[str, Any]) -> None:
    own = {name: t for name, t in live.model.state_dict(keep_vars=True).items() if t.is_floating_point()}
    names = matched(_shapes(own), _shapes(given))
    for name, tensor in own.items():
        values = given[names[name]]
        # NumPy has no bfloat16
        live.assign(tensor, np.asarray(values if isinstance(values, np.ndarray) else values.double().numpy()))


def _shapes(arrays: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(array.shape) for name, array in arrays.items()}
