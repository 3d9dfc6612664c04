"""What the subcommands of ``grader reference`` start from: the chosen experiments, and what is known of them.

Whatever is wrong with the files ends the command with a message and :data:`USAGE`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

    from grader.data.load import Source
    from grader.oracle.experiments import Published, Selected
    from grader.oracle.record import Results

USAGE = 2


def selected_by(root: Path | None, which: str) -> "tuple[Selected, ...]":
    """Return the experiments that ``which`` names in the course at ``root``, or around the current folder."""
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root
    from grader.oracle.experiments import UnknownPart, find_assignments, select
    from grader.oracle.run import OracleError

    try:
        return select(find_assignments(root or find_root(Path.cwd())), which)
    except (RubricErrors, OracleError, UnknownPart) as error:
        refuse(error)


def results_of(item: "Selected") -> "Results":
    """Return what is recorded of the assignment of ``item``."""
    from grader.oracle.record import DamagedResults, read

    try:
        return read(item.assignment.folder)
    except DamagedResults as error:
        refuse(error)


def published_of(item: "Selected") -> "Published":
    """Return what was published about the assignment of ``item``."""
    from grader.oracle.experiments import read_published
    from grader.oracle.run import OracleError

    try:
        return read_published(item.assignment.folder)
    except OracleError as error:
        refuse(error)


def write_page(path: Path, selected: "tuple[Selected, ...]", source: "Source") -> None:
    """Write the page of ``grader reference show --html``. Arguments as for :func:`grader.cli.reference_page.page`."""
    from grader.cli.reference_page import Material, page

    by_folder: dict[Path, list[Selected]] = {}
    for item in selected:
        by_folder.setdefault(item.assignment.folder, []).append(item)
    materials = []
    for items in by_folder.values():
        results = results_of(items[0])
        states = {key: state for item in items for key, state in states_of(item, results).items()}
        materials.append(Material(tuple(items), results, published_of(items[0]), states))
    try:
        path.write_text(page(materials, source), encoding="utf-8")
    except OSError as error:
        refuse(f"{path}: cannot be written: {error.strerror}")
    click.echo(f"written: {path}")


def states_of(item: "Selected", results: "Results") -> dict[tuple[str, str, str], str]:
    """Return ``fresh`` or ``stale: code`` for each record of one experiment."""
    from grader.oracle.compare_records import staleness
    from grader.oracle.job import code_digest, data_digest
    from grader.oracle.run import OracleError

    states = {}
    for record in results.records:
        if record.experiment == item.experiment.name:
            try:
                code = code_digest(item, record.framework)
            except OracleError as error:
                refuse(error)
            changed = staleness(record, data_digest(item.experiment.data, record.source), code)
            states[record.key] = f"stale: {changed}" if changed else "fresh"
    return states


def console_for(*, stderr: bool = False) -> "Console":
    """Return the console that tables are printed to."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False)


def refuse(error: object) -> NoReturn:
    """End the command with a message."""
    click.echo(str(error), err=True)
    raise SystemExit(USAGE)
