"""Answers of a worker, decoded into types as a stranger's."""

from typing import Any, TypeVar

import msgspec
import numpy as np

from grader.sandbox import wire

T = TypeVar("T")


def decoded(answer: wire.Payload, type_: type[T]) -> T:
    """Return ``answer`` as a ``type_``, whose fields may be arrays of numbers (``np.ndarray``); a single whole number
    is an ``int``.

    Raises:
        ValueError: it is something else. The text says what, as a clause.
    """
    try:
        return msgspec.convert(_plain(answer), type_, dec_hook=_array)
    except (msgspec.ValidationError, ValueError, TypeError, AttributeError) as error:
        # an array in the place of a mapping is asked for its keys
        raise ValueError(str(error)) from None


def _plain(value: wire.Payload) -> Any:
    match value:
        case np.ndarray() if value.ndim == 0 and value.dtype.kind in "iu":
            return int(value)
        case tuple():
            return tuple(map(_plain, value))
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value


def _array(type_: type, value: Any) -> Any:
    if type_ is not np.ndarray or not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        raise ValueError("an array of numbers was expected")
    return value
