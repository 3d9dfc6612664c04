"""What students are given: the handout and the files to start from, which are never held against them nor for them."""

from pathlib import Path

import numpy as np


def given_files(folder: Path, suffixes: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the contents (uint8) of the assignment's ``handout.md`` and of ``starter/`` with one of these endings, by
    their paths in ``folder``."""
    paths = [path for path in (folder / "starter").rglob("*") if path.is_file()]
    paths.append(folder / "handout.md")
    return {
        path.relative_to(folder).as_posix(): np.frombuffer(path.read_bytes(), np.uint8)
        for path in sorted(paths)
        if path.name.endswith(suffixes) and path.is_file()
    }
