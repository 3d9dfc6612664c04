"""A progress bar that counts to another number of steps than the examples and the batch size give."""

from collections.abc import Iterator
from math import ceil, floor

from grader.audit.kinds.training_cells import single_fits
from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.results import Finding, Severity

KIND = "log-steps"


def find(material: Material) -> Iterator[Finding]:
    """Compare the totals of the bars with ⌈examples / batch size⌉; Keras before 2.2 counted the examples themselves."""
    if any("steps_per_execution" in cell.text for cell, _ in material.notebook.code_cells):
        return
    for fit, logs in single_fits(material):
        totals = {epoch.total for log in logs for epoch in log.epochs if epoch.total}
        examples = _examples(fit)
        if examples is None or not fit.batch or len(totals) != 1:
            continue
        steps = ceil(examples / fit.batch)
        if totals <= {steps, examples}:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            fit.cell,
            fit.call.line,
            f"{examples:,} examples in batches of {fit.batch} are {steps:,} steps; the log stored under this code "
            f"counts to {totals.pop():,}. So it was not printed by this code with these examples: one of them was "
            "changed after the cell had been run.",
            quote=f"code: {fit.cell.line(fit.call.line)}\nlog:  {_bar(fit)}",
            settles="running this cell again as it stands, after a restart of the kernel",
        )


def _examples(fit: Fit) -> int | None:
    if fit.inputs is None or fit.inputs.examples is None or fit.call.argument("steps_per_epoch"):
        return None
    held_out = fit.call.argument("validation_split")
    if held_out is None:
        return fit.inputs.examples
    try:
        share = float(held_out)
    except ValueError:
        return None
    return floor(fit.inputs.examples * (1 - share)) if 0 <= share < 1 else None


def _bar(fit: Fit) -> str:
    lines = fit.cell.output.split("\n")
    return next((line.strip() for line in lines if line.lstrip()[:1].isdigit() and "/" in line[:20]), "")[:120]
