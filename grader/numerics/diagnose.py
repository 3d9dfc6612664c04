"""What the numbers say: known ways to be wrong, recognised from the wrong numbers themselves.

A pattern is reported only where coincidence is ruled out: :data:`CHANCE` bounds the probability that arrays which have
nothing to do with each other show it. A number that holds at two hundred entries is evidence; one ratio is evidence
only if it is a number that the case explains, such as the number of examples, or the same as at another array.

Every id in :data:`PATTERN_IDS` names a page ``docs/diagnoses/<id>.md``.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

import msgspec
import numpy as np

from grader.numerics.compare import ShapeMatch, allowed, match_shapes
from grader.numerics.diagnosis_text import Group, explaining_sizes, is_simple, listed, sentence, simple_factors
from grader.numerics.finite_difference import UNCERTAINTIES, Slope

CHANCE = 1e-4
"""The largest probability that a pattern shows in unrelated numbers and is reported all the same."""
TELLING = 1e-3
"""An entry tells something if it is at least this fraction of the largest one."""
MOST_DIGITS = 6
FEWEST_DIGITS = 3.0
"""Digits that rounded numbers must have in common with the right ones, all entries taken together."""

PATTERN_IDS = (
    "float-overflow",
    "gradient-negated",
    "gradient-scaled",
    "gradient-swapped",
    "gradient-transposed",
    "gradient-zero",
    "not-finite",
    "shape-extra-axis",
    "sum-instead-of-mean",
    "values-rounded",
    "values-scaled",
    "values-shifted",
    "values-swapped",
    "values-transposed",
)


class Subject(StrEnum):
    """What the arrays are, which decides what a pattern in them means."""

    GRADIENTS = "gradients"
    VALUES = "values"


class Pattern(msgspec.Struct, frozen=True):
    """One thing the numbers say. ``names`` are the arrays it is said of; ``factor`` is claimed / right where the
    pattern is a constant ratio; ``text`` is whole sentences for the student."""

    id: str
    names: tuple[str, ...]
    factor: float | None
    text: str


class Pair(msgspec.Struct, frozen=True, eq=False):
    """A whole array as claimed, and what it is held against, possibly known at some entries only.

    ``shape`` is the shape asked for. ``positions`` (int64, one axis) are the C-order positions in that shape at which
    ``reference`` (float64, one axis) is known, give or take ``uncertainty`` (float64, one axis).
    """

    claimed: np.ndarray
    shape: tuple[int, ...]
    positions: np.ndarray
    reference: np.ndarray
    uncertainty: np.ndarray

    @classmethod
    def whole(cls, claimed: np.ndarray, reference: np.ndarray) -> "Pair":
        """Hold ``claimed`` against every entry of ``reference`` (real, finite). Raises ``ValueError`` otherwise."""
        if reference.dtype.kind not in "biuf" or not np.isfinite(reference).all():
            raise ValueError("the reference must hold real, finite numbers")
        known = reference.astype(np.float64).ravel()
        return cls(claimed, reference.shape, np.arange(known.size), known, np.zeros(known.size))

    @classmethod
    def sampled(cls, claimed: np.ndarray, shape: tuple[int, ...], slopes: Sequence[Slope]) -> "Pair":
        """Hold ``claimed`` against slopes of the loss at entries of an array of this shape; those without a value
        are left out."""
        usable = [slope for slope in slopes if np.isfinite(slope.value)]
        return cls(
            claimed,
            shape,
            np.array([np.ravel_multi_index(slope.index, shape) for slope in usable], dtype=np.int64),
            np.array([slope.value for slope in usable], dtype=np.float64),
            np.array([slope.uncertainty for slope in usable], dtype=np.float64),
        )


class _Claim(msgspec.Struct, frozen=True, eq=False):
    """A pair that is known to hold real numbers. ``values`` are all that is claimed (float64), ``tolerance`` what of
    them is rounding, as a fraction of the scale."""

    name: str
    values: np.ndarray
    pair: Pair
    tolerance: float

    @property
    def here(self) -> np.ndarray | None:
        """The claimed values where the reference is known, or ``None`` if the shape is another one."""
        return _at(self.values, self.pair)

    @property
    def reference_scale(self) -> float:
        return float(np.abs(self.pair.reference).max(initial=0.0))

    @property
    def slack(self) -> float:
        """How exactly a ratio to the reference is known, as a fraction."""
        return self.tolerance + float(np.median(_margins(self.pair))) / self.reference_scale


class _Sighting(msgspec.Struct, frozen=True):
    """A pattern in one array. One that is not ``sure`` by itself counts only beside a sure one of the same factor."""

    id: str
    name: str
    factor: float | None = None
    slack: float = 0.0
    detail: str = ""
    sure: bool = True


def diagnose(
    pairs: Mapping[str, Pair],
    *,
    subject: Subject,
    facts: Mapping[str, int],
    relative: float = 1e-6,
    print_factors: bool = True,
) -> tuple[Pattern, ...]:
    """Say what the wrong ones among these arrays show; nothing if they show nothing known.

    ``pairs`` are by name; those that agree to ``relative`` (a fraction of the scale, widened to the precision of the
    claimed array) are passed over, save for a wrong number of axes. ``facts`` are the sizes of the case by plural
    noun: ``{"examples": 32, "hidden units": 16}``; the number of examples, if given, is called ``examples``. With
    ``print_factors`` false the sentences name no factor, from which what is asked for could be computed.
    """
    sightings: list[_Sighting] = []
    wrong: list[_Claim] = []
    for name, pair in pairs.items():
        values = _as_real(pair.claimed)
        if values is None:
            continue
        if not np.isfinite(values).all():
            sightings.append(_not_finite(name, values, pair))
            continue
        claim = _Claim(name, values, pair, allowed(pair.claimed, relative))
        here = claim.here
        agrees = here is not None and _fits(here, pair, claim.tolerance)
        if match_shapes(values.shape, pair.shape) is ShapeMatch.SINGLETON:
            sightings.append(_extra_axis(claim, agrees=agrees))
        if not agrees and claim.reference_scale > 0:
            wrong.append(claim)

    swapped = _swapped(wrong, subject)
    sightings += swapped
    explained = {sighting.name for sighting in swapped}
    for claim in wrong:
        if claim.name not in explained:
            seen = [sighting for look in _LOOKS if (sighting := look(claim, subject, facts))]
            sightings += sorted(seen, key=lambda sighting: not sighting.sure)[:1]
    return tuple(
        Pattern(group.id, group.names, group.factor, sentence(group))
        for group in _groups(sightings, facts, printed=print_factors)
    )


# --- patterns of one array --------------------------------------------------------------------------------------------


def _not_finite(name: str, values: np.ndarray, pair: Pair) -> _Sighting:
    largest = float(np.finfo(pair.claimed.dtype).max)
    here = _at(values, pair)
    if here is not None and (np.isinf(here) & (np.abs(pair.reference) > largest)).any():
        detail = (
            f"{name} is infinite where the right number is larger than {largest:.3g}, "
            f"the largest that {pair.claimed.dtype} can hold."
        )
        return _Sighting("float-overflow", name, detail=detail)
    nan, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    if values.size == 1:
        return _Sighting("not-finite", name, detail=f"{name} is {'NaN' if nan else 'infinite'}.")
    first = ", ".join(str(int(i)) for i in np.unravel_index(int(np.argmin(np.isfinite(values))), values.shape))
    counts = listed([f"{count} {kind}" for count, kind in ((nan, "NaN"), (infinite, "infinite")) if count])
    detail = f"Of the {values.size} numbers in {name}, {counts}; the first is {name}[{first}]."
    return _Sighting("not-finite", name, detail=detail)


def _extra_axis(claim: _Claim, *, agrees: bool) -> _Sighting:
    claimed, asked = claim.values.shape, claim.pair.shape
    detail = f"{claim.name} has shape {claimed} where {asked} is asked for"
    detail += "; the numbers in it agree." if agrees else "."
    return _Sighting("shape-extra-axis", claim.name, detail=detail)


def _zero(claim: _Claim, subject: Subject, _: Mapping[str, int]) -> _Sighting | None:
    here = claim.here
    if subject is not Subject.GRADIENTS or here is None or here.any():
        return None
    shows = np.abs(claim.pair.reference) > 2 * _margins(claim.pair)
    return _Sighting("gradient-zero", claim.name) if shows.any() else None


def _transposed(claim: _Claim, subject: Subject, _: Mapping[str, int]) -> _Sighting | None:
    if claim.values.ndim < 2 or not _coincides(claim.values.T, claim.pair, claim.tolerance):
        return None
    return _Sighting("gradient-transposed" if subject is Subject.GRADIENTS else "values-transposed", claim.name)


def _scaled(claim: _Claim, subject: Subject, facts: Mapping[str, int]) -> _Sighting | None:
    here = claim.here
    if here is None or not here.any():
        return None
    certain = _margins(claim.pair) < 0.1 * claim.reference_scale
    if not certain.any():
        return None
    reference_scale, claimed_scale = claim.reference_scale, float(np.abs(here).max())
    reference, values = claim.pair.reference[certain] / reference_scale, here[certain] / claimed_scale
    if not reference.any():
        return None
    ratio = float(values @ reference) / float(reference @ reference)
    margins = abs(ratio) * _margins(claim.pair)[certain] / reference_scale
    if not (np.abs(values - ratio * reference) <= claim.tolerance + margins).all():
        return None
    with np.errstate(all="ignore"):
        factor = float(np.float64(ratio) * claimed_scale / reference_scale)
        if factor == 0 or not np.isfinite([factor, 1 / factor]).all() or abs(factor - 1) <= claim.slack:
            return None

    chance = (2 * claim.slack) ** (_telling(claim.pair) - 1)
    if is_simple(factor, claim.slack, facts) or abs(factor + 1) <= claim.slack:
        chance *= 2 * claim.slack * (len(simple_factors(facts)) + 1)
    if subject is Subject.GRADIENTS:
        pattern = "gradient-scaled" if factor > 0 else "gradient-negated"
    elif factor > 1 and explaining_sizes(factor, claim.slack, facts) == ("examples",):
        pattern = "sum-instead-of-mean"
    else:
        pattern = "values-scaled"
    return _Sighting(pattern, claim.name, factor, claim.slack, sure=chance < CHANCE)


def _shifted(claim: _Claim, subject: Subject, _: Mapping[str, int]) -> _Sighting | None:
    here = claim.here
    if subject is not Subject.VALUES or here is None:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        differences = (here - claim.pair.reference) / claim.reference_scale
        is_constant = bool(np.ptp(differences) <= 2 * claim.tolerance)
    if not is_constant or (2 * claim.slack) ** (_telling(claim.pair) - 1) >= CHANCE:
        return None
    detail = f"{claim.name} differs from what is asked for by one and the same amount, at every entry compared."
    return _Sighting("values-shifted", claim.name, detail=detail)


def _rounded(claim: _Claim, _: Subject, __: Mapping[str, int]) -> _Sighting | None:
    here = claim.here
    if here is None:
        return None
    magnitudes = np.floor(np.log10(np.maximum(np.abs(here), np.finfo(np.float64).tiny)))
    for count in range(MOST_DIGITS + 1):
        whole = "a whole number" if count == 0 else f"{count} decimal{'s' if count > 1 else ''}"
        for places, decimals in ((whole, np.zeros_like(here)), (f"{count} significant digits", -magnitudes - 1)):
            if _is_cut_after(decimals + count, claim, here):
                detail = f"{claim.name} agrees to {places} and has no digits after that: it was rounded or cut off."
                return _Sighting("values-rounded", claim.name, detail=detail)
    return None


def _is_cut_after(decimals: np.ndarray, claim: _Claim, here: np.ndarray) -> bool:
    """Whether ``here`` has no digits after as many decimals, and the reference has, and agrees up to there."""
    reference = claim.pair.reference
    with np.errstate(all="ignore"):
        unit = 10.0**-decimals
        stops = np.abs(here / unit - np.round(here / unit)) <= claim.tolerance
        goes_on = np.abs(reference / unit - np.round(reference / unit)) > claim.tolerance
        is_close = np.abs(here - reference) <= unit + _margins(claim.pair)
        digits = float(np.log10(np.maximum(np.abs(reference) / unit, 1.0)).sum())
    return bool(stops.all() and goes_on.any() and is_close.all()) and digits >= FEWEST_DIGITS


_LOOKS: tuple[Callable[[_Claim, Subject, Mapping[str, int]], _Sighting | None], ...] = (
    _zero,
    _transposed,
    _scaled,
    _shifted,
    _rounded,
)


# --- patterns across arrays -------------------------------------------------------------------------------------------


def _swapped(wrong: Sequence[_Claim], subject: Subject) -> list[_Sighting]:
    """Find pairs of arrays that each hold what belongs in the other."""
    pattern = "gradient-swapped" if subject is Subject.GRADIENTS else "values-swapped"
    found = []
    for number, one in enumerate(wrong):
        for other in wrong[number + 1 :]:
            if _coincides(one.values, other.pair, one.tolerance) and _coincides(
                other.values, one.pair, other.tolerance
            ):
                detail = f"{one.name} holds what belongs in {other.name}, and {other.name} what belongs in {one.name}."
                found += [_Sighting(pattern, one.name, detail=detail), _Sighting(pattern, other.name)]
    return found


def _groups(sightings: Sequence[_Sighting], facts: Mapping[str, int], *, printed: bool) -> list[Group]:
    """Put together what is said of several arrays at once: the same pattern with the same factor."""
    groups: list[list[_Sighting]] = []
    for sighting in sorted(sightings, key=lambda sighting: not sighting.sure):
        for group in groups:
            if group[0].id == sighting.id and _same_factor(group[0], sighting):
                group.append(sighting)
                break
        else:
            if sighting.sure:
                groups.append([sighting])
    order = {sighting.name: position for position, sighting in enumerate(sightings)}
    return [
        Group(
            id=group[0].id,
            names=tuple(sorted(dict.fromkeys(sighting.name for sighting in group), key=order.__getitem__)),
            factor=group[0].factor,
            slack=group[0].slack,
            details=tuple(sighting.detail for sighting in group if sighting.detail),
            facts=facts,
            printed=printed,
        )
        for group in groups
    ]


def _same_factor(one: _Sighting, other: _Sighting) -> bool:
    if one.factor is None or other.factor is None:
        return one.factor is other.factor
    return abs(one.factor - other.factor) <= (one.slack + other.slack) * abs(one.factor)


# --- what counts as the same numbers, and as evidence -----------------------------------------------------------------


def _as_real(values: np.ndarray) -> np.ndarray | None:
    """Return the values as float64, or ``None`` if they are not real numbers."""
    if values.dtype.kind == "c" and not values.imag.any():
        values = values.real
    return values.astype(np.float64) if values.dtype.kind in "biuf" else None


def _at(values: np.ndarray, pair: Pair) -> np.ndarray | None:
    """Return ``values`` where the reference is known, or ``None`` if they have another shape."""
    if match_shapes(values.shape, pair.shape) is ShapeMatch.DIFFERENT:
        return None
    known: np.ndarray = values.ravel()[pair.positions]
    return known


def _margins(pair: Pair) -> np.ndarray:
    margins: np.ndarray = UNCERTAINTIES * pair.uncertainty
    return margins


def _fits(values: np.ndarray, pair: Pair, tolerance: float) -> bool:
    scale = float(np.abs(pair.reference).max(initial=0.0))
    with np.errstate(over="ignore", under="ignore"):
        return bool((np.abs(values - pair.reference) <= tolerance * scale + _margins(pair)).all())


def _coincides(values: np.ndarray, pair: Pair, tolerance: float) -> bool:
    """Whether ``values`` are what ``pair`` asks for, and too exactly for chance."""
    here = _at(values, pair)
    scale = float(np.abs(pair.reference).max(initial=0.0))
    if here is None or scale == 0 or not _fits(here, pair, tolerance):
        return False
    slack = tolerance + float(np.median(_margins(pair))) / scale
    return bool((2 * slack) ** _telling(pair) < CHANCE)


def _telling(pair: Pair) -> int:
    """Return how many different numbers, large enough to tell something, the reference holds."""
    shares = pair.reference / np.abs(pair.reference).max()
    return int(np.unique(np.round(shares[np.abs(shares) >= TELLING], 2)).size)
