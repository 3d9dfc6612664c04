"""A log with figures of a validation set that the call beside it does not have, or without those of one that it has."""

from collections.abc import Iterator

from grader.audit.kinds.training_cells import single_fits
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.audit.readers.logs import Log
from grader.results import Finding, Severity

KIND = "log-metrics"

_VALIDATES = ("validation_data", "validation_split")
_NOTHING = ("None", "0", "0.0", "0.")


def find(material: Material) -> Iterator[Finding]:
    """Compare the names of the figures with the arguments of ``fit``. A callback of the student may add figures."""
    if "Callback" in material.source or "validation_freq" in material.source:
        return
    for fit, logs in single_fits(material):
        if len(logs) != 1 or not fit.call.is_fully_seen or _is_positional(fit):
            continue
        validates = any((fit.call.argument(name) or "None") not in _NOTHING for name in _VALIDATES)
        names = {name for epoch in logs[0].epochs for name in epoch.metrics}
        shows = any(name.startswith("val_") for name in names)
        if shows and not validates:
            said = "the log stored under it has figures of a validation set; the call has no validation set"
        elif validates and not shows and _is_whole(logs[0]):
            said = "the call has a validation set; the log stored under it has no figure of one in any epoch"
        else:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"In this cell {said}. So the log was not printed by this code as it stands: it was changed after the cell "
            "had been run.",
            quote=f"code: {fit.cell.line(fit.call.line)}\nlog:  figures of {', '.join(sorted(names))}",
            settles="running this cell again as it stands, after a restart of the kernel",
        )


def _is_positional(fit: Fit) -> bool:
    """Whether arguments beyond the examples and the labels are given by their position, which differs by version."""
    return fit.call.argument("", 2) is not None


def _is_whole(log: Log) -> bool:
    """Whether every epoch that was announced ended, each with figures. Between the lines of a checkpoint the last state
    of a bar may be missing."""
    return not log.notes and len(log.epochs) == log.epochs[0].announced and all(epoch.metrics for epoch in log.epochs)
