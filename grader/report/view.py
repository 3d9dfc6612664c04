"""What a reader is shown of a report: the student's view, totals, repeated feedback and rounding. Pure.

Hiding is done here, once, before any format is written. A renderer prints what the report holds and decides nothing.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from math import fsum

import msgspec
from msgspec.structs import replace

from grader.recording.events import Recording
from grader.results import (
    Bars,
    CellPictures,
    CriterionResult,
    Curves,
    Diagnosis,
    Exhibit,
    Feedback,
    FeedbackLevel,
    Finding,
    GradeReport,
    Override,
    PartInfo,
    Score,
    Table,
    Verdict,
    Visibility,
)

_LEVELS = tuple(FeedbackLevel)
_NOT_SHOWN = "a criterion that is not shown"


class PartView(msgspec.Struct, frozen=True):
    """One part with its results, and their sums in points, unrounded. ``pending`` points are part of ``possible``."""

    info: PartInfo
    results: tuple[CriterionResult, ...]
    awarded: float
    possible: float
    pending: float


def for_student(report: GradeReport, now: datetime, due: datetime | None) -> GradeReport:
    """Return ``report`` as the student may see it at the moment ``now``.

    - Hidden criteria leave without a trace: results, seeds, findings, time taken, a part that has no other criterion,
      and their titles and ids where another criterion's text names them. So do criteria that are shown after the due
      date, before it; without a due date they stay hidden.
    - The score covers the criteria that are left. ``score.not_shown`` says how many points the others are worth, and
      the late penalty, a share of the possible points, shrinks in proportion: neither tells how the others went.
    - Of an override the student reads what was found and when it was decided, and from the level ``summary`` on the
      note; who decided, and where it was entered, is for graders.
    - Private text goes. Each feedback, with its measurements and findings, is cut to the criterion's feedback level
      (``docs/concepts/report.md`` has the table). Of a grader fault only the summary stays: its facts may quote the
      oracle.

    Applying it twice changes nothing more.

    Args:
        report: the whole report.
        now: the moment of reading, with a time zone.
        due: this student's due date, extensions included, with a time zone; ``None`` if there is none.

    Raises:
        ValueError: ``now`` or ``due`` has no time zone.
    """
    for name, moment in (("now", now), ("due", due)):
        if moment is not None and moment.utcoffset() is None:
            raise ValueError(f"{name} must carry a time zone, got {moment.isoformat()}")
    is_past_due = due is not None and now >= due
    kept = tuple(r for r in report.results if _is_shown(r, is_past_due))
    removed = tuple(r for r in report.results if not _is_shown(r, is_past_due))
    conceal = _concealer(removed)
    results = tuple(_cut_result(r, conceal) for r in kept)
    part_ids = {r.part_id for r in kept}
    findings = _cut_findings(report.findings, kept, removed, conceal)
    return replace(
        report,
        parts=tuple(p for p in report.parts if p.id in part_ids),
        results=results,
        score=_score_of(kept, removed, report.score),
        findings=findings,
        duration_s=max(0.0, report.duration_s - fsum(r.duration_s for r in removed)),
        recordings=tuple(_cut_recording(recording, part_ids) for recording in report.recordings),
        pictures=_cut_pictures(report.pictures, findings),
    )


def _cut_recording(recording: Recording, part_ids: set[str]) -> Recording:
    """Leave out which models stand for those of a part that is not shown; all else is the student's own notebook."""
    return replace(recording, bindings=tuple(each for each in recording.bindings if each.part_id in part_ids))


def _is_shown(result: CriterionResult, is_past_due: bool) -> bool:
    match result.visibility:
        case Visibility.VISIBLE:
            return True
        case Visibility.AFTER_DUE_DATE:
            return is_past_due
        case Visibility.HIDDEN:
            return False


def _score_of(kept: tuple[CriterionResult, ...], removed: tuple[CriterionResult, ...], whole: Score) -> Score:
    if not removed:
        return whole
    possible = fsum(r.possible for r in kept)
    share = possible / whole.possible if whole.possible else 0.0
    return Score(
        awarded=fsum(r.awarded for r in kept),
        possible=possible,
        pending=fsum(r.possible for r in kept if r.verdict.is_pending),
        late_penalty=whole.late_penalty * share,
        not_shown=whole.not_shown + fsum(r.possible for r in removed),
    )


def _reaches(result: CriterionResult, level: FeedbackLevel) -> bool:
    allowed = result.feedback_level
    found = result.verdict if result.override is None else result.override.found_verdict
    if found is Verdict.GRADER_FAULT and allowed is not FeedbackLevel.NONE:
        allowed = FeedbackLevel.SUMMARY
    return _LEVELS.index(allowed) >= _LEVELS.index(level)


def _cut_result(result: CriterionResult, conceal: Callable[[str], str]) -> CriterionResult:
    feedback = result.feedback
    has_summary = _reaches(result, FeedbackLevel.SUMMARY)
    has_facts = _reaches(result, FeedbackLevel.FACTS)
    has_diagnoses = _reaches(result, FeedbackLevel.DIAGNOSIS)
    has_expected = _reaches(result, FeedbackLevel.EXPECTED)
    cut = Feedback(
        summary=conceal(feedback.summary) if has_summary else "",
        again=feedback.again if has_summary else "",
        facts=tuple(map(conceal, feedback.facts)) if has_facts else (),
        table=_conceal_table(feedback.table, conceal) if has_facts and feedback.table else None,
        seen_on=conceal(feedback.seen_on) if has_facts else "",
        diagnoses=tuple(Diagnosis(d.id, conceal(d.text)) for d in feedback.diagnoses) if has_diagnoses else (),
        expected=tuple(map(conceal, feedback.expected)) if has_expected else (),
    )
    return replace(
        result,
        feedback=cut,
        # an error relative to the oracle, together with the student's own value, is the oracle's value
        measurements=result.measurements if has_expected else (),
        exhibits=tuple(_cut_exhibits(result.exhibits, has_expected, conceal)) if has_facts else (),
        seed=result.seed if has_summary else 0,
        private="",
        visibility=Visibility.VISIBLE,
        override=None if result.override is None else _cut_override(result.override, has_summary, conceal),
    )


