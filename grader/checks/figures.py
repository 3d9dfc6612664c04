"""``check: figures`` — are the plots asked for drawn, and do they show what they say?

The student's function is called with a case's data while everything it draws is recorded. What the plots must show is
written in terms of that data, so nothing is compared by eye or pixel.
"""

import importlib.util
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
import numpy as np

from grader.checks import figure_aspects as aspects
from grader.checks.base import CheckContext, as_names
from grader.checks.captions import fields_of
from grader.checks.drawn import Axes, Drawing, decode
from grader.checks.questions import Answer, judge_answers, worst
from grader.checks.student import Student
from grader.course.model import Criterion, FunctionSpec, Part
from grader.oracle.run import Inputs, OracleError
from grader.results import Curves, Evidence, Exhibit, Feedback, Judgement, Matrix, Pictures, Series, Verdict
from grader.submission.binding import Bound

MAX_PICTURES = 25
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=400)]
_Required: TypeAlias = Literal["required"]


class ErrorBarsWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Entries of the case: ``mean``, and ``deviation`` or several of which one is drawn."""

    mean: str
    deviation: str | tuple[str, ...]


class FiguresOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``call`` is one of the part's ``plots``. The other options are questions, each worth the same share of the
    points; names in ``images``, ``titles``, ``lines``, ``matrix`` and ``error_bars`` are entries of the case."""

    call: str
    figures: _Count | None = None
    axes: _Count | None = None
    images: str = ""
    titles: str = ""
    class_names: tuple[str, ...] = ()
    axis: Literal["off"] | None = None
    figure_title: _Required | None = None
    x_label: _Required | None = None
    y_label: _Required | None = None
    legend: _Required | None = None
    lines: str | tuple[str, ...] = ()
    matrix: str = ""
    error_bars: ErrorBarsWanted | None = None

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        known = [plot.name for plot in part.plots]
        if self.call not in known:
            yield "call", f"part '{part.id}' has no plot '{self.call}'; it has {', '.join(known) or 'none'}"
        if not _questions(self):
            yield "check", "nothing is asked about the figures; write for example 'figures: 1'"
        try:
            fields_of(self.titles)
        except ValueError:
            yield "titles", f"'{self.titles}' has braces that do not match; write 'GT:{{actual}}, P:{{predicted}}'"
        if self.class_names and not self.titles:
            yield "class_names", "it says what titles may hold, but there are no 'titles'"

    @property
    def entries(self) -> tuple[str, ...]:
        """The entries of a case that the questions are about."""
        names = [self.images, self.matrix, *as_names(self.lines)]
        if self.titles:
            names += fields_of(self.titles)
        if self.error_bars is not None:
            names += [self.error_bars.mean, *as_names(self.error_bars.deviation)]
        return tuple(dict.fromkeys(filter(None, names)))


class FiguresSeen(msgspec.Struct, frozen=True):
    """What one call drew from which data. ``given`` has groups such as a history flattened."""

    case: str
    drawing: Drawing
    given: Mapping[str, np.ndarray]


class AllFiguresSeen(msgspec.Struct, frozen=True):
    """Every case, and where the function is."""

    place: str
    cases: tuple[FiguresSeen, ...]


class Figures:
    """Judges the contents of figures, never their looks."""

    Options: ClassVar[type] = FiguresOptions

    def observe(self, context: CheckContext) -> AllFiguresSeen:
        """Call the student's function on every case and record what it draws."""
        if importlib.util.find_spec("matplotlib") is None:
            raise OracleError("matplotlib is not installed beside the grader; install grader[torch] or grader[keras]")
        options: FiguresOptions = context.criterion.options
        plot = context.part.plot(options.call)
        bound = context.student.place_of(context.student.binding.plots[plot.name])
        cases: list[tuple[str, Inputs]] = [(case.label, case.inputs) for case in context.cases]
        if not cases and not plot.accepts:
            cases = [("", {})]
        if not cases:
            raise OracleError(f"{plot.name} accepts {', '.join(plot.accepts)}, but the criterion has no cases")
        seen = []
        for label, inputs in cases:
            given = flat(inputs)
            if missing := [name for name in options.entries if name not in given]:
                raise OracleError(f"{label} has no entry {', '.join(missing)}")
            seen.append(FiguresSeen(label, _record(context.student, bound, plot, inputs), given))
        return AllFiguresSeen(bound.place, tuple(seen))

    def judge(self, seen: AllFiguresSeen, criterion: Criterion) -> Judgement:
        """Give each question its share if every case answers it with yes."""
        options: FiguresOptions = criterion.options
        first = seen.cases[0]
        if any(not case.drawing.figures for case in seen.cases):
            feedback = Feedback("The function drew nothing.", facts=(f"Called: {seen.place}.",))
            return Judgement(Verdict.FAIL, 0.0, Evidence.OBSERVED, feedback)
        return judge_answers(
            {name: worst(ask(case) for case in seen.cases) for name, ask in _questions(options).items()},
            praise="The plots show what they should.",
            evidence=Evidence.OBSERVED,
            source=f"Drawn by {seen.place}.",
            seen_on=first.case,
            exhibits=_exhibits(first.drawing, options),
        )


