"""Data sets and loaders of PyTorch: how many examples they have, of which part of a published data set."""

import re
from math import ceil

import msgspec

from grader.audit.facts import Assignment, Call, Cell, Notebook
from grader.audit.readers.flow import SIZES, last_assignment, whole_number

MAX_LOADERS = 100
MAX_STEPS = 20

_PUBLISHED = re.compile(r"(?:\w+\.)*(MNIST|FashionMNIST|CIFAR10|CIFAR100|KMNIST)\(")
_NAMES = {
    "MNIST": "mnist", "FashionMNIST": "fashion_mnist", "CIFAR10": "cifar10", "CIFAR100": "cifar100", "KMNIST": "mnist",
}  # fmt: skip
_SPLIT = re.compile(r"(?:\w+\.)*random_split\(")
_LENGTHS = re.compile(r"[\[(]((?:\s*\d{1,9}\s*,?)+)[\])]")
_SUBSET = re.compile(r"(?:\w+\.)*Subset\((?P<name>\w+), (?:list\()?range\((?:(?P<start>\d{1,9}), )?(?P<stop>\d{1,9})\)")


class DataSet(msgspec.Struct, frozen=True):
    """A data set, or a part of one: the ``root`` variable of the published one, which part of it, how many examples.

    ``start`` is where a part of consecutive examples begins; ``split`` is the place and text of a random one.
    """

    root: str
    is_training: bool
    examples: int
    start: int | None = None
    split: tuple[int, int, str] | None = None
    position: str = ""

    @property
    def stop(self) -> int:
        """Where a part of consecutive examples ends."""
        return (self.start or 0) + self.examples


class Loader(msgspec.Struct, frozen=True):
    """``name = DataLoader(data, batch_size=…)``. ``steps`` is how many batches it gives, if that is certain."""

    cell: Cell
    call: Call
    name: str
    data: str
    data_set: DataSet | None
    steps: int | None


def loaders(notebook: Notebook) -> tuple[Loader, ...]:
    """Return the loaders that are made at the top level, in reading order."""
    found: list[Loader] = []
    for cell, call in notebook.calls:
        if len(found) == MAX_LOADERS:
            break
        if call.name.rpartition(".")[2] == "DataLoader" and not call.scope and call.target.isidentifier():
            data = call.argument("dataset", 0) or ""
            data_set = data_set_of(notebook, data, cell.number, call.line)
            found.append(Loader(cell, call, call.target, data, data_set, _steps(notebook, call, data_set)))
    return tuple(found)


def loader_named(every: tuple[Loader, ...], name: str) -> Loader | None:
    """Return the loader of a name, if it is made once."""
    named = [one for one in every if one.name == name]
    return named[0] if len(named) == 1 and not named[0].call.in_loop and not named[0].call.condition else None


def _steps(notebook: Notebook, call: Call, data_set: DataSet | None) -> int | None:
    text = call.argument("batch_size", 1)
    batch = whole_number(notebook, text) if text else 1
    unusual = ("sampler", "batch_sampler", "drop_last")
    if data_set is None or not batch or not call.is_fully_seen or any(call.argument(name) for name in unusual):
        return None
    return ceil(data_set.examples / batch)


def data_set_of(notebook: Notebook, name: str, cell: int, line: int) -> DataSet | None:
    """Return which examples the variable ``name`` holds where it is read, if that is certain."""
    if not name.isidentifier() or name in notebook.changed_in_part:
        return None
    found = last_assignment(notebook, name, cell, line)
    if found is None:
        return None
    home, assignment = found
    if assignment.scope or assignment.in_loop or assignment.condition or len(notebook.assignments[name]) > MAX_STEPS:
        return None
    value = assignment.value
    if _PUBLISHED.match(value):
        return _published(notebook, home, assignment)
    if _SPLIT.match(value) and assignment.position.isdecimal():
        return _split(notebook, home, assignment)
    if subset := _SUBSET.match(value):
        whole = data_set_of(notebook, subset["name"], home.number, assignment.line)
        start, stop = int(subset["start"] or 0), int(subset["stop"])
        if whole is None or whole.start is not None or whole.split or stop > whole.examples or stop <= start:
            return None
        return DataSet(whole.root, whole.is_training, stop - start, start)
    return None


def _published(notebook: Notebook, home: Cell, assignment: Assignment) -> DataSet | None:
    made = [call for cell, call in notebook.calls if cell.number == home.number and call.target == assignment.name]
    kind = _PUBLISHED.match(assignment.value)
    if kind is None or len(made) != 1 or not made[0].is_fully_seen or assignment.position:
        return None
    part = made[0].argument("train", 1) or "True"
    if part not in ("True", "False"):
        return None
    training, test = SIZES[_NAMES[kind[1]]]
    return DataSet(assignment.name, part == "True", training if part == "True" else test)


def _split(notebook: Notebook, home: Cell, assignment: Assignment) -> DataSet | None:
    lengths = _LENGTHS.search(assignment.value)
    source = re.match(r"[^(]*\((\w+), ", assignment.value)
    whole = data_set_of(notebook, source[1], home.number, assignment.line) if source else None
    sizes = [int(size) for size in re.findall(r"\d+", lengths[1])] if lengths else []
    number = int(assignment.position[:3])
    if whole is None or number >= len(sizes) or sum(sizes) != whole.examples or whole.split:
        return None
    split = home.number, assignment.line, assignment.value
    return DataSet(whole.root, whole.is_training, sizes[number], None, split, assignment.position)
