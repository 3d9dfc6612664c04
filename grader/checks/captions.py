"""Whether the texts beside pictures say what they should: ``GT:3, P:7``, ``label: 3``, ``Ankle boot``."""

import re
import string
from collections.abc import Mapping, Sequence

import numpy as np

_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_])")


def fields_of(pattern: str) -> tuple[str, ...]:
    """Return what a pattern names: ``GT:{actual}, P:{predicted}`` names two entries of a case, a bare word one.

    Raises:
        ValueError: its braces do not match.
    """
    if "{" not in pattern and "}" not in pattern:
        return (pattern,)
    return tuple(name for _, name, _, _ in string.Formatter().parse(pattern) if name)


def wrong_captions(
    captions: Sequence[str], pattern: str, given: Mapping[str, np.ndarray], class_names: Sequence[str] = ()
) -> list[int]:
    """Return the positions of the captions that do not say what they should; none where all do.

    A caption is right if it holds its numbers in the order of the pattern, or each number right behind the pattern's
    word for it, or the names of the classes instead. Captions without any numbers are right if they name the classes
    consistently: one wording for each combination of numbers.

    Args:
        captions: one for each picture, in order.
        pattern: as :func:`fields_of` takes it.
        given: the entries that it names, one number for each picture at least.
        class_names: what the classes may be called, class 0 first.
    """
    fields = fields_of(pattern)
    wanted = [tuple(_label(given[name], position) for name in fields) for position in range(len(captions))]
    if captions and not any(_NUMBER.search(caption) for caption in captions) and _is_consistent(captions, wanted):
        return []
    words = _words_before(pattern)
    return [
        position
        for position, (caption, labels) in enumerate(zip(captions, wanted, strict=True))
        if not _says(caption, labels, words, class_names)
    ]


def _label(values: np.ndarray, position: int) -> int:
    one = np.asarray(values)[position]
    return int(one.argmax()) if one.size > 1 else int(one.reshape(()))


def _is_consistent(captions: Sequence[str], wanted: Sequence[tuple[int, ...]]) -> bool:
    pairs = {(_plain(caption), labels) for caption, labels in zip(captions, wanted, strict=True)}
    return len({text for text, _ in pairs}) == len({labels for _, labels in pairs}) == len(pairs) and all(
        text for text, _ in pairs
    )


def _words_before(pattern: str) -> tuple[str, ...]:
    if "{" not in pattern:
        return ("",)
    return tuple(_plain(literal) for literal, name, _, _ in string.Formatter().parse(pattern) if name)


def _says(caption: str, labels: tuple[int, ...], words: tuple[str, ...], class_names: Sequence[str]) -> bool:
    numbers = [float(found) for found in _NUMBER.findall(caption)]
    if _in_order(numbers, labels):
        return True
    plain = _plain(caption)
    if all(words) and all(
        re.search(rf"{re.escape(word)}0*{label}(?![0-9])", plain) for word, label in zip(words, labels, strict=True)
    ):
        return True
    if numbers or max(labels) >= len(class_names):
        return False
    start = 0
    for label in labels:
        start = plain.find(_plain(class_names[label]), start)
        if start < 0:
            return False
        start += len(_plain(class_names[label]))
    return True


def _in_order(numbers: Sequence[float], labels: tuple[int, ...]) -> bool:
    """Whether ``labels`` are among ``numbers`` in this order; others may stand between them."""
    left = iter(numbers)
    return all(any(number == label for number in left) for label in labels)


def _plain(text: str) -> str:
    """Letters and digits only, in lower case."""
    return "".join(character for character in text.lower() if character.isalnum())
