"""Which libraries a submission will import, guessed from its bytes: nothing of it is parsed or run.

A wrong guess costs time and nothing else: a library that nobody has imported ahead is imported by the student's code.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

_WORDS = {
    "torch": (b"torch",),
    "torchvision": (b"torchvision",),
    "keras": (b"keras", b"tensorflow"),
    "matplotlib": (b"matplotlib", b"pyplot", b"pylab"),
}
_SUFFIXES = {".pt": "torch", ".pth": "torch", ".keras": "keras", ".h5": "keras"}
_SOURCES = (".py", ".ipynb")


def libraries_in(files: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Return the libraries that ``files`` (path and content) mention in their sources, or whose formats they have."""
    found = set()
    for path, content in files:
        suffix = PurePosixPath(path).suffix.lower()
        if suffix in _SUFFIXES:
            found.add(_SUFFIXES[suffix])
        elif suffix in _SOURCES:
            found.update(name for name, words in _WORDS.items() if any(word in content for word in words))
    return tuple(sorted(found))
