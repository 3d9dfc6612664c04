"""Numbers as they are written, and whether one could be another one rounded."""

import re
from decimal import Decimal, InvalidOperation

NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:,\d{3})+(?![\d.,])|(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])")


def numbers(text: str) -> frozenset[Decimal]:
    """Return every number in ``text``; ``1,234`` is one of them."""
    return frozenset(value for found in NUMBER.findall(text) if (value := decimal(found)) is not None)


def decimal(text: str) -> Decimal | None:
    """Return a written number, or ``None`` if it is none or far out of the range of scores and counts."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 20 else None


def places(text: str) -> int:
    """How many digits stand behind the decimal point of a number as it is written."""
    return len(text.partition(".")[2])


def could_be(written: str, value: Decimal) -> bool:
    """Whether ``written`` may be ``value`` rounded or cut off to its digits: they differ by less than one unit of its
    last digit. So ``0.98`` may be ``0.9761`` for somebody who rounds generously, and ``0.98`` is never ``0.9695``."""
    claimed = decimal(written)
    return claimed is not None and abs(claimed - value) < Decimal(1).scaleb(-places(written))


def forms(value: Decimal) -> tuple[Decimal, ...]:
    """A share in the forms it is written in: itself, as a percentage or back, and what is missing to the whole."""
    if value < 0 or value > 100:
        return (value,)
    whole = (value, value * 100, value / 100)
    return (*whole, 1 - value, 100 - value, 100 - value * 100, 1 - value / 100)


def are_swapped(first: str, second: str) -> bool:
    """Whether two written numbers of the same length differ by two neighbouring digits that have changed places."""
    if len(first) != len(second) or first == second:
        return False
    pairs = zip(first.replace(".", ""), second.replace(".", ""), strict=False)
    differing = [position for position, (one, other) in enumerate(pairs) if one != other]
    if len(differing) != 2 or differing[1] != differing[0] + 1 or first.find(".") != second.find("."):
        return False
    one, other = first.replace(".", ""), second.replace(".", "")
    return one[differing[0]] == other[differing[1]] and one[differing[1]] == other[differing[0]]
