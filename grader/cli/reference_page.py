"""The page of ``grader reference show --html``: from records to figures. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from grader.cli.reference_figures import comparisons, figures_of
from grader.cli.reference_tables import NOTHING, measured_text, number, short
from grader.data.load import Source
from grader.oracle.compare_records import Agreement, Comparison, compare_with_published
from grader.oracle.experiments import Figure, Published, Selected
from grader.oracle.frameworks import FRAMEWORKS, Framework
from grader.oracle.record import Record, Results
from grader.pages.environment import render
from grader.pages.figures import Figure as Drawn

VERDICTS = {
    Agreement.MET: ("met", "good"),
    Agreement.EQUAL: ("met: equal", "good"),
    Agreement.HIGHER: ("not met: ours is higher", "part"),
    Agreement.LOWER: ("not met: ours is lower", "bad"),
    Agreement.DIFFERS: ("not met: differs", "bad"),
    Agreement.NOT_JUDGED: ("not judged", "none"),
}
"""The words for each agreement, and the style sheet's class for them."""

DATA = {"full": "the full data", "subset": "the embedded subset"}

States = Mapping[tuple[str, str, str], str]
"""By :attr:`grader.oracle.record.Record.key`: ``fresh``, or ``stale: `` and what has changed."""


class Material(msgspec.Struct, frozen=True):
    """What there is about one assignment: its chosen experiments, what is recorded of them, and what was published."""

    items: tuple[Selected, ...]
    results: Results
    published: Published
    states: States


class _Row(msgspec.Struct, frozen=True):
    """One framework's figure. The first row of a metric has a ``span``: how many rows its cells are high.

    Where a metric is recorded in no framework it has one row, without a framework.
    """

    span: int = 0
    metric: str = ""
    note: str = ""
    published: str = ""
    framework: str = ""
    ours: str = "not recorded"
    in_deviations: str = ""
    verdict: str = ""
    tone: str = "none"


class _Group(msgspec.Struct, frozen=True):
    title: str
    rows: tuple[_Row, ...]


class _Network(msgspec.Struct, frozen=True):
    title: str
    remark: str
    figures: tuple[Drawn, ...]


class _Assignment(msgspec.Struct, frozen=True):
    name: str
    source: str
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    figures: tuple[_Group, ...]
    comparisons: tuple[Drawn, ...]
    networks: tuple[_Network, ...]


def page(materials: Sequence[Material], source: Source) -> str:
    """Return the page about ``materials``, one for each assignment.

    The published figures come from the full data, and only records of it are held against them. Curves and pictures are
    those of ``source``, or of the other data where nothing of ``source`` is recorded; each says which.
    """
    return render(
        "reference.html",
        introduction=(
            "Every network of every assignment, trained by its recipe in PyTorch and in Keras. "
            f"Curves and pictures come from {DATA[source]} where it is recorded."
        ),
        assignments=[_assignment(material, source) for material in materials],
    )


def _assignment(material: Material, source: Source) -> _Assignment:
    results = material.results
    return _Assignment(
        name=results.assignment,
        source=material.published.source,
        missing=tuple(_missing(material, source)),
        stale=tuple(
            f"{item.experiment.title} in {FRAMEWORKS[record.framework].title} on {DATA[record.source]}"
            for item in material.items
            for record in results.records
            if record.experiment == item.experiment.name and material.states.get(record.key, "fresh") != "fresh"
        ),
        figures=tuple(
            _Group(item.experiment.title, tuple(_rows(published, item.experiment.name, results)))
            for item in material.items
            if (published := material.published.figures.get(item.experiment.name, ()))
        ),
        comparisons=tuple(comparisons(material.items, results, material.published)),
        networks=tuple(
            _network(item, records) for item in material.items if (records := _records(results, item, source))
        ),
    )


def _missing(material: Material, source: Source) -> list[str]:
    """Say what is not recorded of ``source``, in as few words as possible."""
    said = []
    for item in material.items:
        name = item.experiment.name
        absent = [f.title for f in FRAMEWORKS.values() if material.results.find(name, f.name, source) is None]
        if absent:
            said.append(f"{item.experiment.title} ({' and '.join(absent)})")
    if len(said) == len(material.items) and all("and" in text for text in said):
        said = ["everything"]
    return [f"{text} on {DATA[source]}" for text in said]


def _rows(published: Sequence[Figure], experiment: str, results: Results) -> Iterator[_Row]:
    for figure in published:
        found = {framework: _compared(figure, framework, experiment, results) for framework in FRAMEWORKS.values()}
        first = _Row(span=1, metric=short(figure.metric), note=figure.remark, published=number(figure.value))
        if not any(found.values()):
            yield first
            continue
        first = replace(first, span=len(found))
        for framework, comparison in found.items():
            yield _with_ours(first, framework, comparison)
            first = _Row()


def _compared(figure: Figure, framework: Framework, experiment: str, results: Results) -> Comparison | None:
    record = results.find(experiment, framework.name, "full")
    subset = results.find(experiment, framework.name, "subset")
    return compare_with_published(figure, record, subset) if record else None


def _with_ours(row: _Row, framework: Framework, found: Comparison | None) -> _Row:
    if found is None:
        return replace(row, framework=framework.title)
    verdict, tone = VERDICTS[found.agreement]
    borrowed = "*" if found.deviation_from == "subset" else ""
    return replace(
        row,
        framework=framework.title,
        ours=measured_text(found.ours),
        in_deviations=NOTHING if found.in_deviations is None else f"{found.in_deviations:+.1f}{borrowed}",
        verdict=verdict,
        tone=tone,
    )


def _records(results: Results, item: Selected, source: Source) -> list[Record]:
    """Return the records of one experiment on ``source``, in either framework; if there are none, on the other data."""
    sources: tuple[Source, Source] = ("full", "subset")
    for wanted in sorted(sources, key=lambda each: each != source):
        found = [results.find(item.experiment.name, framework, wanted) for framework in FRAMEWORKS]
        if present := [record for record in found if record is not None]:
            return present
    return []


def _network(item: Selected, records: Sequence[Record]) -> _Network:
    experiment = item.experiment
    made = []
    for record in records:
        title = FRAMEWORKS[record.framework].title
        seeds = f"{len(record.runs)} seeds" if len(record.runs) != 1 else "one seed"
        last = record.runs[-1].made
        made.append(f"{title} {last.versions.get(record.framework, '')}, {seeds}, {last.device}, {last.finished[:10]}")
    return _Network(
        title=experiment.title,
        remark=f"{experiment.data}, {DATA[records[0].source]}, {records[0].epochs} epochs. {'; '.join(made)}.",
        figures=tuple(figures_of(experiment, records)),
    )
