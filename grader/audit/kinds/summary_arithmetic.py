"""A printed summary whose layers do not add up to its total."""

from collections.abc import Iterator

from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "summary-arithmetic"


def find(material: Material) -> Iterator[Finding]:
    """Add up the column of parameters. Models within models are left out, since their tables count some layers twice,
    and models with weights of their own, which no layer shows."""
    if any("add_weight(" in cell.text or "Variable(" in cell.text for cell, _ in material.notebook.code_cells):
        return
    for cell, _ in material.notebook.code_cells:
        for summary in () if cell.is_cut else material.summaries.get(cell.number, ()):
            total = summary.totals["Trainable"] + summary.totals["Non-trainable"]
            added = sum(row.parameters for row in summary.rows)
            if not summary.is_plain or added == total:
                continue
            yield material.finding(
                KIND,
                Severity.WARNING,
                cell,
                None,
                f"The layers of this summary have {added:,} parameters together, and the lines below it say {total:,}. "
                "Keras prints the sum, so this text is not what it printed.",
                quote="\n".join(
                    [*(row.line for row in summary.rows[:10]), f"Total params: {summary.totals['Total']:,}"]
                ),
                settles="calling summary() again in a fresh kernel",
            )
