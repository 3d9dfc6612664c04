"""Every attack is graded beside honest work by the real ``grader run``: it gains nothing, harms nobody, leaves nothing.

    python -m pytest tests/attacks -s

prints a table of the attacks. ``-k wire`` or ``-k fork_bomb`` grades those of an area, or one of them, and nobody else
but the honest. ``ATTACKS_AT=reduced`` in the environment grades them at another level than the best of this machine.
"""

import os

import pytest
from rich.console import Console
from rich.table import Table

from grader.report.json import from_json
from grader.report.terminal import render
from grader.results import CriterionResult, GradeReport, Verdict
from tests.attacks.arena import NEIGHBOURS, Batch, comparable
from tests.attacks.corpus import BREAKTHROUGH, Attack, areas, attacks
from tests.attacks.course import ASSIGNMENT, HIDDEN_TITLE, SHOWN
from tests.attacks.harmless import complaints_of_all, complaints_of_one, complaints_of_text

FULL_MARKS, NOT_MET, UNREADABLE = 0, 1, 4
LEVEL = ("--isolation", os.environ["ATTACKS_AT"]) if "ATTACKS_AT" in os.environ else ()
EVERY = [attack for area in areas() for attack in attacks(area)]


@pytest.fixture(scope="module")
def peace(arena):
    """The honest work, graded beside nobody else."""
    batch = arena.grade([], *LEVEL)
    assert batch.exit_code == FULL_MARKS, batch.errors
    return batch


@pytest.fixture(scope="module")
def batch(request, arena):
    """The honest work, graded beside those attacks that were chosen."""
    chosen = [item.callspec.params.get("attack") for item in request.session.items if hasattr(item, "callspec")]
    graded = arena.grade([attack for attack in chosen if isinstance(attack, Attack)], *LEVEL)
    print_table(graded)
    return graded


def test_there_are_enough_of_them():
    assert len(EVERY) >= 60
    assert len({attack.name for attack in EVERY}) == len(EVERY)


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: f"{attack.area}/{attack.name}")
def test_an_attack(attack, arena, batch):
    seen = [*of_verdicts(attack, batch), *of_texts(attack, batch), *leaks(attack, batch, arena.secret_texts())]
    assert not seen, "\n".join(seen)


@pytest.mark.parametrize("name", NEIGHBOURS)
def test_honest_work_has_the_same_report_as_without_attackers(name, peace, batch):
    assert batch.report(name) is not None, batch.refusal(name)
    assert comparable(batch.report(name)) == comparable(peace.report(name))


def test_nothing_is_left_or_reached(batch):
    assert batch.left == ()


def test_the_run_ends_as_any_other(batch):
    assert batch.exit_code in ({NOT_MET, UNREADABLE} if batch.attacks else {FULL_MARKS}), batch.errors[-3000:]


def test_what_is_written_about_all_is_harmless(batch):
    reports = batch.file.reports
    criteria = sum(len(report.results) for report in reports)
    seen = [*complaints_of_all(batch.out, len(reports), len(batch.file.unreadable), criteria)]
    seen += [*complaints_of_text(batch.text), *complaints_of_text(batch.errors)]
    assert not seen, "\n".join(seen)


def test_no_secret_is_told_to_anybody(arena, batch):
    """Those who grade may read what the hidden criterion asked, and nothing else."""
    secrets = {where: text for where, text in arena.secret_texts().items() if not where.startswith("hidden")}
    everything = {path: path.read_text("utf-8") for path in batch.out.rglob("*") if path.is_file()}
    told = {**everything, "standard output": batch.text, "standard error": batch.errors}
    assert not [(str(path), where) for path, text in told.items() for where, it in secrets.items() if it in text]


