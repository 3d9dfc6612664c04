"""The report of one submission as a page, and the page of a class. Pure: text in, text out.

A page shows what the report holds. What goes to a student is cut first by :func:`grader.report.view.for_student`.
"""

import base64
import itertools
from collections.abc import Sequence

import msgspec
from markupsafe import Markup

from grader.pages.charts.shares import share_bar
from grader.pages.environment import render
from grader.pages.figures import Figure, figure_of
from grader.pages.scale import written
from grader.report import recordings, view
from grader.report.plain import how_to_repeat, override_lines
from grader.report.terminal import MARKS
from grader.results import (
    CellPictures,
    CriterionResult,
    Finding,
    GradeReport,
    Location,
    Measurement,
    Severity,
    StoredPicture,
    Table,
    Verdict,
    Visibility,
)

TONES = {"✓": "good", "◐": "part", "✗": "bad", "–": "none", "?": "wait"}
"""The style sheet's class for each mark of :data:`grader.report.terminal.MARKS`."""

_NO_EVIDENCE = (Verdict.BLOCKED, Verdict.GRADER_FAULT)


class _Finding(msgspec.Struct, frozen=True):
    number: int
    title: str
    tone: str
    line: str
    quote: str
    text: str
    settles: str
    costs_points: bool
    criterion: "_Link | None"


class _Link(msgspec.Struct, frozen=True):
    number: int
    title: str


class _Picture(msgspec.Struct, frozen=True):
    """A picture that a notebook stores: the PNG that was written for it, as a link that holds it whole."""

    title: str
    link: Markup
    width_px: int
    height_px: int


class _Place(msgspec.Struct, frozen=True):
    """What is said about one place. ``beside``: whether the pictures stand beside the findings, not below them."""

    title: str
    findings: tuple[_Finding, ...]
    pictures: tuple[_Picture, ...] = ()
    remark: str = ""
    beside: bool = False


class _Row(msgspec.Struct, frozen=True):
    number: int
    result: CriterionResult
    mark: str
    tone: str
    points: str
    evidence: str
    visibility: str
    is_open: bool
    override: tuple[str, ...]
    as_for: str
    figures: tuple[Figure, ...]
    measurements: Table | None
    repeat: tuple[tuple[str, str], ...]
    findings: tuple[_Finding, ...]


class _Part(msgspec.Struct, frozen=True):
    title: str
    points: str
    pending: str
    bar: Markup
    rows: tuple[_Row, ...]


def to_html(report: GradeReport) -> str:
    """Return the page of one report: HTML that opens from a file, without scripts, fonts or anything from elsewhere."""
    numbers = {result.criterion_id: number for number, result in enumerate(report.results, 1)}
    places = _places(report, numbers)
    score = report.score
    return render(
        "report.html",
        report=report,
        total=f"{view.shown_points(score.total)} of {view.counted_points(score.possible)}",
        pending=view.shown_points(score.pending) if score.pending else "",
        remarks=_remarks(report),
        parts=[_part(part, numbers, places) for part in view.parts_of(report)],
        places=places,
        has_pictures=any(place.pictures for place in places),
        findings=f"Findings: {len(report.findings)}" if report.findings else "",
        recordings=[recordings.shown(recording, report) for recording in report.recordings],
        provenance=_provenance(report),
    )


def _remarks(report: GradeReport) -> list[str]:
    score = report.score
    remarks = []
    if score.late_penalty:
        less = view.shown_points(score.late_penalty)
        remarks.append(f"{view.counted_points(score.awarded)} for the criteria, {less} less because it was late.")
    if score.pending:
        remarks.append("Pending points wait for a person; nothing is lost until then.")
    if score.not_shown:
        remarks.append(f"{view.counted_points(score.not_shown)} belong to criteria that are not shown here.")
    return remarks


def _part(part: view.PartView, numbers: dict[str, int], places: Sequence[_Place]) -> _Part:
    repeated = view.repeats(part.results)
    findings = [finding for place in places for finding in place.findings]
    rows = []
    for result in part.results:
        number = numbers[result.criterion_id]
        has_all = view.is_full_marks(result)
        as_for = "" if has_all else repeated.get(result.criterion_id, "")
        mark = MARKS[result.verdict]
        rows.append(
            _Row(
                number=number,
                result=result,
                mark=mark,
                tone=TONES[mark],
                points=f"{_awarded(result)} of {view.shown_points(result.possible)}",
                evidence="" if result.verdict in _NO_EVIDENCE else result.evidence.lower(),
                visibility="" if result.visibility is Visibility.VISIBLE else result.visibility,
                is_open=not has_all and not as_for,
                override=override_lines(result),
                as_for=as_for,
                figures=() if as_for else tuple(map(figure_of, result.exhibits)),
                measurements=_measured(result.measurements),
                repeat=tuple(how_to_repeat(result.feedback, result.seed)),
                findings=tuple(f for f in findings if f.criterion is not None and f.criterion.number == number),
            )
        )
    return _Part(
        title=part.info.title,
        points=f"{view.shown_points(part.awarded)} of {view.shown_points(part.possible)}",
        pending=view.shown_points(part.pending) if part.pending else "",
        bar=share_bar(part.awarded, part.pending, part.possible),
        rows=tuple(rows),
    )


