"""What a fuzzer runs against: where its examples come from, and what has to hold for each of them."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NamedTuple

from hypothesis.strategies import SearchStrategy

LIMIT_CPU_S = 30.0
"""For one example. An ordinary one takes milliseconds; the audit of a text made to be slow may take ten seconds."""


class Target(NamedTuple):
    """One decoder and all that is asked of it.

    Every example is made of Python literals, so that a counterexample is a text that anyone can read and run again.
    ``check`` returns for a right answer, a refusal in the documented words included, and raises for anything else.
    ``known`` were counterexamples once. ``sample`` is how many examples the tests run, of a few milliseconds each.
    """

    name: str
    about: str
    examples: SearchStrategy[Any]
    check: Callable[[Any], None]
    sample: int = 100
    known: tuple[Any, ...] = ()

    def run(self, example: Any) -> None:
        """Check one example, within :data:`LIMIT_CPU_S`."""
        with _bounded(f"{self.name}: one example took more than {LIMIT_CPU_S:g} s of processor time"):
            self.check(example)


LONGEST_SENTENCE = 5000


def assert_sentence(refusal: object, *, prints: bool = True) -> None:
    """Assert that ``refusal`` says something and comes to an end; ``prints``: and has no character that acts.

    What a worker says is made harmless where it is shown, so its own words may act before that.
    """
    text = str(refusal)
    assert 0 < len(text) <= LONGEST_SENTENCE, f"a refusal of {len(text)} characters"
    assert text.isprintable() or not prints, f"a refusal with characters that do not print: {text!r}"


class _TooSlow(BaseException):
    """Raised in the middle of what takes too long; no ``except Exception`` on the way stops it."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooSlow


@contextmanager
def _bounded(message: str) -> Iterator[None]:
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_CPU_S)
    try:
        yield
    except _TooSlow:
        raise AssertionError(message) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
