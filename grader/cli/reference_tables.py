"""The tables of ``grader reference``, which fit 80 columns. Each function adds rows to a table of rich."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from grader.data.load import Source
    from grader.oracle.compare_records import Check, RecordChange
    from grader.oracle.experiments import Published, Selected
    from grader.oracle.record import Measured, Number, Record, Results

NOTHING = "–"


def table(first: str, *columns: str, numeric: Sequence[str] = (), gap: int = 2) -> "Table":
    """Return an empty table without lines; ``numeric`` columns are aligned to the right."""
    from rich.table import Table

    made = Table(box=None, padding=(0, gap, 0, 0), pad_edge=False)
    made.add_column(first, no_wrap=True)
    for column in columns:
        made.add_column(column, justify="right" if column in numeric else "left")
    return made


class Headings:
    """Adds a row whenever a new assignment or part begins, so that the rows below it need not repeat its name."""

    def __init__(self, rows: "Table") -> None:
        self._rows = rows
        self._last: tuple[str, ...] = ()

    def begin(self, *names: str) -> None:
        """Add those of ``names``, outermost first, that are not the same as last time."""
        from rich.text import Text

        for depth, name in enumerate(names):
            if self._last[: depth + 1] != names[: depth + 1]:
                self._rows.add_row(Text("  " * depth + name, "bold" if depth == 0 else ""))
        self._last = names


def add_state(rows: "Table", item: "Selected", results: "Results", states: Mapping[tuple[str, str, str], str]) -> None:
    """Add what is recorded of one experiment: a row for each framework and source of data."""
    name = f"  {item.experiment.name}"
    records = [record for record in results.records if record.experiment == item.experiment.name]
    if not records:
        rows.add_row(name, *[NOTHING] * 5, "not recorded")
    for record in records:
        made = record.runs[-1].made
        rows.add_row(
            name,
            f"{record.framework} {made.versions.get(record.framework, '')}",
            record.source,
            _seeds(item, record),
            made.finished[:10],
            "CPU" if made.device == "CPU" else "GPU",
            states[record.key],
        )


def _seeds(item: "Selected", record: "Record") -> str:
    """Return how many seeds are recorded, and of how many where that is not all that the experiment asks for."""
    asked = item.experiment.seeds_full if record.source == "full" else item.experiment.seeds
    return str(len(record.runs)) if len(record.runs) >= asked else f"{len(record.runs)} of {asked}"


def add_published(
    rows: "Table", headings: Headings, item: "Selected", published: "Published", results: "Results"
) -> None:
    """Add our figures beside the published ones, for each framework, from the full data."""
    from grader.oracle.compare_records import Agreement, compare_with_published
    from grader.oracle.frameworks import FRAMEWORKS

    name = item.experiment.name
    for figure in published.figures.get(name, ()):
        headings.begin(item.assignment.name, name)
        start = [f"    {short(figure.metric)}", number(figure.value)]
        for framework in FRAMEWORKS.values():
            record = results.find(name, framework.name, "full")
            subset = results.find(name, framework.name, "subset")
            found = compare_with_published(figure, record, subset) if record else None
            if found is None:
                rows.add_row(*start, framework.title, "not recorded")
            else:
                borrowed = "*" if found.deviation_from == "subset" else ""
                deviations = found.in_deviations
                rows.add_row(
                    *start,
                    framework.title,
                    measured_text(found.ours),
                    "" if deviations is None else f"{deviations:+.1f}{borrowed}",
                    "" if found.agreement is Agreement.NOT_JUDGED else str(found.agreement),
                )
            start = ["", ""]


def add_measured(rows: "Table", headings: Headings, item: "Selected", results: "Results", source: "Source") -> None:
    """Add what was measured on one source of data, a row for each metric and framework."""
    from grader.oracle.frameworks import FRAMEWORKS

    found = {f.title: results.find(item.experiment.name, f.name, source) for f in FRAMEWORKS.values()}
    records = {title: record for title, record in found.items() if record}
    headings.begin(item.assignment.name, item.experiment.name)
    if not records:
        rows.add_row("    not recorded")
    for metric in dict.fromkeys(metric for record in records.values() for metric in record.metrics):
        start = f"    {short(metric)}"
        for title, record in records.items():
            rows.add_row(start, title, measured_text(record.metrics.get(metric)))
            start = ""


def add_change(rows: "Table", headings: Headings, assignment: str, change: "RecordChange") -> None:
    """Add what a new record changes: a row for each metric that differs."""
    record = change.now
    headings.begin(assignment, f"{record.experiment} {record.framework} {record.source}")
    if change.is_same:
        rows.add_row("    everything", "the same", "the same")
    for metric in change.metrics:
        rows.add_row(f"    {short(metric.metric)}", measured_text(metric.before), measured_text(metric.now))


def add_checks(rows: "Table", headings: Headings, assignment: str, record: "Record", checks: "Sequence[Check]") -> None:
    """Add a repetition beside what was recorded."""
    headings.begin(assignment, f"{record.experiment} {record.framework}")
    for check in checks:
        rows.add_row(
            f"    {short(check.name)}",
            number(check.recorded),
            number(check.repeated),
            number(check.allowed),
            "holds" if check.holds else "differs",
        )


def measured_text(measured: "Measured | None") -> str:
    """Return ``0.8917 ± 0.0021 (3)``: mean, standard deviation and number of seeds."""
    if measured is None:
        return NOTHING
    if measured.mean is None:
        return f"not finite ({len(measured.values)})"
    spread = f" ± {number(measured.deviation)}" if measured.deviation else ""
    return f"{number(measured.mean)}{spread} ({len(measured.values)})"


def number(value: "Number") -> str:
    """Return four digits after the point, or a count as it is, or a very small number with its exponent."""
    if value is None:
        return NOTHING
    if value == int(value) and abs(value) >= 10:
        return f"{value:.0f}"
    return f"{value:.4f}" if value == 0 or abs(value) >= 1e-4 else f"{value:.1e}"


def short(metric: str) -> str:
    """Return the name of a metric for a table: ``best val accuracy``."""
    return metric.replace("_", " ").replace("validation", "val")
