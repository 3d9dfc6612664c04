"""Asking a worker for one of its operations outside any criterion: nothing is metered, and nothing costs marks."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.sandbox import wire
from grader.sandbox.lease import Worker


class OperationRaised(Exception):
    """The operation raised: the name of the exception's type, and its text."""

    def __init__(self, type_name: str, text: str) -> None:
        super().__init__(f"{type_name}: {text}")
        self.type_name = type_name
        self.text = text


def ask(worker: Worker, operation: str, options: Mapping[str, Any], wall_s: float, *, none: str) -> wire.Payload:
    """Have ``worker`` do one of its operations, and return what it says.

    Raises:
        Stopped: the worker ended.
        OperationRaised: the operation raised.
        ValueError: the answer is none, which ``none`` says, or names arrays that it does not have.
    """
    arrays: list[np.ndarray] = []
    message = wire.Operate(operation, {name: wire.pack(value, arrays) for name, value in options.items()})
    frame = worker.request(message, arrays, wall_s=wall_s)
    match frame.message:
        case wire.Returned(results=(result,)):
            try:
                return wire.unpack(result.value, frame.arrays)
            except wire.ProtocolError as error:
                raise ValueError(str(error)) from None
        case wire.Raised(type_name=type_name, message=text):
            raise OperationRaised(type_name, text)
        case _:
            raise ValueError(none)
