"""What a cell prints: kept up to a limit, so that a cell in an endless loop of prints fills nothing."""

import io

MAX_CHARACTERS = 8_000
"""Of one cell. The first half and the last half of a longer text are kept."""
MAX_TOLD = 9_000
"""Of the text that is told, the note about what was left out included."""


class Printed(io.TextIOBase):
    """Takes the place of standard output while a cell runs."""

    def __init__(self) -> None:
        self._head = ""
        self._tail = ""
        self.characters = 0

    def write(self, text: str, /) -> int:
        """Keep ``text`` as far as there is room."""
        text = str(text)
        self.characters += len(text)
        room = MAX_CHARACTERS // 2 - len(self._head)
        self._head += text[: max(room, 0)]
        self._tail = (self._tail + text[max(room, 0) :])[-MAX_CHARACTERS // 2 :]
        return len(text)

    def writable(self) -> bool:
        """Whether it may be written to."""
        return True

    def isatty(self) -> bool:
        """Whether progress bars should draw themselves: no."""
        return False

    @property
    def text(self) -> str:
        """What was kept, progress that was drawn over as it ended."""
        left_out = self.characters - len(self._head) - len(self._tail)
        between = f"\n… ({left_out:,} characters left out) …\n" if left_out > 0 else ""
        return self._head + between + self._tail
