"""Files of the submission that a notebook imports: their loops are watched like those of its cells."""

import ast
import sys
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from grader.sandbox.worker.replay.rewrite import rewrite
from grader.sandbox.worker.source import compile_tree


class _Loader(SourceFileLoader):
    """Compiles a file after its loops and its old imports have been changed."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        """Return the code of a file. Raises ``SyntaxError`` as Python's own importer does."""
        tree = ast.parse(data, str(path))
        return compile_tree(rewrite(tree, guard_loops=True).tree, str(path))


def install(root: Path) -> None:
    """Have Python's importer read files below ``root`` so."""
    find = FileFinder.path_hook((_Loader, SOURCE_SUFFIXES))

    def find_own(folder: str) -> Any:
        if not Path(folder).resolve().is_relative_to(root.resolve()):
            raise ImportError("not a folder of the submission", path=folder)
        return find(folder)

    sys.path_hooks.insert(0, find_own)
    sys.path_importer_cache.clear()
