"""Whether two arrays hold the same numbers, relative to their scale and to the precision they were computed in.

An entry-by-entry relative error would fail correct work wherever terms cancel, so errors are measured against the
largest entry of the expected array. Three numbers make the tolerance:

* ``relative``, what the rubric asks for;
* the rounding that correct work in the student's own precision may show. Rounding errors of a sum of ``n`` terms grow
  like ``sqrt(n)`` machine epsilons in practice (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed.,
  section 2.8); :data:`ROUNDING_EPSILONS` allows sums of 1024 terms, sixteen times over for conditioning. That is
  1.1e-13 in double precision, below any sensible rubric, and 6.1e-05 in single precision. Half precision would need
  50 %, at which nothing can be told apart: it is held to :data:`WIDEST_BOUND`, and correct work in it may fail;
* the rounding that is left where the expected array vanishes because numbers around ``floor`` cancelled.
"""

from enum import StrEnum
from math import isfinite

import msgspec
import numpy as np

DOUBLE_EPSILON = float(np.finfo(np.float64).eps)
SINGLE_EPSILON = float(np.finfo(np.float32).eps)
HALF_EPSILON = float(np.finfo(np.float16).eps)
LARGEST_SINGLE = float(np.finfo(np.float32).max)
TINIEST = float(np.finfo(np.float64).tiny)

ROUNDING_EPSILONS = 16 * 32.0
"""Machine epsilons, relative to the scale of the array, by which correct work may differ: 16 × sqrt(1024)."""

CANCELLATION_EPSILONS = 8.0
"""Machine epsilons, relative to ``floor``, that may be left where everything cancels."""

WIDEST_BOUND = 0.01
"""No precision widens a tolerance beyond this: a mean over 100 examples must differ from one over 99."""


class ShapeMatch(StrEnum):
    """How the shape of an array fits the shape asked for."""

    EXACT = "exact"
    SINGLETON = "singleton"
    """The same once axes of length 1 are dropped, such as ``(3, 1)`` for ``(3,)``: the order of entries is the same."""
    DIFFERENT = "different"


class Comparison(msgspec.Struct, frozen=True):
    """What :func:`compare` saw.

    ``worst`` is the largest error divided by the scale; infinite when the arrays cannot be compared (another shape,
    or a number that is not finite). ``where`` indexes the *actual* array at that error, or at its first number that
    is not finite; it is ``()`` for a scalar and where there is no entry to point at. ``bound`` is the largest
    ``worst`` that still agrees. ``transposed`` says that the arrays disagree but the transpose of the actual one
    agrees. ``notes`` are whole sentences for the reader of a report; no number of the expected array is in them.
    """

    agrees: bool
    worst: float
    where: tuple[int, ...]
    bound: float
    shape: ShapeMatch
    finite: bool
    transposed: bool = False
    notes: tuple[str, ...] = ()


def compare(actual: np.ndarray, expected: np.ndarray, *, relative: float, floor: float = 1.0) -> Comparison:
    """Compare an array with the one expected.

    ``actual`` and ``expected`` are boolean, integer, floating or complex, of any shape. Values are compared as double
    precision, so integers beyond 2**53 are told apart only as far as that goes. ``relative`` is the largest error
    allowed, as a fraction of the largest ``|expected|``; it is widened to what ``actual``'s precision can hold.
    ``floor`` is the size of the numbers that the calculation works with. Where ``expected`` vanishes, errors of a few
    machine epsilons of ``floor`` are rounding, not mistakes.

    Arrays of different shape never agree; those that differ only by axes of length 1 are compared entry by entry, and
    the result says so. Raises ``ValueError`` if ``expected`` holds NaN or infinity, or ``relative`` is negative or
    not finite, or ``floor`` is not positive and finite; ``TypeError`` if either array does not hold numbers.
    """
    _require_numbers(actual, "actual")
    _require_numbers(expected, "expected")
    if not (isfinite(floor) and floor > 0):
        raise ValueError(f"floor must be positive and finite, got {floor}")

    epsilon = machine_epsilon(actual)
    bound = _allowed(epsilon, relative)
    smallest_scale = CANCELLATION_EPSILONS * epsilon * floor / bound
    shape = match_shapes(actual.shape, expected.shape)
    if shape is not ShapeMatch.DIFFERENT and actual.size:
        errors = _relative_errors(actual.reshape(expected.shape), expected, smallest_scale)
        flat = int(errors.argmax())
        worst = float(errors.flat[flat])
        # finite only if both arrays are, everywhere: whatever is not would be in the largest error
        if worst <= bound:
            notes = _notes(actual, expected, shape, widened=bound > relative)
            return Comparison(True, worst, _index(flat, actual.shape), bound, shape, finite=True, notes=notes)
    return _difference(actual, expected, shape, relative, bound, smallest_scale)


def _difference(
    actual: np.ndarray,
    expected: np.ndarray,
    shape: ShapeMatch,
    relative: float,
    bound: float,
    smallest_scale: float,
) -> Comparison:
    """Say how two arrays differ. Two without entries agree all the same."""
    if not np.isfinite(expected).all():
        raise ValueError("the expected array holds a number that is not finite: nothing can be compared with it")
    notes = _notes(actual, expected, shape, widened=bound > relative)
    finite_entries = np.isfinite(actual)
    if not finite_entries.all():
        first = _index(int(np.argmin(finite_entries)), actual.shape)
        return Comparison(False, float("inf"), first, bound, shape, finite=False, notes=notes)
    transposed = _transpose_agrees(actual, expected, smallest_scale, bound)
    if shape is ShapeMatch.DIFFERENT:
        return Comparison(False, float("inf"), (), bound, shape, finite=True, transposed=transposed, notes=notes)
    if actual.size == 0:
        return Comparison(True, 0.0, (), bound, shape, finite=True, notes=notes)
    errors = _relative_errors(actual.reshape(expected.shape), expected, smallest_scale)
    flat = int(errors.argmax())
    worst = float(errors.flat[flat])
    return Comparison(False, worst, _index(flat, actual.shape), bound, shape, True, transposed, notes)


