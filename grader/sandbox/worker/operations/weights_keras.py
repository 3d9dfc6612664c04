"""Weight files of a network in Keras 3."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.sandbox.worker.operations.live_keras import KerasNetwork
from grader.sandbox.worker.operations.weight_files import (
    MAX_NAMED,
    MAX_UNPACKED_BYTES,
    UnusableFile,
    check_archive,
    matched,
    read_npz,
    read_safetensors,
)

_WEIGHTS_MEMBER = "model.weights.h5"
_MARK = 1234.5
"""Written into every array before loading, to see which ones a file leaves alone."""


def load_keras(live: KerasNetwork, path: Path) -> None:
    """Move the weights in a ``.keras`` file into the network. The network in the file is rebuilt, without running any
    code that came with it, only if its weights do not fit as they lie there.

    Raises:
        UnusableFile: it is something else, or does not fit the network.
    """
    import keras

    check_archive(path, "a file that model.save makes")
    with zipfile.ZipFile(path) as archive:
        if _WEIGHTS_MEMBER not in archive.namelist():
            raise UnusableFile(f"it is not a file that model.save makes: it has no {_WEIGHTS_MEMBER}")
        with archive.open(_WEIGHTS_MEMBER) as stream:
            _check_claims(stream)
    try:
        _load(live, path)
    except UnusableFile as first:
        try:
            stored = keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:
            # Keras tells of layers that are code, such as a Lambda, and of classes that it does not know
            reason = str(error).strip().partition("\n")[0][:300]
            raise UnusableFile(str(first), (*first.details, f"rebuilding the network in the file: {reason}")) from None
        _assign_in_order(live, {variable.path: np.asarray(variable.value) for variable in stored.weights})


def load_hdf5(live: KerasNetwork, path: Path) -> None:
    """Load what ``save_weights`` wrote, or a whole model in the older HDF5 format; raises as :func:`load_keras`."""
    import h5py

    if not h5py.is_hdf5(path):
        raise UnusableFile("it is damaged, or not an HDF5 file")
    with path.open("rb") as stream:
        _check_claims(stream)
    _load(live, path)


def load_npz(live: KerasNetwork, path: Path) -> None:
    """Load arrays in the order of ``get_weights``, or by the variables' paths; raises as :func:`load_keras`."""
    _assign(live, read_npz(path))


def load_safetensors(live: KerasNetwork, path: Path) -> None:
    """Load arrays by the variables' paths; raises as :func:`load_keras`."""
    _assign(live, read_safetensors(path))


LOADERS = {
    (".keras",): load_keras,
    (".h5", ".hdf5"): load_hdf5,
    (".npz",): load_npz,
    (".safetensors",): load_safetensors,
}


def _load(live: KerasNetwork, path: Path) -> None:
    """Have Keras load the file, and check that it has a value for every array."""
    weights = live.weights()
    for weight in weights:
        live.assign(weight.native, np.full(weight.shape, _MARK))
    marks = [live.read(weight.native) for weight in weights]
    try:
        live.model.load_weights(path)
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise UnusableFile("its weights do not fit the network", (*_left_alone(live, marks), reason)) from None
    if left_alone := _left_alone(live, marks):
        raise UnusableFile("its weights do not fit the network", left_alone)


def _left_alone(live: KerasNetwork, marks: Sequence[np.ndarray]) -> tuple[str, ...]:
    missing = [
        weight.name
        for weight, mark in zip(live.weights(), marks, strict=True)
        if mark.size and np.array_equal(live.read(weight.native), mark)
    ]
    more = f" and {len(missing) - MAX_NAMED} more" if len(missing) > MAX_NAMED else ""
    return (f"missing in the file: {', '.join(missing[:MAX_NAMED])}{more}",) if missing else ()


def _check_claims(stream: object) -> None:
    """Check what the arrays of an HDF5 file claim to hold: one that was never written takes no room in the file."""
    import h5py

    claimed = 0

    def add(_name: str, item: object) -> None:
        nonlocal claimed
        if isinstance(item, h5py.Dataset):
            claimed += item.size * item.dtype.itemsize

    try:
        with h5py.File(stream, "r") as file:
            file.visititems(add)
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise UnusableFile(f"it is damaged, or not an HDF5 file: {str(error)[:200]}") from None
    if claimed > MAX_UNPACKED_BYTES:
        raise UnusableFile(f"its arrays claim {claimed:,} bytes; at most {MAX_UNPACKED_BYTES >> 20} MiB are read")


def _assign(live: KerasNetwork, given: Mapping[str, np.ndarray]) -> None:
    own = {weight.name: weight for weight in live.weights()}
    names = matched({name: w.shape for name, w in own.items()}, {name: a.shape for name, a in given.items()})
    for name, weight in own.items():
        live.assign(weight.native, given[names[name]])


def _assign_in_order(live: KerasNetwork, given: Mapping[str, np.ndarray]) -> None:
    numbered = [array for array in given.values() if array.dtype.kind == "f"]
    _assign(live, {f"arr_{number}": array for number, array in enumerate(numbered)})
