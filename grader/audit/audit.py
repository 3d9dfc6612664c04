"""The audit of one notebook: every kind of finding, in the order of the notebook."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from types import ModuleType

from grader.audit.facts import Notebook
from grader.audit.kinds import (
    cell_not_run,
    cells_out_of_order,
    checkpoint_log,
    checkpoint_never_loaded,
    comparison_cannot_fail,
    conclusions,
    confusion_trace,
    figures_in_text,
    identical_scores,
    inputs_not_scaled,
    log_epochs,
    log_steps,
    names,
    parameters_in_text,
    placeholder_left,
    rounded_before_argmax,
    score_of_another_model,
    summary_arithmetic,
    text_against_code,
    training_continued,
    validation_by_test_set,
)
from grader.audit.material import Material, gather
from grader.results import Finding

HELD_AGAINST_GIVEN_CELLS = frozenset({cells_out_of_order.KIND, placeholder_left.KIND})
"""Kinds that are about what was done with a cell. All others are about what stands in it, which is not the student's
own in a cell that was given."""
MAX_RAISED = 50
"""Findings that one kind raises before it is stopped: it may look long for each."""
MAX_OF_A_KIND = 10
"""Findings of one kind that are reported; the next ones would say the same."""

_MODULES: tuple[ModuleType, ...] = (
    cells_out_of_order,
    cell_not_run,
    names,
    log_epochs,
    log_steps,
    checkpoint_log,
    summary_arithmetic,
    identical_scores,
    score_of_another_model,
    confusion_trace,
    figures_in_text,
    parameters_in_text,
    text_against_code,
    validation_by_test_set,
    checkpoint_never_loaded,
    rounded_before_argmax,
    comparison_cannot_fail,
    inputs_not_scaled,
    training_continued,
    conclusions,
    placeholder_left,
)
FINDERS: tuple[Callable[[Material], Iterator[Finding]], ...] = tuple(module.find for module in _MODULES)


def audit(notebook: Notebook) -> tuple[Finding, ...]:
    """Return what is found in ``notebook``, from top to bottom; at most :data:`MAX_OF_A_KIND` findings of each kind."""
    material = gather(notebook)
    count: Counter[str] = Counter()
    kept = []
    given = {cell.number for cell in notebook.cells if cell.is_given}
    for finding in (finding for find in FINDERS for finding in islice(find(material), MAX_RAISED)):
        if _place(finding)[0] in given and finding.kind not in HELD_AGAINST_GIVEN_CELLS:
            continue
        count[finding.kind] += 1
        if count[finding.kind] <= MAX_OF_A_KIND:
            kept.append(finding)
    return tuple(sorted(kept, key=_place))


def _place(finding: Finding) -> tuple[int, int]:
    where = finding.where
    return (where.cell or 0, where.line or 0) if where is not None else (0, 0)