def match_shapes(actual: tuple[int, ...], expected: tuple[int, ...]) -> ShapeMatch:
    """Say how the shape ``actual`` fits the shape ``expected``."""
    if actual == expected:
        return ShapeMatch.EXACT
    if _without_singletons(actual) == _without_singletons(expected):
        return ShapeMatch.SINGLETON
    return ShapeMatch.DIFFERENT


def allowed(actual: np.ndarray, relative: float) -> float:
    """Return the error that ``actual`` may show, as a fraction of the scale of what is expected.

    This is ``relative``, widened to what correct work in the precision of ``actual`` can hold. Raises ``ValueError``
    if ``relative`` is negative or not finite.
    """
    return _allowed(machine_epsilon(actual), relative)


def _allowed(epsilon: float, relative: float) -> float:
    if not (isfinite(relative) and relative >= 0):
        raise ValueError(f"the relative tolerance must be finite and not negative, got {relative}")
    return max(relative, min(ROUNDING_EPSILONS * epsilon, WIDEST_BOUND))


def machine_epsilon(values: np.ndarray) -> float:
    """Return the spacing of numbers around 1 in the precision that ``values`` show.

    Whole numbers and booleans count as double precision. So do doubles, unless every one of them is exactly a single
    and they are not all short enough to be halves: then they were computed in single precision and converted
    afterwards, as ``float(np.float32(...))`` does. Of other doubles about one in 2**29 looks so.
    """
    if values.dtype.kind not in "fc":
        return DOUBLE_EPSILON
    if values.dtype.kind == "f" and values.dtype.itemsize <= 4:
        return float(np.finfo(values.dtype).eps)
    if values.dtype == np.complex64:
        return SINGLE_EPSILON
    parts = values if values.dtype.kind == "f" else np.stack([values.real, values.imag])
    # one entry that is no single decides, and nearly always the first does
    first = float(parts.flat[0]) if parts.size else 0.0
    if abs(first) <= LARGEST_SINGLE and float(np.float32(first)) != first:
        return DOUBLE_EPSILON
    if not _are_all(np.float32, parts):
        return DOUBLE_EPSILON
    return DOUBLE_EPSILON if _are_all(np.float16, parts) else SINGLE_EPSILON


def _are_all(precision: type[np.floating], values: np.ndarray) -> bool:
    with np.errstate(all="ignore"):
        return bool((values.astype(precision) == values).all())


def _require_numbers(values: np.ndarray, role: str) -> None:
    if values.dtype.kind not in "biufc":
        raise TypeError(f"the {role} array must hold numbers, got dtype {values.dtype}")


def _relative_errors(actual: np.ndarray, expected: np.ndarray, smallest_scale: float) -> np.ndarray:
    """Return ``|actual - expected| / scale`` for arrays of the same shape: a NaN, or infinite, at least where one of
    them is not finite."""
    left, right = _as_double(actual), _as_double(expected)
    are_real = left.dtype.kind == right.dtype.kind == "f"
    largest = float(np.abs(right).max()) if are_real else max(abs(right.real).max(), abs(right.imag).max())
    scale = max(largest, smallest_scale, TINIEST)
    # Dividing before subtracting keeps differences of numbers near the largest double finite.
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        if are_real:
            differences = left / scale
            differences -= right / scale
            return np.asarray(np.abs(differences))
        errors: np.ndarray = np.hypot(
            left.real / scale - right.real / scale,
            left.imag / scale - right.imag / scale,
        )
    return errors


def _transpose_agrees(actual: np.ndarray, expected: np.ndarray, smallest_scale: float, bound: float) -> bool:
    if actual.ndim < 2 or actual.size == 0 or actual.T.shape != expected.shape:
        return False
    return float(_relative_errors(actual.T, expected, smallest_scale).max()) <= bound


def _as_double(values: np.ndarray) -> np.ndarray:
    return values.astype(np.complex128 if values.dtype.kind == "c" else np.float64, copy=False)


def _without_singletons(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _index(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(flat, shape))


def _notes(actual: np.ndarray, expected: np.ndarray, shape: ShapeMatch, *, widened: bool) -> tuple[str, ...]:
    notes = []
    if shape is ShapeMatch.SINGLETON:
        notes.append(
            f"The shape is {actual.shape} where {expected.shape} is asked for; "
            "that is only a matter of axes of length 1, so the entries were compared in order."
        )
    elif shape is ShapeMatch.DIFFERENT:
        notes.append(f"The shape is {actual.shape} where {expected.shape} is asked for.")
    elif actual.size == 0:
        notes.append("There are no entries to compare.")
    if actual.dtype.kind == "c" and expected.dtype.kind != "c" and not actual.imag.any():
        notes.append("The numbers are complex; every imaginary part is 0.")
    if widened and machine_epsilon(actual) >= HALF_EPSILON:
        notes.append("These are half-precision numbers, which hold about three digits.")
    elif widened and machine_epsilon(actual) >= SINGLE_EPSILON:
        notes.append("These are single-precision numbers, so the tolerance is that of single precision.")
    return tuple(notes)