def of_verdicts(attack: Attack, batch: Batch):
    """Say what is wrong with the verdicts and the points of an attack."""
    report, refusal = batch.report(attack.folder), batch.refusal(attack.folder)
    if not attack.expects or (attack.may_be_refused and report is None):
        if report is not None or not refusal:
            yield f"it was not refused: {report and [result.verdict for result in report.results]}"
        elif attack.says not in refusal:
            yield f"the refusal does not say '{attack.says}': {refusal!a}"
        return
    if report is None:
        yield f"it has no report: {refusal or 'it is not mentioned at all'}"
        return
    if report.score.total != attack.earns:
        yield f"it has {report.score.total:g} points, {attack.earns} are earned"
    for result in report.results:
        criterion = result.criterion_id.removeprefix(f"{ASSIGNMENT}.")
        # the hidden one asks the same function as the first
        expected = attack.expects.get("outputs" if criterion == "zebra" else criterion, ())
        if criterion in attack.expects and result.verdict not in expected:
            yield f"{criterion} is {result.verdict}: {said(result)[:500]!a}"
        if result.verdict.is_pending and result.verdict not in expected:
            yield f"{criterion} waits for a person"
        if result.verdict is Verdict.GRADER_FAULT:
            yield f"the grader failed on {criterion}: {result.private[:500]!a}"


def of_texts(attack: Attack, batch: Batch):
    """Say what is wrong with what is written about an attack: in a student's hands, and in a terminal."""
    report = batch.report(attack.folder)
    if report is None:
        yield from complaints_of_text(repr(batch.refusal(attack.folder)))
        return
    told = {result.criterion_id.removeprefix(f"{ASSIGNMENT}."): said(result) for result in report.results}
    if any(BREAKTHROUGH in text for text in told.values()):
        yield f"it {BREAKTHROUGH}"
    if silent := [criterion for criterion, text in told.items() if not text.strip()]:
        yield f"nothing is said about {silent}"
    if not any(attack.says in told.get(criterion, "") for criterion in attack.expects):
        yield f"no feedback says '{attack.says}': {[told.get(criterion) for criterion in attack.expects]!a}"
    shown = as_shown(batch, attack.folder)
    yield from complaints_of_one(batch.shown(attack.folder), shown)
    console = Console(width=100, record=True, quiet=True)
    render(shown, console)
    yield from complaints_of_text(console.export_text())


def leaks(attack: Attack, batch: Batch, secrets: dict[str, str]):
    """Say which secrets stand in what the student is shown."""
    if batch.report(attack.folder) is None:
        return
    secrets = {**secrets, "title of the hidden criterion": HIDDEN_TITLE, "name of the hidden criterion": "zebra"}
    for path in sorted(batch.shown(attack.folder).iterdir()):
        text = path.read_text("utf-8")
        yield from (f"{path.name} tells a secret: the {where}" for where, secret in secrets.items() if secret in text)


def said(result: CriterionResult) -> str:
    """Return the words of one criterion's feedback."""
    return " ".join([result.feedback.summary, *result.feedback.facts])


def as_shown(batch: Batch, name: str) -> GradeReport:
    """Return the report as the student has it."""
    (report,) = from_json((batch.shown(name) / "report.json").read_bytes()).reports
    return report


def print_table(batch: Batch) -> None:
    """Print what became of each attack; ``pytest -s`` shows it."""
    title = f"{len(batch.attacks)} attacks beside {len(NEIGHBOURS)} honest students, {batch.seconds:.1f} s"
    table = Table("area", "attack", "verdicts", "points", "earned honestly", "aim", title=title)
    for attack in batch.attacks:
        report = batch.report(attack.folder)
        verdicts, points = "refused", "0"
        if report is not None:
            ended = {result.criterion_id.removeprefix(f"{ASSIGNMENT}."): result.verdict for result in report.results}
            verdicts = " ".join(ended.get(name, "?") for name in SHOWN)
            points = f"{report.score.total:g}"
        table.add_row(attack.area, attack.name, verdicts, points, str(attack.earns), attack.aim)
    Console(width=200).print(table)
