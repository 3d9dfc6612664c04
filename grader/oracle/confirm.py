"""Whether records that were made by other code still hold, shown by a whole training with the code as it is now."""

from collections.abc import Mapping
from itertools import zip_longest

import msgspec

from grader.oracle.record import Record, Results, Run

SAME = "the same"


def compare_whole(recorded: Record, repeated: Run) -> str:
    """Compare every number of a training with the recorded one from the same seed, to the last digit.

    Returns:
        :data:`SAME`, or what differs first. Where a machine, a version or a number of threads differs, so may last
        digits, and nothing is compared.
    """
    original = recorded.run_from(repeated.seed)
    if original is None:
        return f"nothing was recorded from seed {repeated.seed}"
    if original.made.numbers_from != repeated.made.numbers_from:
        return "recorded on another machine, with other versions or threads"
    for name in sorted(original.history.keys() | repeated.history.keys()):
        curves = original.history.get(name, ()), repeated.history.get(name, ())
        for epoch, (before, now) in enumerate(zip_longest(*curves), 1):
            if before != now:
                return f"{name}, epoch {epoch}: {before} before, {now} now"
    place = recorded.seeds.index(repeated.seed)
    before_by_name = {name: measured.values[place] for name, measured in recorded.metrics.items()}
    for name in sorted(before_by_name.keys() | repeated.metrics.keys()):
        if before_by_name.get(name) != repeated.metrics.get(name):
            return f"{name}: {before_by_name.get(name)} before, {repeated.metrics.get(name)} now"
    return SAME


def confirmed(results: Results, now: Mapping[tuple[str, str], str]) -> tuple[Record, ...]:
    """Return the records that count as made by today's code: those, of the subset or of all images, that were made by
    the same code as the record of the subset that was compared.

    Args:
        results: what is recorded.
        now: the digest of today's code, by experiment and framework that were found to be the same.
    """
    found = []
    for record in results.records:
        code = now.get((record.experiment, record.framework))
        compared = results.find(record.experiment, record.framework, "subset")
        if code is not None and compared is not None and record.sources_digest == compared.sources_digest != code:
            found.append(msgspec.structs.replace(record, sources_digest=code))
    return tuple(found)