def _awarded(result: CriterionResult) -> str:
    return "?" if result.verdict.is_pending else view.shown_points(result.awarded)


def _measured(measurements: Sequence[Measurement]) -> Table | None:
    if not measurements:
        return None
    rows = tuple((m.name, _value(m.value, m.unit), _number(m.bound), _number(m.tolerance)) for m in measurements)
    columns = ("what", "value", "bound", "tolerance")
    used = [i for i in range(len(columns)) if i < 2 or any(row[i] != "–" for row in rows)]
    names = tuple(columns[i] for i in used)
    return Table(names, tuple(tuple(row[i] for i in used) for row in rows), names[1:])


def _value(value: float | None, unit: str) -> str:
    return "not finite" if value is None else f"{written(value)} {unit}".strip()


def _number(value: float | None) -> str:
    return "–" if value is None else written(value)


# --- findings, by the place that they are about -----------------------------------------------------------------------


def _places(report: GradeReport, numbers: dict[str, int]) -> tuple[_Place, ...]:
    """Return the findings in the order of the files and, within a file, from top to bottom."""
    titles = {result.criterion_id: result.title for result in report.results}
    ordered = sorted(report.findings, key=lambda finding: _order(finding.where))
    made: list[_Place] = []
    count = itertools.count(1)
    shown: set[Location] = set()
    for place, group in itertools.groupby(ordered, key=lambda finding: _cell_of(finding.where)):
        findings = tuple(_finding(finding, next(count), titles, numbers) for finding in group)
        title = "The submission as a whole" if place is None else str(place)
        stored = _stored_for(report, place)
        if stored is None:
            made.append(_Place(title, findings))
        elif stored.where in shown:
            made.append(_Place(title, findings, remark=_seen_above(stored)))
        else:
            shown.add(stored.where)
            pictures = tuple(_picture(stored, picture) for picture in stored.pictures if picture.png)
            made.append(_Place(title, findings, pictures, stored.left_out, _fit_beside(pictures)))
    return tuple(made)


def _order(where: Location | None) -> tuple[str, int, int]:
    """A place in the order of reading; what has no place comes last, since no file's name is so large."""
    if where is None:
        return chr(0x10FFFF), 0, 0
    return where.path, where.cell or 0, where.line or 0


def _cell_of(where: Location | None) -> Location | None:
    return None if where is None else Location(where.path, cell=where.cell)


def _finding(finding: Finding, number: int, titles: dict[str, str], numbers: dict[str, int]) -> _Finding:
    line = finding.where.line if finding.where is not None else None
    known = finding.criterion_id in numbers
    return _Finding(
        number=number,
        title=f"{finding.severity}: {finding.kind}",
        tone="part" if finding.severity is Severity.WARNING else "",
        line="" if line is None else f"line {line}",
        quote=finding.quote,
        text=finding.text,
        settles=finding.settles,
        costs_points=finding.costs_points,
        criterion=_Link(numbers[finding.criterion_id], titles[finding.criterion_id]) if known else None,
    )


# --- pictures that notebooks store ------------------------------------------------------------------------------------


def _stored_for(report: GradeReport, place: Location | None) -> CellPictures | None:
    if place is None:
        return None
    every = (stored for stored in report.pictures if stored.where.path == place.path and place.cell in stored.beside)
    return next(every, None)


def _picture(stored: CellPictures, picture: StoredPicture) -> _Picture:
    which = "Picture" if len(stored.pictures) == 1 else f"Picture {picture.number}"
    return _Picture(
        title=f"{which} stored in cell {stored.where.cell}, {picture.width_px} × {picture.height_px} pixels",
        link=Markup("data:image/png;base64,") + base64.b64encode(picture.png).decode(),
        width_px=picture.width_px,
        height_px=picture.height_px,
    )


def _fit_beside(pictures: Sequence[_Picture]) -> bool:
    """Whether pictures can be looked at in half the width of a page, and leave no long gap beside a short finding."""
    return 0 < len(pictures) <= 2 and all(picture.width_px <= 2 * picture.height_px for picture in pictures)


def _seen_above(stored: CellPictures) -> str:
    return f"The pictures that cell {stored.where.cell} stores are above." if stored.pictures else ""


# --- how it was graded ------------------------------------------------------------------------------------------------


def _provenance(report: GradeReport) -> list[tuple[str, str]]:
    provenance = report.provenance
    walls = ", ".join(provenance.walls)
    seed = "one for each criterion" if provenance.seed is None else str(provenance.seed)
    pairs = [
        ("Isolation", f"{provenance.isolation} ({walls})" if walls else provenance.isolation),
        ("Note", provenance.isolation_note if provenance.isolation_note != provenance.isolation else ""),
        ("Seed", f"{seed} ({provenance.seed_source})" if provenance.seed_source else seed),
        ("Graded", f"{provenance.started_at}, in {view.shown_seconds(report.duration_s)}"),
        ("With", ", ".join(f"{name} {version}" for name, version in sorted(provenance.versions.items()))),
    ]
    return [(label, text) for label, text in pairs if text]
