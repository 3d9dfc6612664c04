"""A student's own layers as a table of the report."""

from grader.networks.stages import Stage
from grader.results import Table

MARK = "← first difference"


def layer_table(stages: tuple[Stage, ...], marked: int | None = None) -> Table:
    """Return one row for each layer, with ``marked`` (from 0) pointed at; past the last row means that layers are
    missing at the end."""
    rows = []
    for number, stage in enumerate(stages):
        # PyTorch's labels are "module: function"; the student knows the module
        label = stage.label.partition(":")[0]
        name = f"{label}  {stage.title}" if label and label != stage.title else stage.title
        rows.append((name, stage.sizes_text, f"{stage.parameters:,}", MARK if number == marked else ""))
    if marked is not None and marked >= len(stages):
        rows.append(("(no more layers)", "", "", MARK))
    return Table(("your layer", "input → output", "parameters", ""), tuple(rows), numeric=("parameters",))
