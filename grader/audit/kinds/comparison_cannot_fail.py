"""Comparisons that every pair of results passes."""

import re
from collections.abc import Iterator

from grader.audit.facts import Call
from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "comparison-cannot-fail"

_COMPARES = frozenset({"allclose", "isclose", "assert_allclose", "array_equal", "assert_array_equal", "equal"})
_TOLERATES = frozenset({"allclose", "isclose", "assert_allclose"})
_IS_PROBABILITY = re.compile(r"prob|softmax|sigmoid|\.predict\(", re.IGNORECASE)


def find(material: Material) -> Iterator[Finding]:
    """Look for a value compared with itself, and for tolerances as large as the values."""
    for cell, code in material.notebook.code_cells:
        for call in code.calls:
            if call.name in _COMPARES and call.is_fully_seen and (why := _why(call)):
                yield material.finding(
                    KIND,
                    Severity.WARNING,
                    cell,
                    call.line,
                    f"This comparison cannot fail: {why}.",
                    quote=cell.line(call.line),
                    settles="comparing two results that were computed apart, with a tolerance far below their size",
                )


def _why(call: Call) -> str:
    first, second = call.argument("", 0), call.argument("", 1)
    if first is None or second is None:
        return ""
    if (
        first == second
        and "(" not in first
        and call.argument("equal_nan") is None
        and call.name not in ("equal", "isclose")
    ):
        return f"it compares '{first}' with itself"
    if call.name not in _TOLERATES:
        return ""
    relative, absolute = _number(call.argument("rtol", 2)), _number(call.argument("atol", 3))
    if relative >= 1:
        return f"with rtol={relative:g} even a result of 0 is close to every '{second}'"
    if absolute >= 1 and _IS_PROBABILITY.search(first) and _IS_PROBABILITY.search(second):
        return f"probabilities differ by 1 at most, and atol={absolute:g} allows that"
    return ""


def _number(text: str | None) -> float:
    try:
        return float(text) if text is not None else 0.0
    except ValueError:
        return 0.0
