"""Compares records: with earlier ones, with a repetition, with published figures. Everything here is pure."""

import math
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from grader.oracle.experiments import Figure
from grader.oracle.record import Measured, Number, Record, Results, Run

REPEATED_WITHIN = 1e-4
"""How far a repetition may be off, relatively, where code, versions and machine are the same."""
SPREADS_ALLOWED = 4.0
"""How many standard deviations between seeds a repetition may be off elsewhere …"""
LEAST_ALLOWED = 0.02
"""… and what is allowed at least: of an accuracy absolutely, of a loss relatively."""
PUBLISHED_SPREADS = 3.0
"""How many of our standard deviations a published accuracy may be off …"""
PUBLISHED_LEAST = 0.006
"""… and what is allowed at least."""


class MetricChange(msgspec.Struct, frozen=True):
    """One metric before and now; ``None`` where there is none."""

    metric: str
    before: Measured | None
    now: Measured | None


class RecordChange(msgspec.Struct, frozen=True):
    """What a new record does to what was recorded.

    Attributes:
        before: the earlier record, ``None`` where there is none.
        now: the new one.
        metrics: those that differ.
    """

    before: Record | None
    now: Record
    metrics: tuple[MetricChange, ...]

    @property
    def is_same(self) -> bool:
        """Whether the measured numbers are what they were."""
        return self.before is not None and not self.metrics


def changes(before: Results, now: Iterable[Record]) -> tuple[RecordChange, ...]:
    """Return, for each new record, which metrics differ from what was recorded."""
    found = []
    for record in now:
        earlier = before.find(*record.key)
        old = earlier.metrics if earlier else {}
        names = dict.fromkeys([*old, *record.metrics])
        differing = [
            MetricChange(name, old.get(name), record.metrics.get(name))
            for name in names
            if old.get(name) != record.metrics.get(name)
        ]
        found.append(RecordChange(earlier, record, tuple(differing)))
    return tuple(found)


class Agreement(StrEnum):
    """How a figure of ours compares with a published one."""

    MET = "met"
    HIGHER = "higher"
    LOWER = "lower"
    EQUAL = "equal"
    DIFFERS = "differs"
    NOT_JUDGED = "not judged"


class Comparison(msgspec.Struct, frozen=True):
    """A published figure beside ours.

    Attributes:
        figure: what was published.
        ours: what we measured.
        deviation: our standard deviation; for a single seed that of ``deviation_from``.
        deviation_from: the source of data that the deviation comes from, ``""`` if there is none.
        difference: ours minus published; ``None`` if ours is not finite.
        agreement: for an accuracy whether the difference is at most :data:`PUBLISHED_SPREADS` deviations or
            :data:`PUBLISHED_LEAST`, whichever is larger; for a count whether it is equal; a loss is not judged.
    """

    figure: Figure
    ours: Measured
    deviation: Number
    deviation_from: str
    difference: Number
    agreement: Agreement

    @property
    def in_deviations(self) -> Number:
        """The difference in units of our standard deviation, where there is one."""
        if self.difference is None or not self.deviation:
            return None
        return self.difference / self.deviation


def compare_with_published(figure: Figure, record: Record, subset: Record | None) -> Comparison | None:
    """Compare a published figure with a record of the full data.

    Args:
        figure: the published one.
        record: ours.
        subset: the same experiment on the subset, whose spread stands in where ``record`` has one seed only.

    Returns:
        ``None`` where the metric was not measured.
    """
    ours = record.metrics.get(figure.metric)
    if ours is None:
        return None
    deviation, deviation_from = ours.deviation, record.source if ours.deviation is not None else ""
    if deviation is None and subset is not None and (spread := subset.metrics.get(figure.metric)) is not None:
        deviation, deviation_from = spread.deviation, "subset" if spread.deviation is not None else ""
    if ours.mean is None:
        return Comparison(figure, ours, deviation, deviation_from, None, Agreement.NOT_JUDGED)
    difference = ours.mean - figure.value
    return Comparison(
        figure, ours, deviation, deviation_from, difference, _agreement(figure.metric, difference, deviation)
    )


def _agreement(metric: str, difference: float, deviation: Number) -> Agreement:
    if metric == "parameters":
        return Agreement.EQUAL if difference == 0 else Agreement.DIFFERS
    if not metric.endswith("accuracy"):
        return Agreement.NOT_JUDGED
    if abs(difference) <= max(PUBLISHED_SPREADS * (deviation or 0.0), PUBLISHED_LEAST):
        return Agreement.MET
    return Agreement.HIGHER if difference > 0 else Agreement.LOWER


class Check(msgspec.Struct, frozen=True):
    """One number of a repeated training beside the recorded one. ``allowed`` is the largest absolute difference."""

    name: str
    recorded: Number
    repeated: Number
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the two are close enough. Two numbers that are not finite are the same."""
        if self.recorded is None or self.repeated is None:
            return self.recorded is self.repeated
        return abs(self.recorded - self.repeated) <= self.allowed


def check_repetition(record: Record, repeated: Run) -> tuple[Check, ...]:
    """Compare a training of the first few epochs with the beginning of the recorded curves of the same seed.

    Where versions, machine and threads are the same, the numbers must be equal but for :data:`REPEATED_WITHIN`. Else
    rounding differs and grows, so they may differ as much as other seeds do: :data:`SPREADS_ALLOWED` standard
    deviations of the recorded seeds at that epoch, at least :data:`LEAST_ALLOWED`.

    Args:
        record: what was recorded; it has a run from the seed of ``repeated``.
        repeated: fewer epochs of the same training.

    Raises:
        ValueError: no run of ``record`` has that seed.
    """
    original = record.run_from(repeated.seed)
    if original is None:
        raise ValueError(f"{record.experiment} was not recorded from seed {repeated.seed}")
    same = original.made.numbers_from == repeated.made.numbers_from
    checks = []
    for name, curve in repeated.history.items():
        for epoch, value in enumerate(curve):
            recorded = original.history[name][epoch]
            allowed = _allowed(name, recorded, [run.history[name][epoch] for run in record.runs], same)
            checks.append(Check(f"{name}, epoch {epoch + 1}", recorded, value, allowed))
    return tuple(checks)


def _allowed(name: str, recorded: Number, seeds: list[Number], same: bool) -> float:
    size = abs(recorded or 0.0)
    if same:
        return REPEATED_WITHIN * size
    finite = [value for value in seeds if value is not None]
    mean = math.fsum(finite) / len(finite) if finite else 0.0
    spread = math.sqrt(math.fsum((v - mean) ** 2 for v in finite) / (len(finite) - 1)) if len(finite) > 1 else 0.0
    least = LEAST_ALLOWED * (1.0 if name.endswith("accuracy") else size)
    return max(SPREADS_ALLOWED * spread, least)


def staleness(record: Record, data_digest: str, sources_digest: str) -> str:
    """Say what has changed since ``record`` was made: ``""``, ``"code"``, ``"data"`` or ``"code and data"``."""
    changed = []
    if record.sources_digest != sources_digest:
        changed.append("code")
    if record.data_digest != data_digest:
        changed.append("data")
    return " and ".join(changed)
