"""The drawings of ``grader reference show --html``: learning curves, arrays, networks side by side. Pure."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence

from grader.cli.reference_tables import short
from grader.data.catalogue import ENTRIES
from grader.oracle.experiments import Experiment, Published, Selected
from grader.oracle.frameworks import FRAMEWORKS, Framework
from grader.oracle.record import Array, Measured, Number, Record, Results
from grader.pages.charts.intervals import Group, Interval, intervals
from grader.pages.charts.lines import Line
from grader.pages.figures import Figure, figure_of_lines, figure_of_matrix, figure_of_pictures
from grader.results import Matrix

CURVES = {"loss": "loss", "accuracy": "accuracy"}
"""What is drawn of a history, each with its twin from the validation images: name and label of the axis."""
COMPARED = ("test_accuracy", "best_validation_accuracy", "validation_accuracy")
"""The metrics by which the networks of a part are set side by side, if any of theirs was published."""

_STROKES = {("torch", ""): 0, ("torch", "validation_"): 2, ("keras", ""): 1, ("keras", "validation_"): 3}


def figures_of(experiment: Experiment, records: Sequence[Record]) -> Iterator[Figure]:
    """Yield the figures of one experiment: its learning curves, then a picture for each array that was recorded.

    Args:
        experiment: which it is.
        records: of it, on one source of data, one for each framework at most.
    """
    for name, label in CURVES.items():
        shown = [line for record in records for line in _lines(record, name)]
        if shown:
            yield figure_of_lines(f"{label.capitalize()} by epoch", "epoch", label, shown)
    names = dict.fromkeys(name for record in records for name in record.runs[0].arrays)
    for name in names:
        for record in records:
            array = record.runs[0].arrays.get(name)
            if array is not None:
                yield _picture(experiment, record, name, array)


def _lines(record: Record, name: str) -> Iterator[Line]:
    framework = FRAMEWORKS[record.framework]
    for prefix, images in (("", "training"), ("validation_", "validation")):
        curves = [run.history[prefix + name] for run in record.runs if run.history.get(prefix + name)]
        if curves:
            by_epoch = list(zip(*curves, strict=False))
            several = len(curves) > 1
            yield Line(
                f"{framework.title} {images}",
                tuple(_mean(values) for values in by_epoch),
                _STROKES[record.framework, prefix],
                tuple(_extreme(values, min) for values in by_epoch) if several else (),
                tuple(_extreme(values, max) for values in by_epoch) if several else (),
            )


def _mean(values: Sequence[Number]) -> Number:
    finite = [value for value in values if value is not None]
    return math.fsum(finite) / len(finite) if len(finite) == len(values) else None


def _extreme(values: Sequence[Number], choose: Callable[[list[float]], float]) -> Number:
    finite = [value for value in values if value is not None]
    return choose(finite) if finite else None


def _picture(experiment: Experiment, record: Record, name: str, array: Array) -> Figure:
    framework = FRAMEWORKS[record.framework].title
    seed = record.runs[0].seed
    if name == "confusion_matrix":
        rows = _nested(array)
        values = tuple(tuple(int(value or 0) for value in row) for row in rows)
        title = f"{framework}: test images by class, seed {seed}"
        return figure_of_matrix(Matrix(title, "true", "predicted", ENTRIES[experiment.data].class_names, values))
    title = f"{framework}: {name.replace('_', ' ')}, seed {seed}"
    return figure_of_pictures(title, _kernels(array))


def _nested(array: Array) -> list[tuple[Number, ...]]:
    width = array.shape[-1]
    return [array.values[start : start + width] for start in range(0, len(array.values), width)]


def _kernels(array: Array) -> list[list[list[float]]]:
    """Return an array of shape (rows, columns, inputs, outputs) as one picture for each pair of channels."""
    rows, columns, *channels = array.shape
    count = math.prod(channels)
    values = [math.nan if value is None else value for value in array.values]
    return [
        [[values[(row * columns + column) * count + channel] for column in range(columns)] for row in range(rows)]
        for channel in range(count)
    ]


# --- the networks of a part, side by side ----------------------------------------------------------------------------


def comparisons(items: Sequence[Selected], results: Results, published: Published) -> Iterator[Figure]:
    """Yield, for each part with several networks and each metric of it that was published, all of them in one chart.

    Ours come from the full data, as the published ones do.
    """
    parts: dict[str, list[Experiment]] = {}
    for item in items:
        if item.experiment.part:
            parts.setdefault(item.experiment.part, []).append(item.experiment)
    for part, experiments in parts.items():
        for metric in COMPARED:
            theirs = tuple(_published(published, experiment.name, metric) for experiment in experiments)
            if len(experiments) > 1 and any(theirs):
                yield _comparison(part, metric, experiments, results, theirs)


def _comparison(
    part: str,
    metric: str,
    experiments: Sequence[Experiment],
    results: Results,
    theirs: tuple[Interval | None, ...],
) -> Figure:
    groups = [Group("published", theirs)]
    missing = []
    for framework in FRAMEWORKS.values():
        ours = tuple(_measured(results, experiment.name, framework, metric) for experiment in experiments)
        if any(ours):
            groups.append(Group(f"{framework.title} (ours)", ours))
        else:
            missing.append(framework.title)
    title = f"{part.replace('_', ' ')}: {short(metric)}"
    remark = "Marks are means, bars one standard deviation to each side, circles single trainings."
    if missing:
        remark += f" Not recorded on the full data: {' and '.join(missing)}."
    drawing = intervals(title, short(metric), [experiment.title for experiment in experiments], groups)
    return Figure(title, drawing, remark, is_wide=True)


def _published(published: Published, experiment: str, metric: str) -> Interval | None:
    for figure in published.figures.get(experiment, ()):
        if figure.metric == metric:
            spread = statistics.stdev(figure.values) if len(figure.values) > 1 else None
            return Interval(figure.value, spread, figure.values)
    return None


def _measured(results: Results, experiment: str, framework: Framework, metric: str) -> Interval | None:
    record = results.find(experiment, framework.name, "full")
    measured: Measured | None = record.metrics.get(metric) if record else None
    if measured is None or measured.mean is None:
        return None
    return Interval(measured.mean, measured.deviation, tuple(value for value in measured.values if value is not None))
