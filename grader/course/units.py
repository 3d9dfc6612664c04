"""Quantities as a rubric writes them: ``10 s``, ``2 GiB``, ``98%``, ``3 x reference``, ``reference - 2 deviations``,
``20 x random_draws``.

The unit is required. A number without one reads as an error that shows how to write it, because a reader of
``memory: 2`` cannot know what was meant. Each type's ``read`` takes what stands in the rubric (text, or a bare number)
and raises :class:`UnitError` with a message that completes the sentence "'memory' in part 'lenet' …".

A check's options may use these types for their fields.
"""

import math
import re
from datetime import datetime
from typing import Self

import msgspec

from grader.course.model import CasePlan

SECONDS_PER_UNIT = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3_600.0, "day": 86_400.0, "days": 86_400.0}
BYTES_PER_UNIT = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
MAX_SECONDS = 366 * 86_400.0
MAX_BYTES = 2**50
MAX_TIMES_REFERENCE = 10_000.0
MAX_REPEAT = 10_000

_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z%]*)", re.ASCII)
_TIMES = re.compile(r"(?P<number>[^\sx×]+)\s*[x×]\s+(?P<name>\S+)")
_FROM_REFERENCE = re.compile(r"reference(?:\s*(?P<sign>[-+−–])\s*(?P<step>.*))?")
_DEVIATIONS = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*deviations?", re.ASCII)
_DATE_WITHOUT_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class UnitError(ValueError):
    """A quantity that cannot be read. The message follows the name of the key."""


class Duration(float):
    """Seconds, written ``500 ms``, ``10 s``, ``2 min``, ``1 h``, ``2 days``; more than 0, at most 366 days."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a duration.

        Raises:
            UnitError: it has no unit, another unit, or is out of range.
        """
        seconds = _quantity(written, "a time", "10 s", SECONDS_PER_UNIT)
        if not 0 < seconds <= MAX_SECONDS:
            raise UnitError(f"must be a time of more than 0 s and at most 366 days, not {written}")
        return cls(seconds)


class Size(int):
    """Bytes, written ``512 B``, ``64 KiB``, ``2 GiB``; at least one, at most 1,048,576 GiB."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a size.

        Raises:
            UnitError: it has no unit, another unit, or is out of range.
        """
        count = _quantity(written, "a size", "2 GiB", BYTES_PER_UNIT)
        if not 1 <= count <= MAX_BYTES:
            raise UnitError(f"must be a size of at least 1 B and at most {MAX_BYTES // 2**30} GiB, not {written}")
        return cls(round(count))


class Percentage(float):
    """A fraction from 0 to 1, written ``98%``."""

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a percentage.

        Raises:
            UnitError: it has no percent sign, or is not between 0% and 100%.
        """
        percent = _quantity(written, "a percentage", "98%", {"%": 1.0})
        if not 0 <= percent <= 100:
            raise UnitError(f"must be between 0% and 100%, not {written}")
        return cls(percent / 100)


class TimeLimit(msgspec.Struct, frozen=True):
    """A time limit: ``10 s`` gives ``wall_s``, ``3 x reference`` gives ``times_reference``; the other is ``None``."""

    wall_s: float | None = None
    times_reference: float | None = None

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a time limit.

        Raises:
            UnitError: it is neither a time with its unit nor a number of times the reference.
        """
        times = _TIMES.fullmatch(written.strip()) if isinstance(written, str) else None
        if times is None:
            try:
                return cls(wall_s=float(Duration.read(written)))
            except UnitError as error:
                raise UnitError(f"{error} (or, relative to the oracle's own time: 3 x reference)") from None
        if times["name"] != "reference":
            raise UnitError(f"is relative to the reference, as in '3 x reference', not to '{times['name']}'")
        number = _number(times["number"], "3 x reference")
        if not 0 < number <= MAX_TIMES_REFERENCE:
            raise UnitError(f"must be more than 0 and at most {MAX_TIMES_REFERENCE:.0f} x reference, not {written}")
        return cls(times_reference=number)


