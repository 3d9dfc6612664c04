"""What can be wrong with data. Every text says what was seen, where, and what to do.

::

    DataError
    ├── DataNotFound     the full files are in none of the places that were looked in
    ├── CorruptFile      a file is there and does not hold what it should
    ├── UnreadableFile   a file is there and the operating system does not give it out
    └── FetchFailed      a file could not be downloaded, or not be stored
"""


class DataError(Exception):
    """A data set is not to be had. The text is for a person."""


class DataNotFound(DataError):
    """The full files are in none of the places that were looked in."""


class CorruptFile(DataError):
    """A file is there and does not hold what it should: cut off, damaged, or another file under this name."""


class UnreadableFile(DataError):
    """A file is there and the operating system does not give it out."""


class FetchFailed(DataError):
    """A file could not be downloaded from any mirror, or not be stored."""
