"""The sentences in which a diagnosis is told: numbers first, then what explains them."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

SMALLEST_EXPLAINING = 3
"""Sizes of 1 and 2 explain nothing: a factor of 2 has too many other causes."""


class Group(msgspec.Struct, frozen=True):
    """Arrays that show the same pattern. ``factor`` is claimed / right, known to a fraction ``slack``. ``details`` are
    sentences about single arrays. ``facts`` are the sizes of the case by plural noun, such as ``{"examples": 32}``.
    ``printed`` says whether the factor may be."""

    id: str
    names: tuple[str, ...]
    factor: float | None = None
    slack: float = 0.0
    details: tuple[str, ...] = ()
    facts: Mapping[str, int] = {}
    printed: bool = True


def sentence(group: Group) -> str:
    """Return what to tell the student about a group; a factor is printed only where ``printed`` allows."""
    if group.factor is None:
        return _without_factor(group)
    if group.id.startswith("gradient-"):
        return _gradient_factor(group, group.factor)
    return _values_factor(group, group.factor)


def explaining_sizes(factor: float, slack: float, facts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the names of the facts whose number is ``factor`` or its inverse, to within the fraction ``slack``."""
    return tuple(name for name, n in facts.items() if n >= SMALLEST_EXPLAINING and _is(factor, n, slack))


def simple_factors(facts: Mapping[str, int]) -> tuple[float, ...]:
    """Return the factors that a case explains: 2, each size, twice and half each size. Inverses count as equal."""
    sizes = [float(n) for n in facts.values() if n >= SMALLEST_EXPLAINING]
    return tuple({2.0, *sizes, *(2 * n for n in sizes), *(n / 2 for n in sizes)})


def is_simple(factor: float, slack: float, facts: Mapping[str, int]) -> bool:
    """Whether the case explains ``|factor|`` (or its inverse), to within the fraction ``slack``."""
    return any(_is(factor, simple, slack) for simple in simple_factors(facts))


def listed(names: Sequence[str]) -> str:
    """Return names as prose: ``W1``, ``W1 and b1``, ``W1, b1 and W2``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _gradient_factor(group: Group, factor: float) -> str:
    single = len(group.names) == 1
    names, point, verb = listed(group.names), "points" if single else "point", "is" if single else "are"
    if factor < 0 and _is(factor, 1.0, group.slack):
        return f"{names} {point} exactly the opposite way: every entry compared has the right size and the wrong sign."
    way = "right" if factor > 0 else "opposite"
    connection = "but" if factor > 0 else "and"
    if not group.printed:
        length = "long" if abs(factor) > 1 else "short"
        return (
            f"{names} {point} the {way} way {connection} {verb} too {length}, "
            "by one and the same factor at every entry compared."
        )
    return (
        f"{names} {point} the {way} way {connection} {verb} {_length(factor, group.slack)}, at every entry compared."
        f"{_explanation(factor, group)}"
    )


def _values_factor(group: Group, factor: float) -> str:
    single = len(group.names) == 1
    names, verb = listed(group.names), "is" if single else "are"
    if group.id == "sum-instead-of-mean":
        if not group.printed:
            return f"{names} {verb} to what is asked for as a sum over the examples is to their mean."
        return (
            f"{names} {verb} {_number(factor, group.slack)} times what is asked for, and this case has "
            f"{group.facts['examples']} examples: as a sum over the examples is to their mean."
        )
    if factor < 0 and _is(factor, 1.0, group.slack):
        return f"{names} {'has' if single else 'have'} the right size and the wrong sign, at every entry compared."
    if not group.printed:
        text = f"{names} {verb} what is asked for times one and the same number, at every entry compared."
        if is_simple(factor, group.slack, group.facts):
            text += " That number is a simple one: 2 or a size of this case, or made from them."
        return text
    size = abs(factor)
    operation = "times" if size > 1 else "divided by"
    sign = " and with the opposite sign" if factor < 0 else ""
    return (
        f"{names} {verb} what is asked for {operation} {_number(max(size, 1 / size), group.slack)}{sign}, "
        f"at every entry compared.{_explanation(factor, group)}"
    )


def _without_factor(group: Group) -> str:
    single = len(group.names) == 1
    names, verb = listed(group.names), "is" if single else "are"
    if group.id == "gradient-zero":
        owner = "its" if single else "their"
        return f"{names} {verb} 0 at every entry compared, but moving {owner} entries changes the loss."
    if group.id in ("gradient-transposed", "values-transposed"):
        return f"{names} {'agrees' if single else 'agree'} after transposing: rows and columns are exchanged."
    return " ".join(group.details)


def _length(factor: float, slack: float) -> str:
    size = abs(factor)
    return f"{_number(max(size, 1 / size), slack)} times too {'long' if size > 1 else 'short'}"


def _number(value: float, slack: float) -> str:
    """Return a number with as many digits as are certain, from two to six."""
    digits = int(np.clip(np.round(-np.log10(max(slack, 1e-12))), 2, 6))
    return f"{value:#.{digits}g}".rstrip(".")


def _explanation(factor: float, group: Group) -> str:
    facts = group.facts
    names = explaining_sizes(factor, group.slack, facts)
    if names:
        return f" This case has {listed([f'{facts[name]} {name}' for name in names])}."
    for name, n in facts.items():
        for word, multiple in (("twice", 2 * n), ("half", n / 2)):
            if n >= SMALLEST_EXPLAINING and multiple > 2 and _is(factor, multiple, group.slack):
                return f" This case has {n} {name}, and {word} that is {multiple:g}."
    return ""


def _is(factor: float, number: float, slack: float) -> bool:
    size = abs(factor)
    return abs(max(size, 1 / size) - number) <= slack * number
