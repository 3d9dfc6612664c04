"""What a network ends in, and which loss it is compiled with, where the code says so in plain sight."""

import re

from grader.audit.facts import Call, Cell, Code, Notebook
from grader.audit.readers.flow import last_assignment

_SOFTMAX = re.compile(r"softmax", re.IGNORECASE)
_LINEAR = re.compile(r"(?:\w+\.)*Dense\((?:units=)?\w+(?:, (?!activation)\w+=[^,()]*)*\)(?:\(\w+\))?$")
_SEQUENTIAL = re.compile(r"(?:\w+\.)*Sequential\(")
_MODEL = re.compile(r"(?:\w+\.)*Model\(")
_TORCH_SOFTMAX = re.compile(
    r"(?:nn\.|torch\.nn\.)?Softmax\(|(?:F|torch|nn\.functional|torch\.nn\.functional)\.softmax\("
)
_METHOD_SOFTMAX = re.compile(r"\.softmax\((?:dim=)?-?1\)")


def written(call: Call) -> str:
    """A call as its source says it, without what follows it."""
    arguments = ", ".join(f"{keyword}={text}" if keyword else text for keyword, text in call.arguments)
    return f"{call.receiver}.{call.name}({arguments})" if call.receiver else f"{call.name}({arguments})"


def layers_of(notebook: Notebook, model: str, cell: int, line: int) -> tuple[tuple[Cell, Call], ...]:
    """Return the layers of a sequential network as it stands at a line of a cell, nothing if that is not certain."""
    found = last_assignment(notebook, model, cell, line)
    if found is None or not _SEQUENTIAL.match(found[1].value):
        return ()
    home, made = found
    if made.scope or made.in_loop or made.condition or model in notebook.changed_in_part:
        return ()
    layers = tuple(
        (where, call)
        for where, call in notebook.calls
        if call.part_of == model and (home.number, made.line) <= (where.number, call.line) < (cell, line)
    )
    return () if any(call.scope or call.in_loop or call.condition for _, call in layers) else layers


def last_layer(notebook: Notebook, model: str, cell: int, line: int) -> tuple[Cell, int, str] | None:
    """Return the last layer of a network of Keras as it stands at a line of a cell: where it is and its source."""
    layers = layers_of(notebook, model, cell, line)
    if layers:
        home, call = layers[-1]
        return home, call.line, written(call)
    found = last_assignment(notebook, model, cell, line)
    if found is None or not _MODEL.match(found[1].value) or found[1].scope or found[1].in_loop or found[1].condition:
        return None
    made = next((call for where, call in notebook.calls if where is found[0] and call.target == model), None)
    name = (made.argument("outputs", 1) or "") if made else ""
    output = last_assignment(notebook, name, found[0].number, found[1].line) if name.isidentifier() else None
    if output is None or not output[1].steps or output[1].scope or output[1].in_loop or output[1].condition:
        return None
    return output[0], output[1].line, output[1].steps[-1]


def ends_in_softmax(layer: str) -> bool | None:
    """Whether the source of a last layer says that it gives probabilities; ``None``: not certain."""
    if _SOFTMAX.search(layer):
        return True
    return False if _LINEAR.match(layer) else None


def compile_of(notebook: Notebook, model: str, cell: int, line: int) -> tuple[Cell, Call] | None:
    """Return the call of ``compile`` that is in force at a line of a cell, if it is certain."""
    found = [
        (home, call)
        for home, call in notebook.calls
        if call.name == "compile" and call.receiver == model and (home.number, call.line) < (cell, line)
    ]
    if not found or found[-1][1].scope or found[-1][1].condition or not found[-1][1].is_fully_seen:
        return None
    return found[-1]


def torch_softmax(notebook: Notebook, model: str, cell: int, line: int) -> tuple[Cell, int, str] | None:
    """Return where the network of PyTorch in the variable ``model`` ends in a softmax, if it certainly does."""
    found = last_assignment(notebook, model, cell, line)
    if found is None or found[1].condition or found[1].in_loop or found[1].scope:
        return None
    if _SEQUENTIAL.match(found[1].value):
        layers = [call for where, call in notebook.calls if where is found[0] and call.part_of == model]
        if layers and _TORCH_SOFTMAX.match(written(layers[-1])):
            return found[0], layers[-1].line, written(layers[-1])
        return None
    made = re.match(r"(\w+)\(", found[1].value)
    return forward_softmax(notebook, made[1]) if made else None


def forward_softmax(notebook: Notebook, class_name: str) -> tuple[Cell, int, str] | None:
    """Return where ``forward`` of a class gives back a softmax, if that is its only ``return``."""
    scope = f"{class_name}.forward"
    returned = [(cell, code, one) for cell, code in notebook.code_cells for one in code.returns if one.scope == scope]
    if len(returned) != 1:
        return None
    cell, code, one = returned[0]
    line, text = one.line, one.value
    if text.isidentifier():
        above = [found for found in code.assignments if found.scope == scope and found.name == text]
        if not above or above[-1].condition or above[-1].in_loop:
            return None
        line, text = above[-1].line, above[-1].value
    if _TORCH_SOFTMAX.match(text) or _METHOD_SOFTMAX.search(text[-20:]):
        return cell, line, text
    layer = re.match(r"self\.\w+(?=\()", text)
    return _softmax_layer(cell, code, layer[0], class_name) if layer else None


def _softmax_layer(cell: Cell, code: Code, name: str, class_name: str) -> tuple[Cell, int, str] | None:
    """Return where a layer of a class is made, if it is a softmax or a sequence that ends in one."""
    scope = f"{class_name}.__init__"
    made = [found for found in code.assignments if found.scope == scope and found.name == name]
    if len(made) != 1 or made[0].condition:
        return None
    if _TORCH_SOFTMAX.match(made[0].value):
        return cell, made[0].line, made[0].value
    parts = [call for call in code.calls if call.scope == scope and call.part_of == name]
    if _SEQUENTIAL.match(made[0].value) and parts and _TORCH_SOFTMAX.match(written(parts[-1])):
        return cell, parts[-1].line, written(parts[-1])
    return None
