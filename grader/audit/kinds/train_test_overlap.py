"""Examples that are trained on and tested on."""

import re
from collections.abc import Iterator

from grader.audit.facts import Cell
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.audit.readers.loaders import DataSet, loader_named
from grader.audit.readers.rows import Rows, certainly_overlap, rows_of
from grader.results import Finding, Severity

KIND = "train-test-overlap"
MAX_PAIRS = 20

_TESTS = re.compile(r"(?:^|_)(?:test|te)(?:_|$)", re.IGNORECASE)
_HELD_OUT = re.compile(
    r"(?:^|_)(?:test|te|val|valid|validation|dev|hold|held)(?:_|$|out|set|loader|dl|images|x)", re.IGNORECASE
)
_TRAINS = re.compile(r"train|(?:^|_)tr(?:_|$)", re.IGNORECASE)
_SETTLES = "two sets without a common example: one split of one permutation, taken apart once"


def find(material: Material) -> Iterator[Finding]:
    """Compare which rows of which array are trained on with those that are validated or tested on."""
    seeds = len(re.findall(r"seed\w*\(", material.source))
    yield from _keras(material, seeds)
    yield from _torch(material, seeds)
    yield from _called_test(material)


def _keras(material: Material, seeds: int) -> Iterator[Finding]:
    for fit in material.fits[:MAX_PAIRS]:
        trained = _rows(material, fit.cell, fit.call.line, fit.call.argument("x", 0))
        validation = re.match(r"[(\[]\s*(\w+),", fit.call.argument("validation_data") or "")
        others = [(fit.cell, fit.call.line, validation[1], "validated")] if validation else []
        others += [
            (one.cell, one.call.line, one.call.argument("x", 0) or "", "tested")
            for one in material.evaluations
            if one.model == fit.model and one.is_method and _HELD_OUT.search(one.call.argument("x", 0) or "")
        ]
        for cell, line, name, done in others[:MAX_PAIRS]:
            other = _rows(material, cell, line, name)
            if trained and other and certainly_overlap(trained, other, seeds):
                yield _overlap(material, fit, trained, other, done)
                break
        if fit.inputs is not None and fit.inputs.is_test and _is_tested(material, fit):
            yield _finding(
                material,
                fit.cell,
                fit.call.line,
                f"'{fit.model}' is trained on the test set, and evaluated on it.",
                f"{fit.inputs.root}\n{fit.cell.line(fit.call.line)}",
            )


def _is_tested(material: Material, fit: Fit) -> bool:
    return any(one.model == fit.model and one.inputs and one.inputs.is_test for one in material.evaluations)


def _rows(material: Material, cell: Cell, line: int, name: str | None) -> Rows | None:
    return rows_of(material.notebook, name, cell.number, line) if name and name.isidentifier() else None


def _overlap(material: Material, fit: Fit, trained: Rows, other: Rows, done: str) -> Finding:
    return _finding(
        material,
        fit.cell,
        fit.call.line,
        f"'{fit.model}' is trained on {trained.text} and {done} on {other.text}: the two have examples in common.",
        f"cell {trained.cell}: {trained.source}\ncell {other.cell}: {other.source}\n{fit.cell.line(fit.call.line)}",
    )


def _torch(material: Material, seeds: int) -> Iterator[Finding]:
    evaluated = {one.call.argument("", 1) or "": one for one in material.evaluations}
    tested = [(name, loader_named(material.loaders, name)) for name in evaluated if _HELD_OUT.search(name)]
    for training in material.trainings:
        loader = loader_named(material.loaders, training.loader)
        if loader is None or loader.data_set is None:
            continue
        for name, other in tested[:MAX_PAIRS]:
            if other is None or other.data_set is None:
                continue
            if why := _common(loader.data_set, other.data_set, seeds):
                yield _finding(
                    material,
                    training.cell,
                    training.line,
                    f"The loop trains on '{training.loader}', and cell {evaluated[name].cell.number} evaluates on "
                    f"'{name}': {why}.",
                    f"cell {loader.cell.number}: {loader.cell.line(loader.call.line)}\n"
                    f"cell {other.cell.number}: {other.cell.line(other.call.line)}",
                )
                break


def _common(trained: DataSet, other: DataSet, seeds: int) -> str:
    """Say why two data sets have examples in common, if they certainly do."""
    if trained.root != other.root:
        return ""
    if not trained.is_training and not trained.split and trained.start is None and trained == other:
        return "both are the test set"
    if trained.start is not None and other.start is not None:
        first, last = max(trained.start, other.start), min(trained.stop, other.stop)
        return f"both have the examples {first:,} to {last - 1:,} of '{trained.root}'" if first < last else ""
    if trained.split and other.split and trained.split != other.split and seeds <= 1:
        is_seeded = "manual_seed" in trained.split[2] or "generator" in trained.split[2]
        if trained.position != other.position and not is_seeded:
            return f"they come from two random splits of '{trained.root}', which differ"
    return ""


def _called_test(material: Material) -> Iterator[Finding]:
    """Look for scores that are called a test's, and are of the training examples."""
    for one in material.evaluations:
        names = re.findall(r"[A-Za-z]\w*", one.call.target)
        inputs = one.inputs
        is_keras = inputs is not None and inputs.data_set and inputs.position.startswith("0") and inputs.keeps_examples
        loader = None if one.is_method else loader_named(material.loaders, one.call.argument("", 1) or "")
        data = loader.data_set if loader is not None else None
        is_torch = data is not None and data.is_training and data.start is None and data.split is None
        is_called_test = all(map(_TESTS.search, names)) and not any(map(_TRAINS.search, names))
        if names and is_called_test and (is_keras or is_torch):
            yield _finding(
                material,
                one.cell,
                one.call.line,
                f"'{names[-1]}' is computed from the training examples.",
                f"{inputs.root if is_keras and inputs else loader.cell.line(loader.call.line) if loader else ''}\n"
                f"{one.cell.line(one.call.line)}",
            )


def _finding(material: Material, cell: Cell, line: int, text: str, quote: str) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        cell,
        line,
        f"{text} The score says nothing about new data.",
        quote=quote,
        settles=_SETTLES,
    )