def _record(student: Student, bound: Bound, plot: FunctionSpec, inputs: Inputs) -> Drawing:
    worker = student.worker_with(bound)
    arguments = tuple(
        dict(value) if isinstance(value, Mapping) else value for value in (inputs[name] for name in plot.accepts)
    )
    answer = student.operate(
        worker,
        "record_figures",
        {"path": bound.path, "name": bound.name, "arguments": arguments},
        doing=f"{bound.name} drew",
        raised=f"{bound.name} raised",
    )
    try:
        return decode(answer)
    except ValueError as error:
        raise student.rejected(worker, f"its figures are described as no figures are: {error}") from None


def flat(inputs: Inputs) -> dict[str, np.ndarray]:
    """Return the entries of a case by name, those of its groups beside the others."""
    found: dict[str, np.ndarray] = {}
    for name, value in inputs.items():
        for key, entry in value.items() if isinstance(value, Mapping) else [(name, value)]:
            found[key] = np.asarray(entry)
    return found


_Ask: TypeAlias = Callable[[FiguresSeen], Answer]


def _questions(options: FiguresOptions) -> dict[str, _Ask]:
    """Return what is asked, by the words of the rubric."""
    asked: dict[str, _Ask] = {}
    if (figures := options.figures) is not None:
        asked["figures"] = lambda seen: aspects.number_of_figures(seen.drawing, figures)
    if (axes := options.axes) is not None:
        asked["plots"] = lambda seen: aspects.number_of_axes(seen.drawing, axes)
    if options.images:
        asked["pictures"] = lambda seen: aspects.pictures(seen.drawing, seen.given[options.images])
    if options.titles:
        asked["titles"] = lambda seen: _captions(seen, options)
    if options.axis is not None:
        asked["no axes"] = lambda seen: aspects.axes_off(seen.drawing)
    if options.figure_title is not None:
        asked["title of the figure"] = lambda seen: aspects.titles_of_figures(seen.drawing)
    if options.x_label is not None:
        asked["x label"] = lambda seen: aspects.labels(seen.drawing, "x")
    if options.y_label is not None:
        asked["y label"] = lambda seen: aspects.labels(seen.drawing, "y")
    if options.legend is not None:
        asked["legend"] = lambda seen: aspects.legends(seen.drawing)
    if names := as_names(options.lines):
        asked["lines"] = lambda seen: aspects.series(seen.drawing, {name: seen.given[name] for name in names})
    if options.matrix:
        asked["matrix"] = lambda seen: aspects.matrix(seen.drawing, seen.given[options.matrix])
    if (bars := options.error_bars) is not None:
        asked["error bars"] = lambda seen: aspects.error_bars(
            seen.drawing, seen.given[bars.mean], [seen.given[name] for name in as_names(bars.deviation)]
        )
    return asked


def _captions(seen: FiguresSeen, options: FiguresOptions) -> Answer:
    given = {name: seen.given[name] for name in fields_of(options.titles)}
    return aspects.captions(seen.drawing, options.titles, given, options.class_names)


def _exhibits(drawing: Drawing, options: FiguresOptions) -> tuple[Exhibit, ...]:
    """Return what the student drew, once more, for pages."""
    found: list[Exhibit] = []
    axes = aspects.filled_axes(drawing)
    if options.images:
        grey = [image.grey for one in axes for image in one.images[:1]][:MAX_PICTURES]
        shapes = {image.shape for image in grey}
        if grey and len(shapes) == 1 and all(np.isfinite(image).all() for image in grey):
            found.append(Pictures("Pictures as drawn", tuple(tuple(map(tuple, image.tolist())) for image in grey)))
    if options.matrix:
        for cells in (image.grey for one in axes for image in one.images[:1]):
            if np.isfinite(cells).all() and (cells == np.round(cells)).all() and max(cells.shape) <= MAX_PICTURES:
                labels = tuple(map(str, range(cells.shape[0])))
                values = tuple(tuple(map(int, row)) for row in cells)
                found.append(Matrix("The matrix as drawn", axes[0].y_label, axes[0].x_label, labels, values))
                break
    if options.lines:
        found += [_curves(f"Plot {number}", one) for number, one in enumerate(axes, 1) if one.lines]
    return tuple(found)


def _curves(title: str, axes: Axes) -> Curves:
    lines = tuple(Series(line.label or "line", _plain(line.y)) for line in axes.lines)
    return Curves(axes.title or title, axes.x_label or "x", axes.y_label or "y", lines)


def _plain(values: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)
