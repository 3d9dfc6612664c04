"""The files through which the kernel shows control groups and processes."""

import os
from pathlib import Path


def write(file: Path, text: str) -> None:
    """Write into a file that the kernel has made. Raises ``OSError`` if it has not, or refuses."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def members_of(folder: Path) -> set[int]:
    """Return the numbers of the processes in a group; none if it is gone."""
    try:
        return {int(line) for line in (folder / "cgroup.procs").read_text().split()}
    except OSError:
        return set()


def words_of(file: Path) -> set[str]:
    """Return the words in a file; none if it cannot be read."""
    try:
        return set(file.read_text().split())
    except OSError:
        return set()


def counts_of(file: Path) -> dict[str, int]:
    """Return the lines that are a name and a number. Raises ``OSError`` if the file cannot be read."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}


def stat_of(folder: Path) -> list[str]:
    """Return what the kernel says of a process, from its state on: its name, which may hold anything, comes before."""
    return (folder / "stat").read_text().rpartition(")")[2].split()
