"""What is stored in a notebook, read without running it: its texts, its code as facts, its outputs.

The facts travel as JSON in one array, so that their number does not depend on how many numbers they hold. What they
mean is not decided here.
"""

import json
import re
from typing import Any

import numpy as np

from grader.sandbox.worker.notebook import Cell, open_cells, read_cell
from grader.sandbox.worker.operations.cell_facts import NOTHING_KNOWN, cell_facts, imported_names
from grader.sandbox.worker.operations.workbench import Workbench
from grader.sandbox.worker.source import MAX_MESSAGE, UnreadableSourceError, clip

MAX_CELLS = 1_000
MAX_SOURCE = 20_000
MAX_OUTPUT = 60_000
"""Characters of one cell's stored output, after progress bars have been drawn to their end."""
MAX_LINE = 1_000
"""Characters of one line of a source or an output that are told."""
MAX_CHARACTERS = 2**19
"""Of all sources and outputs together."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_MAGIC_WITH_ARGUMENTS = re.compile(r"\s*%%\w+[ \t]+\S")
"""As in ``%%capture output``, which binds a name."""
_CUT = re.compile(r"(?i)output (?:was )?(?:truncated|exceeds)|exceeds? the size limit|\[\s*\.\.\.\s*\]")


def read_notebook(bench: Workbench, paths: tuple[str, ...], given: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Return the facts of each delivered notebook of ``paths``, as JSON (uint8).

    Args:
        bench: where the submission lies.
        paths: notebooks.
        given: contents (uint8) by name of the notebooks that students start from.

    Each is a mapping with ``path``; ``problem``, empty or why it cannot be read; ``is_cut``, whether more cells or
    text are in it than are returned; and ``cells``: ``number`` from 1, ``kind``, ``text``, ``is_given`` for
    what stands in a given notebook as it is, ``execution_count``,
    ``outputs`` (``kind`` and ``text``, without escape sequences, progress bars as they ended), ``images``,
    ``is_cut`` for outputs that were cut here or before, and ``code``, what
    :func:`~grader.sandbox.worker.operations.cell_facts.cell_facts` returns.
    """
    known = frozenset(text for content in given.values() for text in given_texts(content.tobytes()))
    return tuple(_encoded(_notebook(path, (bench.root / path).read_bytes(), known)) for path in paths)


def given_texts(data: bytes) -> list[str]:
    """Return the cells of a notebook that students start from, as :func:`plain_text`; none of what is no notebook."""
    try:
        return [text for cell in open_cells(data) if (text := plain_text(cell.source))]
    except UnreadableSourceError:
        return []


def plain_text(text: str) -> str:
    """Return a cell's text without the spaces that editors leave around it and at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _encoded(facts: dict[str, Any]) -> np.ndarray:
    # a lone surrogate is text to Python and not to JSON
    return np.frombuffer(json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace"), np.uint8)


def _notebook(path: str, data: bytes, given: frozenset[str]) -> dict[str, Any]:
    try:
        raw = open_cells(data)
    except UnreadableSourceError as error:
        return {"path": path, "problem": clip(str(error), MAX_MESSAGE), "is_cut": False, "cells": []}
    read = {
        number: read_cell(number, cell.source)
        for number, cell in enumerate(raw[:MAX_CELLS], start=1)
        if cell.cell_type == "code" and len(cell.source) <= MAX_SOURCE
    }
    imported = imported_names(cell.tree for cell in read.values() if cell.tree is not None)
    cells = []
    room = MAX_CHARACTERS
    for number, cell in enumerate(raw[:MAX_CELLS], start=1):
        told = _cell(number, cell, read.get(number), imported) | {"is_given": plain_text(cell.source) in given}
        room -= len(told["text"]) + sum(len(output["text"]) for output in told["outputs"])
        if room < 0:
            break
        cells.append(told)
    return {"path": path, "problem": "", "is_cut": len(cells) < len(raw), "cells": cells}


def _cell(number: int, raw: Any, read: Cell | None, imported: frozenset[str]) -> dict[str, Any]:
    outputs, images, is_cut = _outputs(raw)
    code = cell_facts(read, imported) if read is not None else NOTHING_KNOWN
    if _MAGIC_WITH_ARGUMENTS.match(raw.source):
        code = code | {"is_opaque": True}
    count = raw.get("execution_count")
    return {
        "number": number,
        "kind": raw.cell_type if raw.cell_type in ("code", "markdown") else "raw",
        "text": clip(_with_short_lines(raw.source.replace("\r\n", "\n")), MAX_SOURCE),
        "execution_count": count if isinstance(count, int) and 0 <= count < 2**31 else None,
        "outputs": outputs,
        "images": images,
        "is_cut": is_cut,
        "code": code if raw.cell_type == "code" else None,
    }


def _outputs(raw: Any) -> tuple[list[dict[str, str]], int, bool]:
    """Return the text outputs of a cell, how many of its outputs have an image, and whether something was cut."""
    stored = raw.get("outputs", [])
    outputs = [output for output in stored if isinstance(output, dict)] if isinstance(stored, list) else []
    found: list[dict[str, str]] = []
    is_cut = False
    room = MAX_OUTPUT
    for kind, text in _joined_streams(outputs):
        whole = drawn(text)
        shown = _with_short_lines(whole)
        is_cut = is_cut or len(shown) > room or len(shown) < len(whole) or _CUT.search(shown) is not None
        shown = clip(shown, max(room, 1))
        room -= len(shown)
        if shown.strip():
            found.append({"kind": kind, "text": shown})
    return found, sum(map(_has_image, outputs)), is_cut


def _joined_streams(outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return kind and text of each output. What was printed in pieces is one text: a line may have begun in one."""
    pieces: list[tuple[str, list[str]]] = []
    for output in outputs:
        kind, text = _text(output)
        if pieces and pieces[-1][0] == kind == "stream":
            pieces[-1][1].append(text)
        else:
            pieces.append((kind, [text]))
    return [(kind, "".join(texts)) for kind, texts in pieces]


def _has_image(output: dict[str, Any]) -> bool:
    data = output.get("data")
    return isinstance(data, dict) and any(str(key).startswith("image/") for key in data)


def _text(output: dict[str, Any]) -> tuple[str, str]:
    match output.get("output_type"):
        case "stream":
            return "stream", joined(output.get("text"))
        case "error":
            return "error", f"{joined(output.get('ename'))}: {joined(output.get('evalue'))}"
        case "execute_result" | "display_data" as kind:
            data = output.get("data")
            plain = data.get("text/plain") if isinstance(data, dict) else ""
            return "result" if kind == "execute_result" else "display", joined(plain)
        case _:
            return "display", ""


def joined(text: object) -> str:
    """Return a text that a notebook holds whole or in pieces; none of what is neither."""
    if isinstance(text, list):
        return "".join(part for part in text if isinstance(part, str))
    return text if isinstance(text, str) else ""


def _with_short_lines(text: str) -> str:
    # lone surrogates are written out first, since that makes a line longer
    text = text.encode("utf-8", "backslashreplace").decode()
    return "\n".join(clip(line, MAX_LINE) for line in text.split("\n"))


def drawn(text: str) -> str:
    """Return ``text`` as a screen would show it in the end: no escape sequences, and of a line that was drawn over
    with carriage returns only the last state."""
    plain = _ESCAPE.sub("", text).replace("\b", "").replace("\r\n", "\n")
    if "\r" not in plain:
        return plain
    return "\n".join(_last_state(line) for line in plain.split("\n"))


def _last_state(line: str) -> str:
    states = [state for state in line.split("\r") if state.strip()]
    return states[-1] if states else ""
