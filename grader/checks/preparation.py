"""``check: preparation`` — is the data split, shaped, scaled and labelled as the handout asks?

The student's function gets a few hundred real images, and the trusted side recognizes them in what comes back: any
split of the right sizes is right, and so is any way of scaling unless the rubric asks for a certain range.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.words import count_of, describe, sentence, shape_text
from grader.course.model import Criterion, Part
from grader.course.units import Percentage
from grader.numerics.diagnosis_text import listed
from grader.numerics.prepared import classes_of, match
from grader.results import Evidence, Feedback, Judgement, Verdict
from grader.sandbox import wire

Aspect = Literal["split", "shapes", "scaling", "labels"]
LARGEST_SCALED = 20.0
"""Standardized pixels stay below this; raw ones reach 255."""


class ExampleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One set that the function returns: the names of its images and labels, the case's entries that they come from,
    and which share of these it takes."""

    images: str
    labels: str
    source: tuple[str, str] = ("train_images", "train_labels")
    share: Percentage | None = None


class PreparationOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``aspect`` is what this criterion looks at. ``image_shape`` and ``label_shape`` are those of one example.
    ``range`` asks for pixels within these bounds; without it any scaling counts."""

    aspect: Aspect
    sets: dict[str, ExampleSet]
    image_shape: tuple[int, ...]
    label_shape: tuple[int, ...] = ()
    range: tuple[float, float] | None = None

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        returned = {name for function in part.functions for name in function.returns}
        for title, one in self.sets.items():
            for name in (one.images, one.labels):
                if name not in returned:
                    yield "sets", f"'{name}' of '{title}' is not returned by any function of part '{part.id}'"
        if not self.sets:
            yield "sets", "names no set"


class PreparationSeen(msgspec.Struct, frozen=True):
    """What one case showed: the images and labels that were given, and what came back, by name."""

    given: dict[str, np.ndarray]
    returned: dict[str, wire.Payload]
    case: str


class Preparation:
    """Recognizes the given images in the returned sets."""

    Options: ClassVar[type] = PreparationOptions

    def observe(self, context: CheckContext) -> tuple[PreparationSeen, ...]:
        """Call the student's function on every case."""
        options: PreparationOptions = context.criterion.options
        function = context.part.function_returning(next(iter(options.sets.values())).images)
        returned = context.student.outputs(function, [case.inputs for case in context.cases])
        return tuple(
            PreparationSeen({n: v for n, v in case.inputs.items() if isinstance(v, np.ndarray)}, outputs, case.label)
            for case, outputs in zip(context.cases, returned, strict=True)
        )

    def judge(self, seen: tuple[PreparationSeen, ...], criterion: Criterion) -> Judgement:
        """Pass if the aspect is right in every case."""
        options: PreparationOptions = criterion.options
        for case in seen:
            problems, unusable = _problems(case, options)
            if problems:
                feedback = Feedback(sentence(problems[0]), tuple(map(sentence, problems[1:])), seen_on=case.case)
                return Judgement(Verdict.MISSING if unusable else Verdict.FAIL, 0.0, Evidence.VERIFIED, feedback)
        right = {
            "split": "The examples are split as the handout asks, none of them is in two sets.",
            "shapes": "Images and labels have the shapes of the handout.",
            "scaling": "The images are scaled, and otherwise those that were given.",
            "labels": "Every image has the label that belongs to it.",
        }[options.aspect]
        return Judgement(Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback(right))


def _problems(case: PreparationSeen, options: PreparationOptions) -> tuple[list[str], bool]:
    """Return what is wrong, as clauses, and whether nothing could be looked at."""
    names = [name for one in options.sets.values() for name in (one.images, one.labels)]
    odd = [name for name in names if not _is_numbers(case.returned.get(name))]
    if odd:
        return [f"{name} is {describe(case.returned.get(name))}, not an array of numbers" for name in odd], True
    arrays: dict[str, Any] = {name: np.asarray(case.returned[name]) for name in names}
    look = {"split": _split, "shapes": _shapes, "scaling": _scaling, "labels": _labels}[options.aspect]
    return look(case.given, arrays, options), False


