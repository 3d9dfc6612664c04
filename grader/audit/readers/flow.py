"""Where the value of a variable comes from, by the assignments above the place where it is read."""

import re

import msgspec
from msgspec.structs import replace

from grader.audit.facts import Assignment, Cell, Notebook

MAX_STEPS = 100
MAX_ASSIGNMENTS = 200
"""To one name, from which on it is not followed."""

SIZES = {
    "mnist": (60_000, 10_000),
    "fashion_mnist": (60_000, 10_000),
    "cifar10": (50_000, 10_000),
    "cifar100": (50_000, 10_000),
}
"""Examples for training and for testing of the data sets that come with Keras."""

_LOAD = re.compile(r"\b(mnist|fashion_mnist|cifar10|cifar100)\.load_data\(")
_TEST_SET = re.compile(r"\b(MNIST|FashionMNIST|CIFAR10|CIFAR100|KMNIST)\(.*\btrain=False")
_INDEX = re.compile(r"\[(\d)\]")
_KEEPS_EXAMPLES = re.compile(
    r"\.(astype|copy|numpy|clip)\(|[-+*/]|.*\s[-+*/]$"
    r"|\.reshape\(\(?(-1, (784|3072|28 \* 28|28, 28|1, 28, 28|32, 32, 3|[A-Za-z_])|\d{5}\b|len\(\w+\)|\w+\.shape\[0\])"
    r"|(np|tf|K|keras|numpy)\.(\w+\.)*(expand_dims|array|asarray|cast|float32|pad)\(|float\("
    r"|\[(\.\.\.|:(, :)*), (np\.newaxis|tf\.newaxis|None)\]"
)


class Origin(msgspec.Struct, frozen=True):
    """What a value was made from: ``root``, the part ``position`` of it, and ``steps`` from there, in order."""

    root: str
    position: str
    steps: tuple[str, ...]

    @property
    def data_set(self) -> str:
        """The data set of Keras that it is a part of, or nothing."""
        found = _LOAD.search(self.root)
        return found[1] if found and self.position[:1] in ("0", "1") else ""

    @property
    def is_test(self) -> bool:
        """Whether it is the whole test set of a published data set."""
        if self.data_set:
            return self.position.startswith("1") and self.keeps_examples
        return any(_TEST_SET.search(text) for text in (self.root, *self.steps)) and not self.position

    @property
    def keeps_examples(self) -> bool:
        """Whether every step is known to keep all examples."""
        return all(_KEEPS_EXAMPLES.match(step) for step in self.steps)

    @property
    def examples(self) -> int | None:
        """How many examples it has, if that is certain."""
        if not self.data_set or not self.keeps_examples:
            return None
        return SIZES[self.data_set][int(self.position[0])]


def origin(notebook: Notebook, name: str, cell: int, line: int) -> Origin | None:
    """Return where ``name``, read at the top level in ``line`` of ``cell``, comes from when cells run from top to
    bottom; ``None`` if an assignment on the way is in a loop, under a condition or in a function."""
    position = ""
    steps: tuple[str, ...] = ()
    for _ in range(MAX_STEPS):
        if name in notebook.changed_in_part or len(notebook.assignments.get(name, ())) > MAX_ASSIGNMENTS:
            return None
        found = last_assignment(notebook, name, cell, line)
        if found is None:
            return Origin(name, position, steps)
        cell, assignment = found[0].number, found[1]
        if assignment.scope or assignment.in_loop or assignment.condition or not assignment.root:
            return None
        if assignment.steps and assignment.steps[0].startswith(".load_data("):
            modules = notebook.assignments.get(assignment.root, ())
            module = modules[0][1].root if modules else assignment.root
            assignment = replace(assignment, root=f"{module}.load_data()", steps=assignment.steps[1:])
        taken, own = _taken(assignment)
        if position and own:
            return None
        position = f"{taken}.{position}".strip(".")
        steps = (*own, *steps)
        if not assignment.root.isidentifier():
            return Origin(assignment.root, position, steps)
        name, line = assignment.root, assignment.line
    return None


def last_assignment(notebook: Notebook, name: str, cell: int, line: int) -> tuple[Cell, Assignment] | None:
    """Return the last assignment to ``name`` above a line of a cell, in reading order, if there are not too many."""
    every = notebook.assignments.get(name, ())
    if len(every) > MAX_ASSIGNMENTS:
        return None
    return next((one for one in reversed(every) if (one[0].number, one[1].line) < (cell, line)), None)


def _taken(assignment: Assignment) -> tuple[str, tuple[str, ...]]:
    """Return which part an assignment takes, and its other steps: ``data[1][0]`` takes the part ``1.0``."""
    steps = list(assignment.steps)
    parts = []
    while steps and (index := _INDEX.fullmatch(steps[0])):
        parts.append(index[1])
        steps.pop(0)
    if steps and assignment.position:
        return "?", tuple(steps)
    return ".".join([*parts, *filter(None, [assignment.position])]), tuple(steps)


def whole_number(notebook: Notebook, text: str | None) -> int | None:
    """Return the whole number that ``text`` is, or that a variable of this name is if it is assigned once."""
    if text is None:
        return None
    if text.isdecimal() and len(text) < 10:
        return int(text)
    if not text.isidentifier():
        return None
    values = [found for _, found in notebook.assignments.get(text, ())]
    bound = sum(text in code.binds for _, code in notebook.code_cells)
    looped = any(loop.target == text for _, code in notebook.code_cells for loop in code.loops)
    if len(values) != 1 or bound != 1 or looped or values[0].scope or values[0].condition:
        return None
    return int(values[0].value) if values[0].value.isdecimal() and len(values[0].value) < 10 else None
