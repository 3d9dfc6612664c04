"""Cells in which a log can only come from one call: what the kinds about logs start from."""

from collections.abc import Iterator

from grader.audit.material import Material
from grader.audit.readers.calls import Fit
from grader.audit.readers.logs import Log

_TRAINS_UNSEEN = frozenset({"search", "cross_val_score", "GridSearchCV", "fit_generator", "train_on_batch"})


def single_fits(material: Material) -> Iterator[tuple[Fit, tuple[Log, ...]]]:
    """Yield each call of ``fit`` that is the only training in its cell, with the logs stored there."""
    train_inside = {
        call.scope.split(".")[0]
        for _, code in material.notebook.code_cells
        for call in code.calls
        if call.name == "fit" and call.scope
    }
    for cell, code in material.notebook.code_cells:
        here = [fit for fit in material.fits if fit.cell.number == cell.number]
        others = {call.name for call in code.calls} & (_TRAINS_UNSEEN | train_inside)
        fit_calls = sum(call.name == "fit" and not call.scope for call in code.calls)
        if len(here) == 1 == fit_calls and not others and cell.number in material.logs and not cell.is_cut:
            yield here[0], material.logs[cell.number]
