"""What a replay adds to the audit of a notebook: a recording in, findings out. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from grader.audit import recorded_kinds, recorded_loops, recorded_scores
from grader.audit.audit import MAX_OF_A_KIND
from grader.audit.kinds import checkpoint_never_loaded, inputs_not_scaled
from grader.audit.kinds import validation_by_test_set as validation
from grader.audit.recorded_run import OfModel, Run, Seen
from grader.recording.bind import Wanted, models_of
from grader.recording.events import Recording
from grader.results import Finding, Location
from grader.text import safe

SEEN = "Seen while it ran: "
MAX_QUOTE = 1_000
MAX_EVENTS = 2_000
"""Of a recording. Some kinds look through all of them for each training, and what is cut could be what excuses."""
KINDS = (*recorded_kinds.KINDS, *recorded_loops.KINDS, *recorded_scores.KINDS)
_FAMILIES = {validation.CHOSEN_BY: validation.WATCHED}
_ONCE_A_NOTEBOOK = frozenset((checkpoint_never_loaded.KIND, inputs_not_scaled.KIND))


def with_recorded(
    findings: Sequence[Finding], recording: Recording, source: str, wanted: Sequence[Wanted] = ()
) -> tuple[Finding, ...]:
    """Return ``findings`` with what a recording adds. One that it confirms says so, and is not raised twice.

    Args:
        findings: those of the audit, of any file.
        recording: of one notebook.
        source: that file as it was handed in; it is only searched for words.
        wanted: the models that the rubric asks for.
    """
    known = list(findings)
    for seen in _all(recording, source, wanted):
        path, number = recording.path, seen.cell.number
        place = next((place for place, finding in enumerate(known) if _is_same(finding, path, seen)), None)
        if place is None:
            text, where = f"{SEEN}{seen.saw} {seen.means}".strip(), Location(path, seen.line or None, number)
            quote = safe(seen.evidence, limit=MAX_QUOTE, lines=12)
            known.append(Finding(seen.kind, seen.severity, text, where, quote, seen.settles))
        else:
            quote = safe(f"{known[place].quote}\n{seen.evidence}", limit=MAX_QUOTE, lines=14)
            text = f"{known[place].text} {SEEN}{seen.saw}"
            known[place] = msgspec.structs.replace(known[place], text=text, quote=quote)
    return tuple(known)


def _is_same(finding: Finding, path: str, seen: Seen) -> bool:
    where = finding.where
    return (
        where is not None
        and where.path == path
        and _FAMILIES.get(finding.kind, finding.kind) == _FAMILIES.get(seen.kind, seen.kind)
        and (seen.kind in _ONCE_A_NOTEBOOK or where.cell == seen.cell.number)
        and seen.about in finding.text
    )


def _all(recording: Recording, source: str, wanted: Sequence[Wanted]) -> Iterator[Seen]:
    events = tuple((cell, event) for cell in recording.cells for event in cell.events if isinstance(event, OfModel))
    if len(events) > MAX_EVENTS:
        return
    run = Run(recording, source, events, models_of(recording.cells), tuple(wanted))
    counts: Counter[str] = Counter()
    said: set[tuple[str, int]] = set()
    for find in KINDS:
        for seen in find(run):
            if (seen.kind, seen.cell.number) not in said and counts[seen.kind] < MAX_OF_A_KIND:
                said.add((seen.kind, seen.cell.number))
                counts[seen.kind] += 1
                yield seen
