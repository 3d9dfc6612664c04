"""The one function that others call: a data set as arrays, from the embedded subset or the full files."""

import contextlib
import functools
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from grader.data import catalogue, files, idx, subset
from grader.data.catalogue import ENTRIES, DataSetName, Entry, File
from grader.data.errors import DataError
from grader.data.find import cache_folder, find

Source = Literal["subset", "full"]


class Dataset(msgspec.Struct, frozen=True, eq=False):
    """Images with their labels. All arrays are read-only, of type uint8, and may be shared between processes.

    Attributes:
        name: which data set.
        source: whether this is the embedded subset or all of it.
        train_images: (N, 28, 28), 0 background to 255.
        train_labels: (N,), from 0 to 9.
        test_images: (M, 28, 28).
        test_labels: (M,).
        class_names: what the ten labels stand for.
        description: one line for people, the same on every machine.
        digest: SHA-256 that identifies the four arrays, 64 hexadecimal digits.
    """

    name: DataSetName
    source: Source
    train_images: NDArray[np.uint8]
    train_labels: NDArray[np.uint8]
    test_images: NDArray[np.uint8]
    test_labels: NDArray[np.uint8]
    class_names: tuple[str, ...]
    description: str
    digest: str


def load(dataset: DataSetName, source: Source = "subset") -> Dataset:
    """Return a data set. What is returned has been checked by its SHA-256: full files every time, the embedded subset,
    which cannot change under a running program, when a process first asks for it.

    The full files are looked for in ``$GRADER_DATA``, the user's cache and the system's package, never downloaded.
    Where they are packed, an unpacked copy is left in the user's cache, if that can be written.

    Args:
        dataset: ``"mnist"`` or ``"fashion-mnist"``.
        source: ``"subset"``: about 6,000 + 1,000 images that come with the package; ``"full"``: 60,000 + 10,000.

    Raises:
        DataNotFound: the full files are nowhere; the text says what to do.
        CorruptFile: a file is not what it should be.
        UnreadableFile: a file cannot be read.
        ValueError: there is no such data set or source.
    """
    if dataset not in ENTRIES:
        raise ValueError(f"there is no data set {dataset!r}; there are: {', '.join(ENTRIES)}")
    entry = ENTRIES[dataset]
    if source == "subset":
        return _dataset(entry, source, *_embedded(entry))
    if source == "full":
        return _dataset(entry, source, _full(entry), catalogue.digest(file.sha256 for file in entry.files))
    raise ValueError(f"there is no source {source!r}; there are: subset, full")


@functools.cache
def _embedded(entry: Entry) -> tuple[subset.Arrays, str]:
    return subset.read(entry)


def _dataset(entry: Entry, source: Source, arrays: tuple[NDArray[np.uint8], ...], digest: str) -> Dataset:
    train_images, train_labels, test_images, test_labels = arrays
    what = "embedded subset" if source == "subset" else "full data"
    description = f"{entry.name}, {what}: {len(train_labels):,} + {len(test_labels):,} images"
    return Dataset(
        entry.name,
        source,
        train_images,
        train_labels,
        test_images,
        test_labels,
        entry.class_names,
        description,
        digest,
    )


def _full(entry: Entry) -> tuple[NDArray[np.uint8], ...]:
    folder = cache_folder(entry)
    return tuple(
        _unpacked_once(path, file, folder / file.name)
        for path, file in zip(find(entry).paths, entry.files, strict=True)
    )


def _unpacked_once(path: Path, file: File, copy: Path) -> NDArray[np.uint8]:
    """Read ``file`` from ``path``; if that is packed, from the ``copy`` that an earlier call left, or leave one."""
    if path.name == file.name:
        return files.read(path, file)
    with contextlib.suppress(DataError):
        return files.read(copy, file)
    array = files.read(path, file)
    with contextlib.suppress(OSError):  # the copy only saves time; a cache may be full or read-only
        files.write(idx.encode(array), copy)
    return array
