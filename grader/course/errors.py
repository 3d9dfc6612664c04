"""What is wrong with a rubric, where it is written, and what to do about it.

``RubricError`` describes one mistake, :class:`RubricErrors` is the exception that carries all of them, and
:class:`Problems` collects them while a rubric is read, so that one run shows every mistake and not only the first.
"""

from collections.abc import Iterable, Iterator

import msgspec

from grader.course.model import Source


class RubricError(msgspec.Struct, frozen=True):
    """One mistake. ``source`` is ``None`` when it has no place in a file; ``hint`` says what to do, or is empty."""

    message: str
    hint: str = ""
    source: Source | None = None

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source else ""
        return place + self.message + (f"; {self.hint}" if self.hint else "")


class RubricErrors(Exception):
    """A course cannot be loaded. ``errors`` holds every mistake; the text lists them, one per line."""

    def __init__(self, errors: Iterable[RubricError]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class Problems:
    """Collects mistakes. Its length tells whether something went wrong since an earlier look."""

    def __init__(self) -> None:
        self._errors: dict[RubricError, None] = {}  # in order, and quick to look one up in tens of thousands

    def __iter__(self) -> Iterator[RubricError]:
        return iter(self._errors)

    def __len__(self) -> int:
        return len(self._errors)

    def add(self, source: Source | None, message: str, hint: str = "") -> None:
        """Note one mistake. The same words about the same line are kept once."""
        self._errors.setdefault(RubricError(message, hint, source))

    def raise_if_any(self) -> None:
        """Raise what was collected, sorted by file and line.

        Raises:
            RubricErrors: there is at least one mistake.
        """
        if self._errors:
            raise RubricErrors(sorted(self._errors, key=_place)) from None


def _place(error: RubricError) -> tuple[str, int]:
    return (error.source.path, error.source.line) if error.source else ("", 0)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint for an unknown ``word``: the nearest known one, else all of them, else nothing."""
    import difflib  # only mistakes pay for its import

    candidates = list(dict.fromkeys(known))
    nearest = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if nearest:
        return f"did you mean '{nearest[0]}'?"
    return f"known: {', '.join(candidates)}" if candidates else ""
