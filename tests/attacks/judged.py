"""What became of an attack: whether it gained, told, or did something that it must not."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from grader.report.json import from_json
from grader.report.terminal import render
from grader.results import CriterionResult, Evidence, GradeReport, Verdict
from tests.attacks.arena import Batch
from tests.attacks.corpus import BREAKTHROUGH, Attack
from tests.attacks.harmless import complaints_of_all, complaints_of_one, complaints_of_text

_HIDDEN = "hidden"


def complaints_of_attack(attack: Attack, batch: Batch, secrets: dict[str, str]) -> list[str]:
    """Say what is wrong with how one attack ended."""
    return [*of_verdicts(attack, batch), *of_texts(attack, batch), *leaks(attack, batch, secrets)]


def complaints_of_run(batch: Batch) -> list[str]:
    """Say what is wrong with what was written about all submissions."""
    reports = batch.file.reports
    criteria = sum(len(report.results) for report in reports)
    seen = [*complaints_of_all(batch.out, len(reports), len(batch.file.unreadable), criteria)]
    return [*seen, *complaints_of_text(batch.text), *complaints_of_text(batch.errors)]


def secrets_told(batch: Batch, secrets: dict[str, str]) -> list[tuple[str, str]]:
    """Return where a secret stands in what was written for those who grade, who may read what hidden criteria asked."""
    everything = {str(path): path.read_text("utf-8") for path in batch.out.rglob("*") if path.is_file()}
    told = {**everything, "standard output": batch.text, "standard error": batch.errors}
    secrets = {where: text for where, text in secrets.items() if not where.startswith(_HIDDEN)}
    return [(path, where) for path, text in told.items() for where, secret in secrets.items() if secret in text]


def name_of(result: CriterionResult) -> str:
    """Return the criterion's id without its part."""
    return result.criterion_id.partition(".")[2]


def of_verdicts(attack: Attack, batch: Batch) -> Iterator[str]:
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
        criterion = name_of(result)
        expected = attack.expects.get(attack.ground.echoes.get(criterion, criterion), ())
        if criterion in attack.expects and result.verdict not in expected:
            yield f"{criterion} is {result.verdict}: {said(result)[:500]!a}"
        if criterion in attack.observed and (result.verdict, result.evidence) != (Verdict.PASS, Evidence.OBSERVED):
            yield f"{criterion} is {result.verdict} and {result.evidence}: it was to be deceived, and to say so"
        if result.verdict.is_pending and result.verdict not in expected:
            yield f"{criterion} waits for a person"
        if result.verdict is Verdict.GRADER_FAULT:
            yield f"the grader failed on {criterion}: {result.private[:500]!a}"


def of_texts(attack: Attack, batch: Batch) -> Iterator[str]:
    """Say what is wrong with what is written about an attack: in a student's hands, and in a terminal."""
    report = batch.report(attack.folder)
    if report is None:
        yield from complaints_of_text(repr(batch.refusal(attack.folder)))
        return
    told = {name_of(result): said(result) for result in report.results}
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


def leaks(attack: Attack, batch: Batch, secrets: dict[str, str]) -> Iterator[str]:
    """Say which secrets stand in what the student is shown."""
    if batch.report(attack.folder) is None:
        return
    secrets = {**secrets, "title of the hidden criterion": attack.ground.hidden_title}
    secrets |= {f"name of the hidden criterion {name}": name for name in attack.ground.echoes}
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
    title = f"{len(batch.attacks)} attacks beside {len(batch.ground.honest)} honest students, {batch.seconds:.1f} s"
    table = Table("area", "attack", "verdicts", "points", "earned honestly", "seconds", "aim", title=title)
    for attack in batch.attacks:
        report = batch.report(attack.folder)
        verdicts, points, seconds = "refused", "0", ""
        if report is not None:
            ended = {name_of(result): result.verdict for result in report.results}
            verdicts = " ".join(ended.get(name, "?") for name in attack.expects)
            points, seconds = f"{report.score.total:g}", f"{report.duration_s:.1f}"
        earned = f"{attack.earns:g}" + (" believed" if attack.observed else "")
        table.add_row(attack.area, attack.name, verdicts, points, earned, seconds, attack.aim)
    Console(width=200).print(table)