def _is_numbers(value: wire.Payload) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.ndim > 0


def _split(given: dict[str, np.ndarray], arrays: dict[str, Any], options: PreparationOptions) -> list[str]:
    problems = []
    taken: dict[tuple[str, str], list[np.ndarray]] = {}
    for one in options.sets.values():
        images, rows = given[one.source[0]], arrays[one.images]
        wanted = len(images) if one.share is None else round(float(one.share) * len(images))
        if abs(len(rows) - wanted) > (one.share is not None):
            problems.append(f"{one.images} has {len(rows):,} of {len(images):,} examples")
        matched = match(rows, images)
        if matched.unknown:
            problems.append(f"{matched.unknown:,} of the {len(rows):,} examples in {one.images} are none of the images")
        if matched.repeated:
            problems.append(f"{matched.repeated:,} examples are in {one.images} more than once")
        taken.setdefault(one.source, []).append(matched.indices[matched.indices >= 0])
    for indices in taken.values():
        apart = sum(len(np.unique(each)) for each in indices)
        shared = apart - len(np.unique(np.concatenate(indices)))
        if shared:
            problems.append(f"{count_of(shared, 'example')} stand in two sets, which should have none in common")
    return problems


def _shapes(_given: dict[str, np.ndarray], arrays: dict[str, Any], options: PreparationOptions) -> list[str]:
    problems = []
    for one in options.sets.values():
        for name, wanted in ((one.images, options.image_shape), (one.labels, options.label_shape)):
            own = arrays[name].shape
            if own[1:] != wanted and not (wanted == () and own[1:] == (1,)):
                problems.append(f"{name} has the shape {shape_text(own)}, which is not the one the handout asks for")
        if len(arrays[one.images]) != len(arrays[one.labels]):
            counts = f"{len(arrays[one.images]):,} and {len(arrays[one.labels]):,}"
            problems.append(f"{one.images} and {one.labels} have {counts} entries, and need as many as each other")
    return problems


def _scaling(given: dict[str, np.ndarray], arrays: dict[str, Any], options: PreparationOptions) -> list[str]:
    problems = []
    for one in options.sets.values():
        values = arrays[one.images]
        low, high = float(values.min(initial=0)), float(values.max(initial=0))
        if match(values, given[one.source[0]]).unknown > len(values) // 10:
            problems.append(f"what is in {one.images} is no longer the images, only scaled")
        elif options.range is not None and (low < options.range[0] or high > options.range[1] or high <= low):
            problems.append(f"the values of {one.images} go from {low:g} to {high:g}")
        elif options.range is None and not (np.isfinite(values).all() and max(-low, high) <= LARGEST_SCALED):
            problems.append(f"the values of {one.images} go from {low:g} to {high:g}, so they are not scaled")
    kinds = {arrays[one.images].dtype.kind for one in options.sets.values()}
    if not problems and kinds != {"f"}:
        problems.append(f"the images are {listed(sorted(str(arrays[s.images].dtype) for s in options.sets.values()))}")
    return problems


def _labels(given: dict[str, np.ndarray], arrays: dict[str, Any], options: PreparationOptions) -> list[str]:
    problems = []
    for one in options.sets.values():
        classes = classes_of(arrays[one.labels])
        if classes is None:
            problems.append(f"{one.labels} holds neither class numbers nor rows with a single 1")
            continue
        indices = match(arrays[one.images], given[one.source[0]]).indices
        if len(indices) != len(classes):
            problems.append(f"{one.images} and {one.labels} do not have as many entries as each other")
            continue
        known = indices >= 0
        wrong = int((given[one.source[1]][indices[known]] != classes[known]).sum())
        if wrong or not known.any():
            problems.append(f"{wrong:,} of {int(known.sum()):,} images in {one.images} have the label of another")
    return problems
