"""``grader reference confirm``: shows that results still hold although the code has changed, and records that."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from grader.cli.reference_material import console_for, refuse, results_of, selected_by, states_of

if TYPE_CHECKING:
    from grader.oracle.experiments import Selected
    from grader.oracle.frameworks import FrameworkName
    from grader.oracle.job import Job
    from grader.oracle.record import Run
    from grader.oracle.regenerate import Plan
    from grader.oracle.store import Store

    Train: TypeAlias = Callable[[Plan, Store, int | None], tuple[dict[Job, Run], bool]]

PROBLEM = 1


def confirm_stale(
    which: str, framework: "FrameworkName | None", jobs: int | None, root: Path | None, train: "Train", *, write: bool
) -> None:
    """Train what is stale once more on the subset, compare, and with ``write`` call fresh what is the same."""
    from grader.cli.reference_tables import Headings, table
    from grader.oracle.confirm import SAME, compare_whole
    from grader.oracle.frameworks import FrameworkMissing
    from grader.oracle.regenerate import Plan, installed_frameworks
    from grader.oracle.run import OracleError
    from grader.oracle.store import Store

    try:
        frameworks, remark = installed_frameworks(framework)
        wanted = _stale(selected_by(root, which), {one.name for one in frameworks})
        store = Store()
    except (FrameworkMissing, OracleError) as error:
        refuse(error)
    if remark:
        click.echo(remark, err=True)
    if not wanted:
        click.echo("Nothing is stale because of its code alone.")
        return
    found = {job: store.get(job) for job in wanted}
    planned = Plan(tuple(wanted), {job: run for job, run in found.items() if run is not None})
    runs, failed = train(planned, store, jobs)
    rows = table("", "figures")
    headings = Headings(rows)
    holding = []
    for job, run in runs.items():
        record = results_of(wanted[job]).find(job.experiment, job.framework, "subset")
        assert record is not None  # it is stale
        outcome = compare_whole(record, run)
        headings.begin(job.assignment)
        rows.add_row(f"  {job.experiment} {job.framework}", outcome)
        if outcome == SAME:
            holding.append(job)
    console_for().print(rows)
    _record(holding, wanted, write=write)
    raise SystemExit(PROBLEM if failed or len(holding) < len(wanted) else 0)


def _stale(selected: "tuple[Selected, ...]", frameworks: "set[FrameworkName]") -> "dict[Job, Selected]":
    """Return a training on the subset, from the first seed, of everything that is stale because of its code alone."""
    from grader.oracle.job import make_jobs

    wanted = {}
    for item in selected:
        states = states_of(item, results_of(item))
        for framework in sorted(frameworks):
            if states.get((item.experiment.name, framework, "subset")) == "stale: code":
                (job,) = make_jobs(item, framework, "subset", seeds=1)
                wanted[job] = item
    return wanted


def _record(holding: "list[Job]", wanted: "dict[Job, Selected]", *, write: bool) -> None:
    from grader.oracle.confirm import confirmed
    from grader.oracle.regenerate import write as write_results

    for folder in dict.fromkeys(wanted[job].assignment.folder for job in holding):
        mine = [job for job in holding if wanted[job].assignment.folder == folder]
        now = {(job.experiment, str(job.framework)): job.sources_digest for job in mine}
        records = confirmed(results_of(wanted[mine[0]]), now)
        if write:
            try:
                path = write_results(folder, records)
            except OSError as error:
                refuse(error)
            click.echo(f"fresh again: {len(records)} records in {path}")
    if holding and not write:
        click.echo("Nothing was written; --write calls what is the same fresh again.")
