"""What attacks are handed in to: a course with secrets in it, and the honest work that is graded beside them."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

USER = "somebody"
"""The name of the user who grades, as the environment has it: an id need not have a name."""


class Secrets(msgspec.Struct, frozen=True):
    """Texts that stand in one place each, so that a text that turns up says where it was read.

    They all look like ``canary-`` and 32 hexadecimal digits: an attack may search for that.
    """

    course_secret: str
    reference: str
    cases: str
    rubric: str
    neighbour: str
    home: str
    environment: str
    victim: str


def draw_secrets() -> Secrets:
    """Return secrets that nobody has seen before."""
    return Secrets(*(f"canary-{secrets.token_hex(16)}" for _ in Secrets.__struct_fields__))


class Ground(msgspec.Struct, frozen=True):
    """A course, its attacks and its honest students.

    ``points`` are those of each criterion, by its id without the part. ``echoes`` names, for a criterion that students
    are not shown, the one whose verdict it shares. ``hidden`` are the numbers and the title that nobody may be told.
    """

    corpus: Path
    points: Mapping[str, float]
    echoes: Mapping[str, str]
    hidden_numbers: Mapping[str, float]
    hidden_title: str
    write: Callable[[Path, Secrets], Path]
    """Writes the course into a folder."""
    honest: Mapping[str, Callable[[Path], None]]
    """By name, in the order of their folders: writes what the student hands in."""
    hand_in: Callable[[Path, Path], None]
    """Hands in an attack that is one file: writes it into a folder under the name that is asked for."""
    described_by: str
    """The file of a folder that says what it wants, where there is no ``prepare.py``."""
    jobs: int
    kept: frozenset[str] = frozenset()
    """Names of folders in which the grader itself keeps something for the next time."""

    @property
    def shown(self) -> tuple[str, ...]:
        """The criteria that students see."""
        return tuple(name for name in self.points if name not in self.echoes)
