"""What a notebook finds around it: ``get_ipython()``, ``display``, ``input``. None of it acts; all of it is noted."""

from collections.abc import Callable
from typing import Any

from grader.sandbox.worker.recorder.log import Log, text

HARMLESS = frozenset(
    ("matplotlib", "load_ext", "autoreload", "config", "reload_ext", "tensorflow_version", "pylab", "time", "precision")
)
"""Magics that change nothing about what a cell computes."""


class Shell:
    """Stands where a notebook expects IPython."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.user_ns: dict[str, Any] = {}

    def run_line_magic(self, name: str, line: str = "", *_more: object) -> None:
        """Note ``%name line``; the right-hand side of ``%time`` and ``%timeit`` is not run either."""
        if name not in HARMLESS:
            self._log.note("not-run", f"%{name} {line}".strip())

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Note ``%%name``, and with it the rest of its cell."""
        self._log.note("not-run", f"%%{name} {line}".strip())

    def system(self, command: str) -> None:
        """Note ``!command``."""
        self._log.note("not-run", f"!{command}")

    def getoutput(self, command: str, *_more: object) -> list[str]:
        """Note ``x = !command``, which gives lines."""
        self._log.note("not-run", f"!{command}")
        return []

    def magic(self, line: str) -> None:
        """Note a magic written the old way."""
        self.run_line_magic(*line.partition(" ")[::2])

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("__"):
            raise AttributeError(name)

        def nothing(*_arguments: object, **_options: object) -> None:
            self._log.note("not-run", f"get_ipython().{name}")

        return nothing


def around(log: Log) -> dict[str, Any]:
    """Return the names that a notebook's cells find already bound."""
    shell = Shell(log)

    def display(*values: object, **_options: object) -> None:
        for value in values:
            print(text(value, 2_000))

    def ask(prompt: object = "") -> str:
        log.note("needs-input", f"input({text(prompt, 100)!r}) was answered with an empty line")
        return ""

    def leave(*_arguments: object) -> None:
        log.note("not-run", "exit()")

    return {"get_ipython": lambda: shell, "display": display, "input": ask, "exit": leave, "quit": leave}
