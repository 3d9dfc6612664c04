"""What the references reach, in the terms of a rubric's bounds: mean and deviation of a recorded metric."""

import statistics
from pathlib import Path

import msgspec

from grader.data.catalogue import DataSetName
from grader.data.load import Source
from grader.oracle import record
from grader.oracle.experiments import experiments_in
from grader.oracle.run import OracleError

ENOUGH_VALUES = 3
"""From fewer values no deviation is taken."""
SOURCES: tuple[Source, ...] = ("full", "subset")
"""The full data first: that is what students train on."""


class ReferenceFigure(msgspec.Struct, frozen=True):
    """A metric of an experiment over all recorded seeds of both frameworks. ``source`` is what these were trained on;
    ``deviation`` is that of the subset where the full data was not trained on often enough, and ``None`` where there
    is none."""

    experiment: str
    source: Source
    mean: float
    deviation: float | None
    runs: int


def reference_figure(folder: Path, experiment: str, metric: str) -> ReferenceFigure:
    """Return what is recorded of an experiment in the assignment at ``folder``.

    Raises:
        OracleError: nothing is, or the file is damaged.
    """
    try:
        results = record.read(folder)
    except record.DamagedResults as error:
        raise OracleError(str(error)) from error
    values = {source: _values(results, experiment, source, metric) for source in SOURCES}
    source = next((source for source in SOURCES if values[source]), None)
    if source is None:
        raise OracleError(
            f"{folder.name}/{record.RESULTS_FILE} has no {metric} of an experiment '{experiment}'; "
            "name one in `reference`, or record it: grader reference regenerate --write"
        )
    spread = next((statistics.stdev(found) for found in values.values() if len(found) >= ENOUGH_VALUES), None)
    return ReferenceFigure(experiment, source, statistics.fmean(values[source]), spread, len(values[source]))


def data_set_of(folder: Path, experiment: str) -> DataSetName:
    """Return the data set that an experiment of the assignment at ``folder`` is trained on.

    Raises:
        OracleError: there is no such experiment.
    """
    for one in experiments_in(folder).experiments:
        if one.name == experiment:
            return one.data
    raise OracleError(
        f"{folder.name} has no experiment '{experiment}'; name one in `reference`, or the data set in `dataset`"
    )


def _values(results: record.Results, experiment: str, source: Source, metric: str) -> list[float]:
    return [
        value
        for found in results.records
        if (found.experiment, found.source) == (experiment, source) and metric in found.metrics
        for value in found.metrics[metric].values
        if value is not None
    ]