class Bound(msgspec.Struct, frozen=True):
    """A bound of an accuracy: ``98%`` gives ``share``, 0 to 1; ``reference - 2 deviations`` and ``reference - 3%`` are
    relative to what the references reach, by ``deviations`` of theirs and by the share ``step``, both with a sign."""

    share: float | None = None
    deviations: float = 0.0
    step: float = 0.0

    @property
    def is_relative(self) -> bool:
        """Whether it depends on what the references reach."""
        return self.share is None

    def resolve(self, mean: float, deviation: float) -> float:
        """Return the bound where the references reach ``mean`` with a standard deviation of ``deviation``."""
        return mean + self.deviations * deviation + self.step if self.share is None else self.share

    @classmethod
    def read(cls, written: object) -> Self:
        """Read a bound.

        Raises:
            UnitError: it is neither a percentage nor one of the forms that start with ``reference``.
        """
        found = _FROM_REFERENCE.fullmatch(written.strip()) if isinstance(written, str) else None
        if found is None:
            try:
                return cls(share=float(Percentage.read(written)))
            except UnitError as error:
                raise UnitError(
                    f"{error} (or, relative to what the references reach: reference - 2 deviations)"
                ) from None
        if found["step"] is None:
            return cls()
        sign = 1.0 if found["sign"] == "+" else -1.0
        if deviations := _DEVIATIONS.fullmatch(found["step"].strip()):
            return cls(deviations=sign * _number(deviations["number"], "reference - 2 deviations"))
        try:
            return cls(step=sign * float(Percentage.read(found["step"])))
        except UnitError:
            raise UnitError(
                f"must go on with a number of deviations or a percentage, as in 'reference - 2 deviations' or "
                f"'reference - 3%', not '{written}'"
            ) from None


def case_plan(written: object) -> CasePlan:
    """Read an entry of ``cases``: ``handout``, or ``20 x random_draws``.

    Raises:
        UnitError: it is neither, or the number of draws is out of range.
    """
    if not isinstance(written, str):
        raise UnitError(f"must be the name of a case or '20 x random_draws', not {written}")
    repeat, name = 1, written.strip()
    if times := _TIMES.fullmatch(name):
        name = times["name"]
        number = times["number"]
        if not (number.isascii() and number.isdigit() and len(number) < 10 and 1 <= int(number) <= MAX_REPEAT):
            raise UnitError(f"must draw a whole number of times from 1 to {MAX_REPEAT}, as in '20 x {name}'")
        repeat = int(number)
    if not name.isidentifier():
        raise UnitError(f"must be the name of a case or '20 x random_draws', not '{written}'")
    return CasePlan(name, repeat)


def moment(written: object) -> datetime:
    """Read a date, time and offset from UTC in ISO 8601: ``2026-11-20T23:59:00+01:00``.

    Raises:
        UnitError: it is something else, or lacks the time of day or the offset.
    """
    example = "2026-11-20T23:59+01:00"
    if not isinstance(written, str):
        raise UnitError(f"must be a date, a time and an offset from UTC, as in {example}, not {written}")
    if _DATE_WITHOUT_TIME.fullmatch(written.strip()):
        raise UnitError(f"has no time of day; write it like {written.strip()}T23:59+01:00")
    try:
        when = datetime.fromisoformat(written.strip())
    except ValueError:
        raise UnitError(f"must be a date, a time and an offset from UTC, as in {example}, not '{written}'") from None
    if not 1970 <= when.year < 9000:
        raise UnitError(f"must be a date of this course, as in {example}, not '{written}'")
    if when.tzinfo is None:
        raise UnitError(f"has no offset from UTC; write it like {written.strip()}+01:00 (UTC itself is +00:00)")
    return when


def _quantity(written: object, what: str, example: str, per_unit: dict[str, float] | dict[str, int]) -> float:
    """Return ``written`` in the base unit. ``what`` and ``example`` are for the message."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        if "%" not in per_unit:  # whether 0.98 means 98% or 0.98% is for the author to say
            example = f"{written} {example.split()[1]}"
        raise UnitError(f"must be {what} with its unit, as in '{example}', not the bare number {written}")
    found = _QUANTITY.fullmatch(written.strip()) if isinstance(written, str) else None
    if found is None:
        raise UnitError(f"must be {what}, as in '{example}', not '{written}'")
    if found["unit"] not in per_unit:
        known = ", ".join(per_unit)
        if not found["unit"]:
            raise UnitError(f"must be {what} with its unit ({known}), as in '{example}', not '{written}'")
        raise UnitError(f"has the unit '{found['unit']}', which is not one of {known}; write it like '{example}'")
    return _number(found["number"], example) * per_unit[found["unit"]]


def _number(digits: str, example: str) -> float:
    try:
        number = float(digits)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UnitError(f"must start with a number, as in '{example}', not '{digits[:40]}'")
    return number
