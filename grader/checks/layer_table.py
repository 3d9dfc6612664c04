"""A student's own layers as a table of the report."""

from grader.networks.stages import Stage
from grader.results import Table

FUNCTIONS = ("conv2d", "linear", "matmul", "batch_norm", "max_pool2d", "avg_pool2d")
MARK = "← first difference"


def layer_table(stages: tuple[Stage, ...], marked: int | None = None) -> Table:
    """Return one row for each layer, with ``marked`` (from 0) pointed at; past the last row means that layers are
    missing at the end."""
    rows = []
    for number, stage in enumerate(stages):
        # PyTorch's labels are "module: function", or the function alone, which says no more than the title does
        label = "" if stage.label in FUNCTIONS else stage.label.partition(":")[0]
        name = f"{label}  {stage.title}" if label and label != stage.title else stage.title
        rows.append((name, stage.sizes_text, f"{stage.parameters:,}", MARK if number == marked else ""))
    if marked is not None and marked >= len(stages):
        rows.append(("(no more layers)", "", "", MARK))
    return Table(("your layer", "input → output", "parameters", ""), tuple(rows), numeric=("parameters",))
