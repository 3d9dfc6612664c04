"""The audit of one notebook: every kind of finding, in the order of the notebook, within a limit of time."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from types import ModuleType

from grader.audit.facts import Notebook
from grader.audit.kinds import (
    answer_missing,
    best_epoch_as_result,
    cell_not_run,
    cells_out_of_order,
    checkpoint_log,
    checkpoint_never_loaded,
    comment_against_code,
    comparison_cannot_fail,
    conclusions,
    confusion_trace,
    failed_cells,
    figures_in_text,
    first_epoch,
    identical_scores,
    inputs_not_scaled,
    inputs_not_scaled_torch,
    labels_against_loss,
    log_epochs,
    log_metrics,
    log_steps,
    log_steps_torch,
    names,
    output_of_other_code,
    parameters_in_text,
    placeholder_left,
    rounded_before_argmax,
    score_of_another_model,
    selection_by_test,
    shapes_by_accident,
    softmax_against_loss,
    summary_arithmetic,
    text_against_code,
    text_against_network,
    train_test_overlap,
    training_continued,
    trend_against_log,
    validation_by_test_set,
    winner_against_scores,
)
from grader.audit.material import Material
from grader.results import Finding, Location, Severity

CUT_SHORT = "audit-cut-short"
LIMIT_S = 5.0
"""Seconds after which no further kind is looked for. An ordinary notebook takes a tenth of one."""
HELD_AGAINST_GIVEN_CELLS = frozenset({
    cells_out_of_order.KIND, placeholder_left.KIND, answer_missing.EMPTY, answer_missing.NO_PLOT,
})  # fmt: skip
"""Kinds that are about what was done with a cell. All others are about what stands in it, which is not the student's
own in a cell that was given."""
MAX_RAISED = 50
"""Findings that one kind raises before it is stopped: it may look long for each."""
MAX_OF_A_KIND = 10
"""Findings of one kind that are reported; the next ones would say the same."""

MODULES: tuple[ModuleType, ...] = (
    cells_out_of_order,
    cell_not_run,
    names,
    failed_cells,
    output_of_other_code,
    log_epochs,
    log_steps,
    log_steps_torch,
    log_metrics,
    checkpoint_log,
    summary_arithmetic,
    first_epoch,
    identical_scores,
    score_of_another_model,
    confusion_trace,
    figures_in_text,
    parameters_in_text,
    text_against_code,
    text_against_network,
    comment_against_code,
    trend_against_log,
    winner_against_scores,
    validation_by_test_set,
    selection_by_test,
    best_epoch_as_result,
    train_test_overlap,
    checkpoint_never_loaded,
    rounded_before_argmax,
    comparison_cannot_fail,
    inputs_not_scaled,
    inputs_not_scaled_torch,
    labels_against_loss,
    softmax_against_loss,
    shapes_by_accident,
    training_continued,
    conclusions,
    placeholder_left,
    answer_missing,
)
"""Each has ``find(material)``."""


def audit(
    notebook: Notebook,
    headings: Sequence[str] = (),
    *,
    limit_s: float = LIMIT_S,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Finding, ...]:
    """Return what is found in ``notebook``, from top to bottom; at most :data:`MAX_OF_A_KIND` findings of each kind.

    Args:
        notebook: as it was decoded.
        headings: those that the rubric asks this notebook to have.
        limit_s: seconds after which no further kind is looked for, and the rest is named in a finding.
        clock: what tells the seconds.
    """
    material = Material(notebook, tuple(headings))
    count: Counter[str] = Counter()
    kept = list(_not_read(notebook))
    given = {cell.number for cell in notebook.cells if cell.is_given}
    for finding in _found(material, clock() + limit_s, clock):
        if _place(finding)[0] in given and finding.kind not in HELD_AGAINST_GIVEN_CELLS:
            continue
        count[finding.kind] += 1
        if count[finding.kind] <= MAX_OF_A_KIND:
            kept.append(finding)
    return tuple(sorted(kept, key=_place))


def _found(material: Material, end_s: float, clock: Callable[[], float]) -> Iterator[Finding]:
    for number, module in enumerate(MODULES):
        if clock() >= end_s:
            rest = ", ".join(_title(left) for left in MODULES[number:])
            text = f"This notebook takes longer to audit than is allowed. Not looked for: {rest}. It costs nothing."
            yield Finding(CUT_SHORT, Severity.NOTE, text, where=Location(material.notebook.path))
            return
        found: Iterator[Finding] = module.find(material)
        yield from islice(found, MAX_RAISED)


def _not_read(notebook: Notebook) -> Iterator[Finding]:
    if notebook.is_cut:
        last = notebook.cells[-1].number if notebook.cells else 0
        text = (
            f"Only the cells up to {last} were audited: this notebook holds more text than is read. It costs nothing."
        )
        yield Finding(CUT_SHORT, Severity.NOTE, text, where=Location(notebook.path))


def _title(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2].replace("_", " ")


def _place(finding: Finding) -> tuple[int, int]:
    where = finding.where
    return (where.cell or 0, where.line or 0) if where is not None else (0, 0)
