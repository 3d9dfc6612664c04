"""The figures that a student reports, read from a JSON file that anybody may have written."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

MAX_BYTES = 2**20
_MAX_SHOWN = 40

Figures: TypeAlias = "dict[str, dict[str, Any]]"
"""Values by model and name. The values are whatever JSON has."""


class UnreadableFigures(Exception):
    """The file does not hold figures by model. The text is a clause about "it"."""


def read_figures(content: bytes) -> Figures:
    """Return the figures in a file such as ``{"lenet": {"test_accuracy": 0.892}}``; other entries are left out.

    Raises:
        UnreadableFigures: it is too large, not JSON, nested too deeply, or says something twice.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableFigures(f"it has {len(content):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        decoded = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise UnreadableFigures(f"line {error.lineno}, column {error.colno} is not JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise UnreadableFigures("it is not UTF-8 text") from None
    except RecursionError:
        raise UnreadableFigures("it is nested too deeply") from None
    except ValueError as error:
        raise UnreadableFigures(f"it has a number that cannot be read: {error}") from None
    if not isinstance(decoded, dict):
        raise UnreadableFigures('it is not of the form {"model": {"test_accuracy": …}}')
    return {model: figures for model, figures in decoded.items() if isinstance(figures, dict)}


def as_number(value: object) -> float | None:
    """Return what was reported as a number, ``None`` if it is none: ``0.892``, ``"0.892"``, ``"89.2%"``."""
    if isinstance(value, str):
        text = value.strip()
        try:
            return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def find_file(name: str, paths: Sequence[str]) -> str | None:
    """Return the file called ``name``, the one in the uppermost folder if there are several."""
    found = [path for path in paths if path == name or path.endswith(f"/{name}")]
    return min(found, key=lambda path: (path.count("/"), path), default=None)


def shown(figures: Mapping[str, object]) -> str:
    """List names for a message."""
    names = sorted(figures)
    more = f" and {len(names) - _MAX_SHOWN} more" if len(names) > _MAX_SHOWN else ""
    return ", ".join(f"'{name[:_MAX_SHOWN]}'" for name in names[:_MAX_SHOWN]) + more or "nothing"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableFigures(f"it says '{twice[:_MAX_SHOWN]}' twice in one place, so which counts is unclear")
    return dict(pairs)


def _no_number(word: str) -> NoReturn:
    raise UnreadableFigures(f"it says {word}, which is not a number in JSON")
