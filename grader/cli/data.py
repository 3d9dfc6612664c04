"""``grader data``: where MNIST and Fashion-MNIST are, and fetching them."""

from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from rich.console import Console

    from grader.data.catalogue import Entry

NAMES = ("mnist", "fashion-mnist")
INTERRUPTED = 130
FOUND, RIGHT, DAMAGED, MISSING = "found", "right", "damaged", "missing"


class State(NamedTuple):
    """A row of the table. ``word`` is one of the four above; ``problem`` says in full what is wrong, or is empty."""

    name: str
    source: str
    word: str
    images: str
    where: str = ""
    folder: str = ""
    problem: str = ""


_which = click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[mnist|fashion-mnist]...")


@click.group()
def data() -> None:
    """Show where MNIST and Fashion-MNIST are, and fetch them.

    A subset of both comes with grader; only the full data must be found or fetched.
    """


@data.command()
@_which
@click.option("--check", is_flag=True, help="Read all files and compare their SHA-256.")
@click.pass_context
def status(context: click.Context, names: tuple[str, ...], check: bool) -> None:
    """Show which data is on this machine, and where.

    Without names: of both data sets.

    Exit code: 0 all of it is here, 1 some is not, or is damaged.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 1, 0, 0))
    for title in ("data set", "source", "state", "images"):
        table.add_column(title, no_wrap=True, justify="right" if title == "images" else "left")
    table.add_column("where")
    states = [state for entry in _entries(names) for state in (_subset(entry), _full(entry, check))]
    for state in states:
        table.add_row(state.name, state.source, state.word, state.images, state.where)
    console = Console(highlight=False)
    console.print(table)
    folders = [f"{state.name}, {state.source}: {state.folder}" for state in states if state.folder]
    if folders:
        console.print("", *folders, sep="\n", markup=False, soft_wrap=True)
    if any(state.word == FOUND for state in states):
        console.print(f"\n{FOUND}: not yet compared with the SHA-256 it should have; --check does that")
    problems = [state.problem for state in states if state.problem]
    for problem in problems:
        console.print(f"\n{problem}", markup=False, soft_wrap=True)
    context.exit(1 if problems else 0)


@data.command()
@_which
def fetch(names: tuple[str, ...]) -> None:
    """Download the full data that is not here yet.

    Without names: of both data sets.

    Exit code: 0 it is here, 1 it could not be fetched, 130 interrupted. What is complete is kept, and a further fetch
    goes on from there.
    """
    from rich.console import Console

    failed = False
    for entry in _entries(names):
        try:
            failed |= not _fetch(entry, Console(stderr=True, highlight=False))
        except KeyboardInterrupt:
            click.echo(f"{entry.name}: interrupted; files that are complete are kept", err=True)
            raise SystemExit(INTERRUPTED) from None
    raise SystemExit(1 if failed else 0)


def _fetch(entry: "Entry", console: "Console") -> bool:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from grader.data.catalogue import File
    from grader.data.errors import DataError
    from grader.data.fetch import fetch

    columns = TextColumn("{task.description}"), BarColumn(16), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {
            file: progress.add_task(f"{entry.name} {file.name}", visible=False, total=None) for file in entry.files
        }

        def watch(file: File, received_bytes: int, all_bytes: int) -> None:
            progress.update(tasks[file], completed=received_bytes, total=all_bytes or None, visible=True)

        try:
            fetched = fetch(entry, watch)
        except DataError as error:
            problem = str(error)
        else:
            problem = ""
    if problem:
        click.echo(problem, err=True)
        return False
    how = "fetched" if fetched.downloaded else "already here, and right"
    click.echo(f"{entry.name}: {how}: {fetched.found.place.folder}")
    if fetched.downloaded:
        click.echo(f"{entry.name}: licence: {entry.licence}")
    return True


def _subset(entry: "Entry") -> State:
    from grader.data import subset
    from grader.data.errors import DataError

    try:
        subset.read(entry)
    except DataError as error:
        word, problem = DAMAGED, str(error)
    else:
        word, problem = RIGHT, ""
    images = f"{subset.TRAIN_IMAGES:,} + {subset.TEST_IMAGES:,}"
    return State(entry.name, "subset", word, images, "in grader", problem=problem)


def _full(entry: "Entry", check: bool) -> State:
    from grader.data import files
    from grader.data.errors import DataError, DataNotFound
    from grader.data.find import find

    images = " + ".join(f"{file.shape[0]:,}" for file in (entry.files[1], entry.files[3]))
    try:
        found = find(entry)
    except DataNotFound as error:
        return State(entry.name, "full", MISSING, images, problem=str(error))
    word, problem = FOUND, ""
    if check:
        try:
            for path, file in zip(found.paths, entry.files, strict=True):
                files.read(path, file)
            word = RIGHT
        except DataError as error:
            word, problem = DAMAGED, str(error)
    return State(entry.name, "full", word, images, found.place.title, str(found.place.folder), problem)


def _entries(names: tuple[str, ...]) -> "list[Entry]":
    from grader.data.catalogue import ENTRIES

    return [ENTRIES[name] for name in dict.fromkeys(names or NAMES)]
