"""``grader reference budgets``: records what the references reach within the budgets that the rubrics name."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.model import Assignment, ModelSpec
    from grader.oracle.budgets import Budget, Reached, Recorded, Start
    from grader.oracle.frameworks import Framework
    from grader.oracle.store import Store

PROBLEM, USAGE = 1, 2
LIMIT_S = 3600.0
"""How long the trainings of one budget in one framework may take."""


@click.command()
@click.argument("which", default="", metavar="[ASSIGNMENT]")
@click.option("--write", is_flag=True, help="Train what is missing or stale and record it; else only say what is.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Processes side by side."
)
@click.option("--course", "root", type=click.Path(path_type=Path), help="The folder with the course's rubric.yaml.")
def budgets(which: str, write: bool, jobs: int, root: Path | None) -> None:
    """Record what the references reach within the budgets of `check: retrain` and `check: train`.

    Each is trained from 12 seeds in every framework that is installed, on the embedded subset. Finished trainings are
    kept: after an interruption the same command goes on from there.

    Exit code: 0 everything is recorded and fresh, 1 it is not (or was not, with --write), 2 wrong usage, or a training
    failed.
    """
    from grader.checks.registry import KINDS
    from grader.course.errors import RubricErrors, did_you_mean
    from grader.course.load import find_root, load
    from grader.oracle.frameworks import FrameworkMissing
    from grader.oracle.regenerate import installed_frameworks
    from grader.oracle.run import OracleError
    from grader.oracle.store import Store

    complete = True
    try:
        course = load(root or find_root(Path.cwd()), KINDS)
        among = [assignment for assignment in course.assignments if which in ("", assignment.id)]
        if not among:
            known = [assignment.id for assignment in course.assignments]
            _refuse(f"There is no assignment '{which}': {did_you_mean(which, known)}")
        frameworks, remark = installed_frameworks(None)
        if remark:
            click.echo(remark, err=True)
        for assignment in among:
            complete &= _bring_up_to_date(assignment, frameworks, Store() if write else None, jobs)
    except (RubricErrors, OracleError, FrameworkMissing, OSError) as error:
        _refuse(str(error))
    raise SystemExit(0 if complete else PROBLEM)


def _bring_up_to_date(
    assignment: "Assignment", frameworks: "tuple[Framework, ...]", store: "Store | None", jobs: int
) -> bool:
    """Report on every budget of an assignment; with a ``store`` train and write what is not fresh.

    Returns:
        Whether all of it was fresh.
    """
    from grader.checks.budgeted import budgets_of
    from grader.oracle.budgets import STARTS, read

    before = {recorded.budget: recorded for recorded in read(assignment.folder)}
    kept: dict[Budget, Recorded] = {}
    complete = True
    for spec, budget in budgets_of(assignment):
        recorded = before.get(budget)
        missing = [
            (framework, start)
            for framework in frameworks
            for start in STARTS
            if not _is_fresh(assignment, budget, recorded, framework, start)
        ]
        state = "missing or stale" if missing else "fresh"
        complete &= not missing
        if missing and store is not None:
            recorded, state = _trained(assignment, spec, budget, recorded, missing, store, jobs), "written"
            _write(assignment, {**before, **kept, budget: recorded})
        if recorded is not None:
            kept[budget] = recorded
        _report(assignment, budget, recorded, state)
    if store is not None and set(before) - set(kept):
        _write(assignment, kept)  # without the budgets that no criterion names any more
    return complete


def _trained(
    assignment: "Assignment",
    spec: "ModelSpec",
    budget: "Budget",
    recorded: "Recorded | None",
    missing: "list[tuple[Framework, Start]]",
    store: "Store",
    jobs: int,
) -> "Recorded":
    """Return ``recorded`` with what is missing trained."""
    from concurrent.futures import ThreadPoolExecutor

    from grader.oracle.budgets import Recorded, experiment_of
    from grader.oracle.job import data_digest

    with ThreadPoolExecutor(jobs) as pool:
        made = list(pool.map(lambda which: _reached(assignment, spec, budget, which[0], which[1], store), missing))
    known = () if recorded is None else recorded.reached
    groups = {(group.framework, group.start): group for group in (*known, *made)}
    experiment = experiment_of(assignment.folder, budget.experiment).experiment
    return Recorded(budget, data_digest(experiment.data, "subset"), tuple(groups[key] for key in sorted(groups)))


def _write(assignment: "Assignment", budgets: "Mapping[Budget, Recorded]") -> None:
    from grader.oracle.budgets import FILE, encode

    path = assignment.folder / "recorded" / FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode(budgets.values()))


def _is_fresh(
    assignment: "Assignment", budget: "Budget", recorded: "Recorded | None", framework: "Framework", start: "Start"
) -> bool:
    from grader.oracle.budgets import experiment_of
    from grader.oracle.job import code_digest, data_digest

    selected = experiment_of(assignment.folder, budget.experiment)
    if recorded is None or recorded.data_digest != data_digest(selected.experiment.data, "subset"):
        return False
    code = code_digest(selected, framework.name)
    return any(
        (group.framework, group.start, group.sources_digest) == (framework.name, start, code)
        for group in recorded.reached
    )


def _reached(
    assignment: "Assignment",
    spec: "ModelSpec",
    budget: "Budget",
    framework: "Framework",
    start: "Start",
    store: "Store",
) -> "Reached":
    from grader.oracle.budgets import experiment_of, jobs_for, summarised
    from grader.oracle.retraining import retrain

    selected = experiment_of(assignment.folder, budget.experiment)
    jobs = tuple(jobs_for(selected, spec, budget, framework.name, start))
    runs = retrain(jobs, store, LIMIT_S)
    return summarised(jobs, [runs[job] for job in jobs], start)


def _report(assignment: "Assignment", budget: "Budget", recorded: "Recorded | None", state: str) -> None:
    from grader.checks.budgeted import FALSE_FAILURES

    click.echo(f"{assignment.id}: {budget}: {state or 'fresh'}")
    for group in () if recorded is None else recorded.reached:
        low, high = min(group.accuracies), max(group.accuracies)
        click.echo(
            f"    {group.framework:5}  {group.start:9}  {low:.3f} to {high:.3f}, "
            f"bound for the median of 3: {group.bound(3, FALSE_FAILURES):.3f}; {group.seconds:g} s a training"
        )


def _refuse(problem: str) -> NoReturn:
    click.echo(problem, err=True)
    raise SystemExit(USAGE)