def _cut_override(override: Override, has_summary: bool, conceal: Callable[[str], str]) -> Override:
    note = conceal(override.note) if has_summary else ""
    return replace(override, by="", note=note, entered_in="", is_stale=False)


def _cut_exhibits(
    exhibits: tuple[Exhibit, ...], has_expected: bool, conceal: Callable[[str], str]
) -> Iterator[Exhibit]:
    """Leave out what the oracle computed: its curves, and errors against it."""
    for exhibit in exhibits:
        shown = replace(exhibit, title=conceal(exhibit.title))
        if isinstance(shown, Curves):
            shown = replace(shown, series=tuple(s for s in shown.series if has_expected or not s.from_oracle))
        if has_expected or not isinstance(shown, Bars):
            yield shown


def _conceal_table(table: Table, conceal: Callable[[str], str]) -> Table:
    return replace(table, rows=tuple(tuple(map(conceal, row)) for row in table.rows))


def _cut_findings(
    findings: tuple[Finding, ...],
    kept: tuple[CriterionResult, ...],
    removed: tuple[CriterionResult, ...],
    conceal: Callable[[str], str],
) -> tuple[Finding, ...]:
    silent = {r.criterion_id for r in removed} | {r.criterion_id for r in kept if not _reaches(r, FeedbackLevel.FACTS)}
    return tuple(
        replace(f, text=conceal(f.text), settles=conceal(f.settles)) for f in findings if f.criterion_id not in silent
    )


def _cut_pictures(pictures: tuple[CellPictures, ...], findings: tuple[Finding, ...]) -> tuple[CellPictures, ...]:
    """Leave out the pictures that belong to no finding that is shown."""
    places = {(finding.where.path, finding.where.cell) for finding in findings if finding.where is not None}
    cut = (replace(p, beside=tuple(cell for cell in p.beside if (p.where.path, cell) in places)) for p in pictures)
    return tuple(each for each in cut if each.beside)


def _concealer(removed: tuple[CriterionResult, ...]) -> Callable[[str], str]:
    """Return a function that takes the quoted titles and the ids of ``removed`` out of a text."""
    if not removed:
        return lambda text: text
    titles = "|".join(f'"{re.escape(r.title)}"' for r in removed)
    ids = "|".join(re.escape(r.criterion_id) for r in removed)
    # without the look-arounds, a hidden "backprop.loss" would also be found in a visible "backprop.loss_value"
    pattern = re.compile(rf"{titles}|(?<![\w.])(?:{ids})(?![\w]|\.\w)")
    return lambda text: pattern.sub(_NOT_SHOWN, text)


def without_pixels(report: GradeReport) -> GradeReport:
    """Return ``report`` with the places and sizes of its pictures, for whoever does not show them."""
    return replace(
        report,
        pictures=tuple(
            replace(cell, pictures=tuple(replace(picture, png=b"") for picture in cell.pictures))
            for cell in report.pictures
        ),
    )


def parts_of(report: GradeReport) -> tuple[PartView, ...]:
    """Return the parts that have results, in the report's order, with the sums of their points."""
    titles = {part.id: part for part in report.parts}
    order = list(titles) + [r.part_id for r in report.results if r.part_id not in titles]
    views: list[PartView] = []
    for part_id in dict.fromkeys(order):
        results = tuple(r for r in report.results if r.part_id == part_id)
        if results:
            views.append(
                PartView(
                    info=titles.get(part_id, PartInfo(part_id, part_id)),
                    results=results,
                    awarded=fsum(r.awarded for r in results),
                    possible=fsum(r.possible for r in results),
                    pending=fsum(r.possible for r in results if r.verdict.is_pending),
                )
            )
    return tuple(views)


def repeats(results: tuple[CriterionResult, ...]) -> dict[str, str]:
    """Return which criteria only repeat an earlier one: criterion id → title of the first that says the same.

    When a file does not load, every criterion of its part has the same to say; a reader needs it once. Where a case
    was seen and how to run it again do not count as a difference. A blocked criterion names another one already, so
    it is never one of these, and neither is one that a person decided.
    """
    first: dict[tuple[str, Verdict, Feedback, str], CriterionResult] = {}
    found: dict[str, str] = {}
    for result in results:
        essence = replace(result.feedback, seen_on="", again="")
        if result.verdict is Verdict.BLOCKED or result.override is not None or essence == Feedback(""):
            continue
        original = first.setdefault((result.part_id, result.verdict, essence, result.private), result)
        if original is not result:
            found[result.criterion_id] = original.title
    return found


def is_full_marks(result: CriterionResult) -> bool:
    """Whether nothing about this criterion needs explaining."""
    return result.verdict is Verdict.PASS and result.awarded >= result.possible and result.override is None


def shown_points(points: float) -> str:
    """Return points as a reader sees them: at most two decimals, no trailing zeros (``2``, ``1.5``, ``0.33``).

    This is the only place where points are rounded.
    """
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def counted_points(points: float) -> str:
    """Return :func:`shown_points` with its noun: ``1 point``, ``1.5 points``."""
    shown = shown_points(points)
    return f"{shown} point" if shown == "1" else f"{shown} points"


def shown_seconds(seconds: float) -> str:
    """Return a duration as a reader sees it: ``0.4 s``, ``12 s``, ``2 min 05 s``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"
