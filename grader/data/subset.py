"""The embedded subset: how it is drawn from the full data, written, and read.

``python -m grader.data.subset`` draws it again from the full files and compares; with ``--write`` it replaces what is
embedded. The draw needs no random number generator, whose stream may change between versions: within each class, the
images come first whose SHA-256 of ``seed/data set/split/index`` is smallest.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.data import catalogue, files, idx
from grader.data.catalogue import ENTRIES, Entry
from grader.data.errors import CorruptFile, DataError, UnreadableFile
from grader.data.find import find

SEED = 1
TRAIN_IMAGES, TEST_IMAGES = 6_000, 1_000
FOLDER = Path(__file__).with_name("embedded")
SUMS = "SHA256SUMS"
MEMBERS = ("train_images", "train_labels", "test_images", "test_labels")

Arrays = tuple[NDArray[np.uint8], ...]
"""Four: training images (N, 28, 28), training labels (N,), test images (M, 28, 28), test labels (M,)."""


def read(entry: Entry, folder: Path = FOLDER) -> tuple[Arrays, str]:
    """Return the embedded arrays of ``entry``, read-only, and the digest that identifies them.

    Raises:
        UnreadableFile: the file, or the list of checksums beside it, cannot be read.
        CorruptFile: the file is not the one that the list names.
    """
    path = folder / f"{entry.name}.npz"
    try:
        content = path.read_bytes()
        sums = (folder / SUMS).read_text("utf-8")
    except OSError as error:
        raise UnreadableFile(
            f"{error.filename}: cannot be read: {error.strerror}; it is part of grader: install that again"
        ) from None
    seen = hashlib.sha256(content).hexdigest()
    if f"{seen}  {path.name}" not in sums.splitlines():
        raise CorruptFile(
            f"{path}: damaged: its SHA-256 is {seen}, which is not the one in {SUMS} beside it; "
            "it is part of grader: install that again"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays: Arrays = tuple(archive[member] for member in MEMBERS)
    for array in arrays:
        array.flags.writeable = False
    return arrays, digest(arrays)


def digest(arrays: Arrays) -> str:
    """Return what identifies four arrays, however they are packed: 64 hexadecimal digits."""
    return catalogue.digest(hashlib.sha256(idx.encode(array)).hexdigest() for array in arrays)


def draw(entry: Entry) -> Arrays:
    """Draw the subset of ``entry`` from the full files.

    Raises:
        DataError: the full files are not there, or not what they should be.
    """
    train_images, train_labels, test_images, test_labels = (
        files.read(path, file) for path, file in zip(find(entry).paths, entry.files, strict=True)
    )
    train = chosen(train_labels, TRAIN_IMAGES, f"{SEED}/{entry.name}/train")
    test = chosen(test_labels, TEST_IMAGES, f"{SEED}/{entry.name}/test")
    return train_images[train], train_labels[train], test_images[test], test_labels[test]


def chosen(labels: NDArray[np.uint8], count: int, key: str) -> NDArray[np.intp]:
    """Return the indices of ``count`` labels, ascending, each class as frequent as in ``labels``, to within one.

    Args:
        labels: (N,).
        count: at most N.
        key: what the draw depends on besides ``labels`` and ``count``.
    """
    indices: list[int] = []
    for label, share in _shares(labels, count):
        members = np.flatnonzero(labels == label).tolist()
        members.sort(key=lambda index: hashlib.sha256(f"{key}/{index}".encode()).digest())
        indices += members[:share]
    return np.sort(np.array(indices, np.intp))


def pack(arrays: Arrays) -> bytes:
    """Return an ``.npz`` file with ``arrays`` that does not depend on when, where or by whom it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for member, array in zip(MEMBERS, arrays, strict=True):
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            about = zipfile.ZipInfo(f"{member}.npy")  # whose time stamp is the first of 1980
            about.create_system, about.external_attr = 3, 0o644 << 16
            archive.writestr(about, content.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def write(folder: Path) -> None:
    """Draw the subset of every data set and write it to ``folder``, with the list of checksums.

    Raises:
        DataError: the full files are not there, or not what they should be.
        OSError: it cannot be written.
    """
    sums = []
    for entry in ENTRIES.values():
        content = pack(draw(entry))
        files.write(content, folder / f"{entry.name}.npz")
        sums.append(f"{hashlib.sha256(content).hexdigest()}  {entry.name}.npz\n")
    files.write("".join(sums).encode(), folder / SUMS)


def _shares(labels: NDArray[np.uint8], count: int) -> Iterator[tuple[int, int]]:
    """Yield each label with its share of ``count``: rounded down, and the largest remainders get what is left over."""
    classes, sizes = np.unique(labels, return_counts=True)
    shares, remainders = np.divmod(sizes * count, len(labels))
    left_over = count - int(shares.sum())
    shares[np.argsort(-remainders, kind="stable")[:left_over]] += 1
    yield from zip(classes.tolist(), shares.tolist(), strict=True)


def main() -> int:
    """Compare what is embedded with a new draw, or replace it. Return the exit code: 0 unless they differ."""
    import argparse

    options = argparse.ArgumentParser(prog="python -m grader.data.subset", description=main.__doc__)
    options.add_argument("--write", action="store_true", help="replace what is embedded")
    try:
        if options.parse_args().write:
            write(FOLDER)
        differing = 0
        for entry in ENTRIES.values():
            drawn, embedded = digest(draw(entry)), read(entry)[1]
            differing += drawn != embedded
            print(f"{entry.name}: drawn {drawn}, embedded {embedded}: {'equal' if drawn == embedded else 'DIFFERENT'}")
    except (DataError, OSError) as error:
        print(error)
        return 1
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
