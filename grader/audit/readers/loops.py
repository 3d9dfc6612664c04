"""Training loops of PyTorch: which loader they go through, and which network they train."""

import re
from collections.abc import Iterator

import msgspec

from grader.audit.facts import Call, Cell, Code, Function, Loop, Notebook

MAX_TRAININGS = 100

_OVER = re.compile(r"(?:(?:enumerate|tqdm(?:\.\w+)?|tqdm_notebook|iter|list)\(+)*(?P<name>[A-Za-z_]\w*)\b")
_WRAPPERS = frozenset({"range", "trange", "zip", "enumerate", "tqdm", "tqdm_notebook", "iter", "list"})


class Training(msgspec.Struct, frozen=True):
    """One training: the place of its loop or of the call of the function that holds it, the names of the loader and the
    network there (empty: not certain), and whether a loop over something other than epochs is around it."""

    cell: Cell
    line: int
    loader: str
    model: str
    is_repeated: bool = False


def trainings(notebook: Notebook) -> tuple[Training, ...]:
    """Return the loops over a loader in which gradients are computed, at the top level or in a function that is called
    there, in reading order."""
    found: list[Training] = []
    inside = _in_each_function(notebook)
    for cell, code in notebook.code_cells:
        found += _at_top_level(cell, code)
        found += _called(notebook, cell, code, inside)
    return tuple(sorted(found[:MAX_TRAININGS], key=lambda one: (one.cell.number, one.line)))


def loop_around(code: Code, call: Call) -> Loop | None:
    """Return the loop over a loader that ``call`` stands in: the last one above it in its function."""
    above = [loop for loop in code.loops if loop.scope == call.scope and loop.line < call.line]
    return above[-1] if call.in_loop and above else None


def loaded(loop: Loop) -> str:
    """Return the name that a loop goes through, without ``enumerate`` and progress bars."""
    found = _OVER.match(loop.over)
    return found["name"] if found and found["name"] not in _WRAPPERS and "," in loop.target else ""


def _backward(code: Code) -> Iterator[tuple[Call, Loop]]:
    for call in [call for call in code.calls if call.name == "backward"][:MAX_TRAININGS]:
        if (loop := loop_around(code, call)) is not None and loaded(loop):
            yield call, loop


def _model(code: Code, loop: Loop, call: Call) -> str:
    """Return what is called with the first thing that ``loop`` takes from its loader."""
    inputs = re.findall(r"[A-Za-z_]\w*", loop.target)[-2:][:1]
    for other in code.calls if inputs else ():
        texts = [text for _, text in other.arguments]
        if (
            other.scope == call.scope
            and loop.line < other.line <= call.line
            and not other.receiver
            and len(texts) == 1
            and re.match(rf"{inputs[0]}\b", texts[0])
        ):
            return other.name
    return ""


def _at_top_level(cell: Cell, code: Code) -> Iterator[Training]:
    for call, loop in _backward(code):
        if not call.scope:
            around = [one for one in code.loops if not one.scope and one.line < loop.line and loop.in_loop]
            other = [one for one in around if "epoch" not in one.target.lower() and not one.in_loop]
            yield Training(cell, loop.line, loaded(loop), _model(code, loop, call), bool(other) and len(around) > 1)


def _in_each_function(notebook: Notebook) -> dict[str, tuple[str, str]]:
    """Return the names of the loader and the network in the training loop of each function that has one."""
    found: dict[str, tuple[str, str]] = {}
    for _, code in notebook.code_cells:
        for call, loop in _backward(code):
            if call.scope:
                found.setdefault(call.scope, (loaded(loop), _model(code, loop, call)))
    return found


def _called(notebook: Notebook, cell: Cell, code: Code, inside: dict[str, tuple[str, str]]) -> Iterator[Training]:
    calls = [call for call in code.calls if call.name in inside and not call.scope and not call.receiver]
    for call in calls[:MAX_TRAININGS]:
        if call.name in notebook.functions:
            function = notebook.functions[call.name][1]
            loader, model = (_given(function, call, name) for name in inside[call.name])
            loops = [one for one in code.loops if not one.scope and one.line < call.line]
            repeated = call.in_loop and not any("epoch" in one.target.lower() for one in loops)
            yield Training(cell, call.line, loader, model, repeated)


def _given(function: Function, call: Call, name: str) -> str:
    """Return what ``name`` of a function is where it is called: an argument, or the variable of the notebook."""
    if name not in function.parameters:
        return name
    text = call.argument(name, function.parameters.index(name)) or ""
    return text if text.isidentifier() else ""
