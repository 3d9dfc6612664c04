"""Shapes that fit each other only because one of them is stretched."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell, Comparison
from grader.audit.kinds.labels_against_loss import is_numbers
from grader.audit.material import Material
from grader.audit.readers.calls import origin_of
from grader.audit.readers.flow import last_assignment, origin
from grader.audit.readers.networks import compile_of, last_layer, layers_of, written
from grader.results import Finding, Severity

KIND = "shapes-by-accident"
MAX_COMPARISONS = 100
MAX_STEPS = 5

_ARGMAX = re.compile(
    r"(?:np|tf|tf\.math|K)\.argmax\((?:[\w.]+\(.*\)|\w+), (?:axis=)?(?:-1|1)\)$|"
    r"[\w.]+(?:\(.*\))?\.argmax\((?:axis=)?(?:-1|1)\)$"
)
_ONE_COLUMN = re.compile(
    r"(?:np\.(?:round|rint)\()?\(?(?P<model>\w+)\.predict\([^()]*\)(?: >=? [\d.]+\)?)?(?:\.round\(\))?\)?"
    r"(?:\.astype\([^()]*\))?$"
)
_ONE_UNIT = re.compile(r"(?:\w+\.)*Dense\((?:units=)?1\b")
_TORCH_ONE_UNIT = re.compile(r"(?:nn\.|torch\.nn\.)?Linear\(\w+, 1\b")
_SOME_UNITS = re.compile(r"(?:\w+\.)*Dense\((?:units=)?(?:[2-9]|\d\d)")
_KEEPS_COLUMNS = re.compile(r"\.(astype|copy|numpy)\(|\[[\d:]*\]$")
_ONE_CLASS = re.compile(r"\(?(?P<name>\w+) == \d+\)?(?:\.astype\([^()]*\))?$")
_SQUARED = re.compile(r"'(?:mse|mean_squared_error)'$|(?:\w+\.)*MeanSquaredError\(\)$")
_TORCH_SQUARED = re.compile(r"(?:nn\.|torch\.nn\.)?MSELoss\(\)")
_ONE_AXIS = re.compile(
    r"torch\.(?:rand|randn|zeros|ones)\(\d+\)(?:\.\w+\(\))*$|torch\.randint\(0, \d+, \(\d+,\)\)(?:\.\w+\(\))*$"
)
_COLUMN_LABELS = ("cifar10", "cifar100")


def find(material: Material) -> Iterator[Finding]:
    """Compare how many axes predictions and labels have, where both are certain."""
    comparisons = [
        (cell, one)
        for cell, code in material.notebook.code_cells
        for one in code.comparisons
        if one.operator == "==" and not one.scope
    ]
    for cell, one in comparisons[:MAX_COMPARISONS]:
        yield from _compared(material, cell, one)
    yield from _squared(material)
    yield from _squared_in_torch(material)


def _compared(material: Material, cell: Cell, one: Comparison) -> Iterator[Finding]:
    for predicted, labels in ((one.left, one.right), (one.right, one.left)):
        axes, given = _axes_predicted(material, cell, one, predicted), _axes_of_labels(material, cell, one, labels)
        if axes and given and axes != given:
            yield material.finding(
                KIND,
                Severity.WARNING,
                cell,
                one.line,
                f"'{predicted}' has the shape {_shape(axes)} and '{labels}' {_shape(given)}. Compared with each other "
                "they are stretched to (N, N): each prediction is compared with every label.",
                quote=cell.line(one.line),
                settles="printing the shapes of both and of the result",
            )
            return


def _shape(axes: int) -> str:
    return "(N,)" if axes == 1 else "(N, 1)"


def _axes_predicted(material: Material, cell: Cell, one: Comparison, text: str) -> int:
    """Return how many axes predictions have, 0 if that is not certain."""
    for _ in range(MAX_STEPS):
        if _ARGMAX.match(text):
            return 1
        if found := _ONE_COLUMN.match(text):
            last = last_layer(material.notebook, found["model"], cell.number, one.line)
            return 2 if last is not None and _ONE_UNIT.match(last[2]) else 0
        inner = re.match(r"\(?(\w+)(?: >=? [\d.]+)?\)?(?:\.astype\([^()]*\))?$", text)
        assigned = last_assignment(material.notebook, inner[1], cell.number, one.line) if inner else None
        if assigned is None or assigned[1].condition or assigned[1].in_loop or assigned[1].position:
            return 0
        if inner is None or inner[1] in material.notebook.changed_in_part:
            return 0
        text = assigned[1].value
    return 0


def _axes_of_labels(material: Material, cell: Cell, one: Comparison, text: str) -> int:
    """Return how many axes labels have, 0 if that is not certain."""
    if not text.isidentifier():
        return 0
    found = origin(material.notebook, text, cell.number, one.line)
    if found is not None and found.data_set and found.position.endswith(".1"):
        kept = all(map(_KEEPS_COLUMNS.match, found.steps))
        return (2 if found.data_set in _COLUMN_LABELS else 1) if kept else 0
    assigned = last_assignment(material.notebook, text, cell.number, one.line)
    inner = _ONE_CLASS.match(assigned[1].value) if assigned and not assigned[1].condition else None
    if assigned is None or inner is None or inner["name"] == text:
        return 0
    labels = origin(material.notebook, inner["name"], assigned[0].number, assigned[1].line)
    is_row = labels is not None and labels.data_set and labels.data_set not in _COLUMN_LABELS
    return 1 if is_row and labels is not None and all(map(_KEEPS_COLUMNS.match, labels.steps)) else 0


def _squared(material: Material) -> Iterator[Finding]:
    for fit in material.fits:
        compiled = compile_of(material.notebook, fit.model, fit.cell.number, fit.call.line)
        last = last_layer(material.notebook, fit.model, fit.cell.number, fit.call.line)
        labels = origin_of(material.notebook, fit.cell, fit.call, fit.call.argument("y", 1))
        if compiled is None or last is None or labels is None or not is_numbers(labels):
            continue
        loss = compiled[1].argument("loss", 1) or ""
        if _SQUARED.match(loss) and _SOME_UNITS.match(last[2]):
            yield material.finding(
                KIND,
                Severity.WARNING,
                fit.cell,
                fit.call.line,
                f"'{fit.model}' gives several numbers for each example and the labels are one number each, the class. "
                "The squared error stretches the label: every output is pulled towards the number of the class.",
                quote=f"{last[2]}\nloss: {loss}\n{fit.cell.line(fit.call.line)}",
                settles="one-hot labels, or a loss made for numbers of classes",
            )


def _squared_in_torch(material: Material) -> Iterator[Finding]:
    criteria = {
        name
        for name, every in material.notebook.assignments.items()
        if all(_TORCH_SQUARED.match(one.value) for _, one in every)
    }
    losses = [found for found in material.notebook.calls if found[1].name in criteria]
    for cell, call in losses[:MAX_COMPARISONS]:
        if call.receiver or call.scope:
            continue
        output, target = call.argument("input", 0) or "", call.argument("target", 1) or ""
        if output.isidentifier() and (made := last_assignment(material.notebook, output, cell.number, call.line)):
            output = made[1].value
        labels = last_assignment(material.notebook, target, cell.number, call.line)
        model = re.match(r"(\w+)\(\w+\)$", output)
        layers = layers_of(material.notebook, model[1], cell.number, call.line) if model else ()
        if not layers or labels is None or labels[1].scope or labels[1].condition:
            continue
        if _TORCH_ONE_UNIT.match(written(layers[-1][1])) and _ONE_AXIS.match(labels[1].value):
            yield material.finding(
                KIND,
                Severity.WARNING,
                cell,
                call.line,
                f"'{output}' has the shape (N, 1) and '{target}' (N,). MSELoss stretches them to (N, N): each output "
                "is compared with every target.",
                quote=f"{labels[1].name} = {labels[1].value}\n{written(layers[-1][1])}\n{cell.line(call.line)}",
                settles="printing the shapes of both, and squeezing one of them",
            )
