"""``grader reference``: training the references, recording what they reach, and checking that it still holds."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.reference_budgets import budgets
from grader.cli.reference_confirm import confirm_stale
from grader.cli.reference_material import (
    console_for,
    published_of,
    refuse,
    results_of,
    selected_by,
    states_of,
    write_page,
)

if TYPE_CHECKING:
    from grader.data.load import Source
    from grader.oracle.experiments import Selected
    from grader.oracle.frameworks import FrameworkName
    from grader.oracle.job import Job
    from grader.oracle.record import Record, Run
    from grader.oracle.regenerate import Plan
    from grader.oracle.store import Store

PROBLEM, INTERRUPTED = 1, 130

_which = click.argument("which", default="", metavar="[ASSIGNMENT[/PART]]")
_course = click.option(
    "--course", "root", type=click.Path(path_type=Path), help="The folder with the course's rubric.yaml."
)
_framework = click.option("--framework", type=click.Choice(["torch", "keras"]), help="Only in this one.")
_jobs = click.option(
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="Trainings side by side, which share the cores evenly.  [default: cores]",
)


@click.group()
def reference() -> None:
    """Train the references, record what they reach, and check that it still holds."""


reference.add_command(budgets)


@reference.command("list")
@_which
@_course
def list_(which: str, root: Path | None) -> None:
    """List the parts, and what is recorded of them: when, with which versions, fresh or stale.

    Stale means that the code or the data has changed since. Comments and docstrings do not count as code.

    Exit code: 0 everything is recorded and fresh, 1 something is not, 2 wrong usage or a damaged file.
    """
    from grader.cli.reference_tables import Headings, add_state, table

    rows = table("part", "framework", "data", "seeds", "recorded", "on", "state", numeric=("seeds",), gap=1)
    headings = Headings(rows)
    fresh = True
    for item in selected_by(root, which):
        headings.begin(item.assignment.name)
        results = results_of(item)
        states = states_of(item, results)
        fresh &= bool(states) and set(states.values()) == {"fresh"}
        add_state(rows, item, results, states)
    console_for().print(rows)
    raise SystemExit(0 if fresh else PROBLEM)


@reference.command()
@_which
@_framework
@click.option(
    "--seeds", type=click.IntRange(1), metavar="N", help="Train from seeds 0 to N-1.  [default: as the part says]"
)
@click.option(
    "--data", "source", type=click.Choice(["full", "subset"]), default="subset", show_default=True,
    help="Which images to train on.",
)  # fmt: skip
@click.option("--epochs", type=click.IntRange(1), metavar="N", help="A trial: fewer epochs. Cannot be written.")
@click.option("--images", type=click.IntRange(60), metavar="N", help="A trial: fewer images. Cannot be written.")
@click.option("--write", is_flag=True, help="Record the results; else only show what would change.")
@_jobs
@_course
def regenerate(
    which: str,
    framework: "FrameworkName | None",
    seeds: int | None,
    source: "Source",
    epochs: int | None,
    images: int | None,
    write: bool,
    jobs: int | None,
    root: Path | None,
) -> None:
    """Train, measure, and show how the results differ from what is recorded.

    Every training runs in a process of its own and is kept when it has finished. After an interruption the same
    command goes on from there.

    Exit code: 0 all trained, 1 a training failed, 2 wrong usage, or data or a framework is missing, 130 interrupted.
    """
    from grader.data.errors import DataError
    from grader.oracle.frameworks import FrameworkMissing
    from grader.oracle.regenerate import installed_frameworks, make_records, plan, require_data
    from grader.oracle.run import OracleError
    from grader.oracle.store import Store

    if write and (epochs or images):
        raise click.UsageError("--write: a trial with --epochs or --images cannot be recorded.")
    selected = selected_by(root, which)
    try:
        frameworks, remark = installed_frameworks(framework)
        require_data(selected, source)
        store = Store()
        planned = plan(selected, frameworks, source, store, seeds=seeds, epochs=epochs, images=images or 0)
    except (DataError, FrameworkMissing, OracleError) as error:
        refuse(error)
    if remark:
        click.echo(remark, err=True)
    runs, failed = _train(planned, store, jobs)
    records = make_records(planned.jobs, runs)
    _show_changes(records, write=write, trial=bool(epochs or images))
    raise SystemExit(PROBLEM if failed else 0)


@reference.command()
@_which
@_framework
@click.option("--epochs", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Repeat this many.")
@_jobs
@_course
def verify(which: str, framework: "FrameworkName | None", epochs: int, jobs: int | None, root: Path | None) -> None:
    """Repeat a cheap sample of what is recorded, and say whether it still holds.

    Of each assignment and framework the part that trains fastest on the subset is trained again, from its first seed,
    for the first epochs, and compared with the beginning of the recorded learning curves. On another machine, or with
    other versions, they may differ as much as other seeds do.

    Exit code: 0 it holds, 1 something differs, is stale or failed, 2 wrong usage, a damaged file or nothing recorded.
    """
    from grader.cli.reference_tables import Headings, add_checks, table
    from grader.oracle.compare_records import check_repetition
    from grader.oracle.frameworks import FrameworkMissing
    from grader.oracle.regenerate import Plan, installed_frameworks

    selected = selected_by(root, which)
    try:
        frameworks, remark = installed_frameworks(framework)
    except FrameworkMissing as error:
        refuse(error)
    if remark:
        click.echo(remark, err=True)
    sample: dict[Job, Record] = {job: record for f in frameworks for job, record in _cheapest(selected, f.name, epochs)}
    if not sample:
        command = " ".join(filter(None, ["grader reference regenerate", which, "--write"]))
        refuse(f"Nothing to compare: no subset results are recorded for this. Make some with:\n  {command}")
    stale = [
        f"{item.title} {key[1]} {key[2]}: {state}"
        for item in selected
        for key, state in states_of(item, results_of(item)).items()
        if state != "fresh"
    ]
    runs, failed = _train(Plan(tuple(sample), {}), None, jobs)
    rows = table("", "recorded", "now", "may differ by", "", numeric=("recorded", "now", "may differ by"))
    headings = Headings(rows)
    holds = not failed and not stale
    for job, run in runs.items():
        checks = check_repetition(sample[job], run)
        holds &= all(check.holds for check in checks)
        add_checks(rows, headings, job.assignment, sample[job], checks)
    console = console_for()
    console.print(rows)
    for line in stale:
        console.print(line, markup=False)
    console.print("The recorded results hold." if holds else "The recorded results do not hold, or not all of them.")
    raise SystemExit(0 if holds else PROBLEM)


@reference.command()
@_which
@_framework
@click.option("--write", is_flag=True, help="Call fresh again what is the same; else only say what is.")
@_jobs
@_course
def confirm(which: str, framework: "FrameworkName | None", write: bool, jobs: int | None, root: Path | None) -> None:
    """Show that stale results still hold although the code was changed.

    Each stale part is trained again on the subset from the first seed, to the end. Where every figure is the recorded
    one to the last digit, on the same machine with the same versions, the code computes what it did before, and its
    results, those of all images too, are fresh again.

    Exit code: 0 all are the same, or nothing was stale, 1 something differs or failed, 2 wrong usage or a damaged file.
    """
    confirm_stale(which, framework, jobs, root, _train, write=write)


@reference.command()
@_which
@click.option(
    "--data", "source", type=click.Choice(["full", "subset"]), default="full", show_default=True,
    help="full: beside the published figures; subset: all that was measured.",
)  # fmt: skip
@click.option(
    "--html", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write a page too, with learning curves and pictures.",
)  # fmt: skip
@_course
def show(which: str, source: "Source", file: Path | None, root: Path | None) -> None:
    """Show our figures beside the published ones.

    "in sd" is the difference in our own standard deviations; * where these come from the subset, because the full data
    was trained with one seed. An accuracy is met within 3 of them or 0.006, whichever is larger.

    Exit code: 0, or 2 on wrong usage, a damaged file or a page that cannot be written.
    """
    from grader.cli.reference_tables import Headings, add_measured, add_published, short, table

    console = console_for()
    selected = selected_by(root, which)
    if file is not None:
        write_page(file, selected, source)
    if source == "subset":
        rows = table("", "in", "ours (seeds)", numeric=("ours (seeds)",))
        headings = Headings(rows)
        for item in selected:
            add_measured(rows, headings, item, results_of(item), source)
        console.print(rows)
        return
    rows = table(
        "", "published", "in", "ours (seeds)", "in sd", "", numeric=("published", "ours (seeds)", "in sd"), gap=1
    )
    headings = Headings(rows)
    remarks = {}
    for item in selected:
        published = published_of(item)
        remarks[f"{item.assignment.name}: published figures"] = published.source
        for figure in published.figures.get(item.experiment.name, ()):
            remarks[f"{item.title}: {short(figure.metric)} {figure.value:g}"] = figure.remark
        add_published(rows, headings, item, published, results_of(item))
    console.print(rows)
    console.print()
    for what, text in remarks.items():
        if text:
            console.print(f"{what}: {text}", markup=False)


@reference.command()
@click.option("--write", is_flag=True, help="Record the networks; else only say whether they differ.")
@_course
def networks(write: bool, root: Path | None) -> None:
    """Compare the networks that the rubrics name with what is recorded of them.

    Grading compares with recorded/networks.json, so that it needs no framework. It is traced from the references in
    PyTorch and in Keras, which must build the same networks.

    Exit code: 0 what is recorded holds, 1 it does not (or did not, with --write), 2 wrong usage, or a reference fails.
    """
    from grader.checks.registry import KINDS
    from grader.course.errors import RubricErrors
    from grader.course.load import find_root, load
    from grader.oracle.frameworks import FrameworkMissing
    from grader.oracle.networks import FILE, record
    from grader.oracle.regenerate import installed_frameworks
    from grader.oracle.run import OracleError

    differs = False
    try:
        course = load(root or find_root(Path.cwd()), KINDS)
        frameworks, remark = installed_frameworks(None)
        if remark:
            click.echo(remark, err=True)
        for assignment in course.assignments:
            if not any(part.models for part in assignment.parts):
                continue
            path = assignment.folder / "recorded" / FILE
            content = record(assignment, tuple(framework.name for framework in frameworks))
            same = path.is_file() and path.read_bytes() == content
            differs |= not same
            state = "as recorded" if same else "differs from what is recorded"
            if write and not same:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                state = f"written: {path}"
            click.echo(f"{assignment.id}: {state}")
    except (RubricErrors, OracleError, FrameworkMissing, OSError) as error:
        refuse(error)
    raise SystemExit(PROBLEM if differs else 0)


def _train(planned: "Plan", store: "Store | None", jobs: int | None) -> "tuple[dict[Job, Run], bool]":
    """Do what is missing, keep each result at once, and return all results and whether a training failed."""
    from grader.cli.reference_progress import view
    from grader.oracle.job import Failed, Finished
    from grader.oracle.schedule import available_cores, train_all

    console = console_for(stderr=True)
    runs, failed = dict(planned.done), False
    if planned.done:
        console.print(f"{len(planned.done)} of {len(planned.jobs)} trainings were finished before")
    if not planned.missing:
        return runs, failed
    try:
        events = train_all(planned.missing, jobs or available_cores())
        with closing(events), view(console, len(planned.missing)) as shown:
            for job, event in events:
                if isinstance(event, Finished):
                    runs[job] = event.run
                    if store is not None:
                        _keep(store, job, event.run)
                failed |= isinstance(event, Failed)
                shown.show(job, event)
    except KeyboardInterrupt:
        kept = " and kept; the same command goes on from there" if store is not None else ""
        click.echo(f"Interrupted: {len(runs)} of {len(planned.jobs)} trainings are finished{kept}.", err=True)
        raise SystemExit(INTERRUPTED) from None
    return runs, failed


def _keep(store: "Store", job: "Job", run: "Run") -> None:
    try:
        store.put(job, run)
    except OSError as error:
        click.echo(f"{job.title}: could not be kept in {store.folder}: {error.strerror}", err=True)


def _cheapest(selected: "tuple[Selected, ...]", framework: "FrameworkName", epochs: int) -> "list[tuple[Job, Record]]":
    """Return, for each assignment, the first training of its cheapest recorded part, cut to some epochs."""
    from grader.oracle.job import make_jobs

    best: dict[str, tuple[float, Selected, Record]] = {}
    for item in selected:
        record = results_of(item).find(item.experiment.name, framework, "subset")
        if record is not None and record.seeds[0] == 0:
            cost = record.seconds / record.epochs
            name = item.assignment.name
            if name not in best or cost < best[name][0]:
                best[name] = (cost, item, record)
    return [
        (job, record)
        for _, item, record in best.values()
        for job in make_jobs(item, framework, "subset", seeds=1, epochs=min(epochs, record.epochs))
    ]


def _show_changes(records: "dict[Path, tuple[Record, ...]]", *, write: bool, trial: bool) -> None:
    from grader.cli.reference_tables import Headings, add_change, table
    from grader.oracle.compare_records import changes
    from grader.oracle.record import DamagedResults, Results, read
    from grader.oracle.regenerate import write as write_results

    rows = table("", "recorded", "now", numeric=("recorded", "now"))
    headings = Headings(rows)
    try:
        for folder, found in records.items():
            before = Results(folder.name) if trial else read(folder)
            for change in changes(before, found):
                add_change(rows, headings, folder.name, change)
        console = console_for()
        console.print(rows)
        for folder, found in records.items():
            if write:
                console.print(f"written: {write_results(folder, found)}", markup=False, soft_wrap=True)
    except (DamagedResults, OSError) as error:
        refuse(error)
    if records and not write and not trial:
        console.print("Nothing was written; --write records this.")
