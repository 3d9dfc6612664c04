"""Where the full files of a data set are on this machine: the places, in order, and what is in each."""

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

import msgspec
import platformdirs

from grader.data import files
from grader.data.catalogue import ENTRIES, Entry
from grader.data.errors import DataError, DataNotFound

FOLDER_VARIABLE = "GRADER_DATA"
"""Names a folder with the sub-folders ``mnist`` and ``fashion-mnist``, or with the four files of one of them."""


class Place(msgspec.Struct, frozen=True):
    """A folder to look in. ``title`` says what kind of place it is."""

    title: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.title}: {self.folder}"


class Found(msgspec.Struct, frozen=True):
    """The full files of a data set. ``paths`` are in the order of ``entry.files``, packed or not, not yet checked."""

    entry: Entry
    place: Place
    paths: tuple[Path, ...]


def cache_folder(entry: Entry) -> Path:
    """Return the folder in the user's cache where the unpacked files of ``entry`` are kept. It may not exist."""
    return platformdirs.user_cache_path("grader", appauthor=False) / "data" / entry.name


def places(entry: Entry) -> tuple[Place, ...]:
    """Return where to look for the full files of ``entry``, in order."""
    found = []
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        folder = Path(named).expanduser()
        found += [Place(f"${FOLDER_VARIABLE}", folder / entry.name), Place(f"${FOLDER_VARIABLE}", folder)]
    found.append(Place("user cache", cache_folder(entry)))
    if entry.packaged_in:
        found.append(Place("system package", Path(entry.packaged_in)))
    return tuple(found)


def find(entry: Entry) -> Found:
    """Find the full files of ``entry``: all four in one place, the first of :func:`places` that has them.

    Raises:
        DataNotFound: no place has all four. The text lists the places, what is in each, and what to do.
    """
    looked = [] if os.environ.get(FOLDER_VARIABLE) else [f"${FOLDER_VARIABLE}: not set"]
    for place in places(entry):
        try:
            names = {path.name for path in place.folder.iterdir()}
        except FileNotFoundError:
            looked.append(f"{place}: no such folder")
            continue
        except OSError as error:
            looked.append(f"{place}: {error.strerror}")
            continue
        paths = [path_among(names, place.folder, file.name) for file in entry.files]
        present = tuple(path for path in paths if path is not None)
        if len(present) < len(paths):
            looked.append(f"{place}: {_what_is_missing(entry, paths)}")
        elif _belong_to_another(entry, present):
            looked.append(f"{place}: another data set's files")
        else:
            return Found(entry, place, present)
    raise DataNotFound(_how_to_get(entry, looked))


def path_among(names: Collection[str], folder: Path, name: str) -> Path | None:
    """Return the path in ``folder`` of the file ``name``: unpacked if it is among ``names``, else packed, else none."""
    for candidate in (name, f"{name}.gz"):
        if candidate in names:
            return folder / candidate
    return None


def _belong_to_another(entry: Entry, paths: tuple[Path, ...]) -> bool:
    """File names and sizes of the data sets are the same; the smallest file tells which one it is."""
    for other in ENTRIES.values():
        if other.name != entry.name:
            with contextlib.suppress(DataError):
                files.read(paths[-1], other.files[-1])
                return True
    return False


def _what_is_missing(entry: Entry, paths: list[Path | None]) -> str:
    missing = [file.name for file, path in zip(entry.files, paths, strict=True) if path is None]
    if len(missing) == len(paths):
        return "none of the four files"
    return f"{', '.join(missing)} missing ({len(missing)} of {len(paths)} files)"


def _how_to_get(entry: Entry, looked: list[str]) -> str:
    return "\n".join(
        [
            f"The full {entry.name} data is not on this machine. Looked in:",
            *(f"  {line}" for line in looked),
            f"Fetch it with 'grader data fetch {entry.name}'. Without a network, copy its four files",
            f"  ({', '.join(file.name for file in entry.files)}; packed as .gz or not)",
            f"into a folder '{entry.name}' and set {FOLDER_VARIABLE} to the folder above that one.",
            "The embedded subset needs none of this.",
        ]
    )
