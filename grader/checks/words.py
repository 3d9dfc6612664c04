"""Numbers and values in the words of a report."""

import math

import numpy as np

from grader.sandbox import wire


def describe(value: wire.Payload) -> str:
    """Say what a student returned where something else was expected, in a few words."""
    match value:
        case None:
            return "None"
        case str():
            return f"the string {value[:60]!r}"
        case dict():
            return "a dict with the keys " + (", ".join(sorted(value)[:8]) or "(none)")
        case tuple():
            return count_of(len(value), "value")
        case wire.Opaque(type_name=name, why=why):
            return f"a value of type {name}: {why}"
        case _:
            return f"one array of shape {shape_text(value.shape)}" if value.ndim else f"one number ({value[()]!s})"


def count_of(number: int, noun: str) -> str:
    """``one value``, ``3 values``."""
    return f"one {noun}" if number == 1 else f"{number} {noun}s"


def sentence(text: str) -> str:
    """Make a sentence of a clause: a capital letter unless it starts with a name or path, and a full stop."""
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    capital = text[:1].upper() + text[1:] if first.isalpha() else text
    return capital if capital.endswith((".", "?")) else capital + "."


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as Python writes it, ``scalar`` for no axes."""
    return str(tuple(int(n) for n in shape)) if shape else "scalar"


def magnitude(error: float) -> str:
    """An error as a power of ten only: enough to judge it, too little to work out what was expected."""
    if not math.isfinite(error):
        return "not finite"
    if error == 0:
        return "0"
    return f"1e{round(math.log10(error)):+03d}"


def entry_name(name: str, where: tuple[int, ...]) -> str:
    """``W1[15, 3]``, or the bare name of a scalar."""
    return f"{name}[{', '.join(map(str, where))}]" if where else name


def entry_value(array: np.ndarray, where: tuple[int, ...]) -> str:
    """One entry of a student's array, to seven significant digits."""
    value = array[where]
    return f"{value:.7g}" if not np.iscomplexobj(array) else f"{value}"


def points_text(points: float) -> str:
    """Points in a sentence or a table: no trailing zeros, at most two decimals."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
