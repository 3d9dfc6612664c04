"""Replaying a notebook: get ready, and run one cell after another."""

import json
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.notebook_facts import given_texts, plain_text
from grader.sandbox.worker.operations.workbench import Workbench
from grader.sandbox.worker.replay.replay import Replay

MAX_ANSWER = 2 * 2**20
"""Bytes of what one cell tells."""


def start_replay(
    bench: Workbench,
    path: str,
    mode: str,
    data: dict[str, dict[str, np.ndarray]],
    given: dict[str, np.ndarray],
) -> np.ndarray:
    """Get ready to run the delivered file ``path``, a notebook or a script.

    Args:
        bench: where the submission lies.
        path: the file.
        mode: ``definitions``, ``quick`` or ``full``.
        data: the given images by data set; see :class:`~grader.sandbox.worker.replay.data.GivenData`.
        given: contents (uint8) by name of the notebooks that students start from.

    Returns:
        JSON (uint8): a list of the code cells, with ``number``, ``defines``, ``uses``, ``heading``, and ``is_given``
        for what stands in a given notebook as it is.
    """
    replay = Replay(bench.root, path, mode, data)
    bench.replays[path] = replay
    known = frozenset(text for content in given.values() for text in given_texts(content.tobytes()))
    cells = [
        {
            "number": cell.number,
            "defines": cell.defines,
            "uses": cell.uses,
            "heading": cell.heading,
            "is_given": plain_text(cell.written) in known,
        }
        for cell in replay.cells
    ]
    return _encoded(cells)


def run_cell(bench: Workbench, path: str, number: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Run the next cell of a file that is being replayed; return what happened, as JSON (uint8).

    See :meth:`~grader.sandbox.worker.replay.replay.Replay.run`.
    """
    told = bench.replays[path].run(int(number), float(seconds))
    encoded = _encoded(told)
    if len(encoded) > MAX_ANSWER:
        events: list[Any] = told["events"]
        encoded = _encoded(told | {"events": [], "left_out": told["left_out"] + len(events)})
    return encoded


def _encoded(value: object) -> np.ndarray:
    # a lone surrogate is text to Python and not to JSON
    return np.frombuffer(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"), np.uint8)
