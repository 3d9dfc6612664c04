from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from msgspec.structs import replace

from grader.report.staged import for_platform
from grader.report.view import (
    counted_points,
    for_student,
    is_full_marks,
    parts_of,
    repeats,
    shown_points,
    shown_seconds,
)
from grader.results import (
    SCHEMA_VERSION,
    CellPictures,
    CriterionResult,
    Diagnosis,
    Evidence,
    Feedback,
    FeedbackLevel,
    Finding,
    GradeReport,
    Location,
    Measurement,
    PartInfo,
    Provenance,
    Score,
    Severity,
    StoredPicture,
    SubmissionInfo,
    Table,
    Verdict,
    Visibility,
)

DUE = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
BEFORE = DUE - timedelta(seconds=1)

FULL = Feedback(
    summary="the summary",
    facts=("a fact",),
    table=Table(("column",), (("a cell",),)),
    diagnoses=(Diagnosis("scaled", "a diagnosis"),),
    expected=("oracle says 0.1332476",),
    seen_on="a case",
    again="a command",
)


def result(
    criterion_id: str,
    *,
    title: str = "",
    awarded: float = 1.0,
    possible: float = 2.0,
    verdict: Verdict = Verdict.PARTIAL,
    level: FeedbackLevel = FeedbackLevel.DIAGNOSIS,
    visibility: Visibility = Visibility.VISIBLE,
    feedback: Feedback = FULL,
    private: str = "for graders: 0.1332476",
    duration_s: float = 1.0,
) -> CriterionResult:
    return CriterionResult(
        criterion_id=criterion_id,
        part_id=criterion_id.split(".")[0],
        title=title or f"Title of {criterion_id}",
        verdict=verdict,
        awarded=awarded,
        possible=possible,
        evidence=Evidence.VERIFIED,
        feedback=feedback,
        feedback_level=level,
        visibility=visibility,
        seed=4242,
        rubric_line="rubric.yaml:1",
        measurements=(Measurement("loss", 0.5, bound=0.1332476),),
        private=private,
        duration_s=duration_s,
    )


def report(*results: CriterionResult, late_penalty: float = 0.0, findings: tuple[Finding, ...] = ()) -> GradeReport:
    return GradeReport(
        schema_version=SCHEMA_VERSION,
        submission=SubmissionInfo("alice", "submissions/alice"),
        assignment="assignment",
        assignment_title="An assignment",
        parts=(PartInfo("one", "Part one"), PartInfo("two", "Part two"), PartInfo("empty", "No criteria")),
        results=results,
        score=Score(
            awarded=sum(r.awarded for r in results),
            possible=sum(r.possible for r in results),
            pending=sum(r.possible for r in results if r.verdict.is_pending),
            late_penalty=late_penalty,
        ),
        findings=findings,
        provenance=Provenance("full", (), "", None, "", {}, {}, "host", "2026-03-01T00:00:00Z"),
        duration_s=10.0,
    )


def finding(criterion_id: str, text: str = "something") -> Finding:
    return Finding("kind", Severity.NOTE, text, criterion_id=criterion_id)


# --- what is hidden ---------------------------------------------------------------------------------------------------


def test_hidden_criteria_leave_no_trace() -> None:
    secret = result(
        "two.secret",
        title="SECRET TITLE",
        visibility=Visibility.HIDDEN,
        feedback=Feedback("SECRET", seen_on="seed SECRET"),
        private="SECRET",
    )
    secret = replace(secret, seed=987654321)
    whole = report(
        result("one.loss"), secret, findings=(finding("one.loss"), finding("two.secret", "SECRET"), finding(""))
    )
    view = for_student(whole, DUE, DUE)
    data = msgspec.json.encode(view).decode()
    for trace in ("SECRET", "two.secret", "987654321", "Part two"):
        assert trace not in data
    assert [r.criterion_id for r in view.results] == ["one.loss"]
    assert [f.criterion_id for f in view.findings] == ["one.loss", ""]
    assert view.duration_s == 9.0


def test_the_name_of_a_hidden_criterion_goes_from_the_text_of_others() -> None:
    blocked = Feedback(
        'Not run, because "Holds (always)" was not met.',
        facts=(
            "needs two.secret.",
            "needs two.secret_too, two.secret.more and x_two.secret",
            'see "Holds (always)" and two.secret',
        ),
        table=Table(("needs",), (("two.secret",),)),
    )
    whole = report(
        result("one.loss", feedback=blocked),
        result("two.secret", title="Holds (always)", visibility=Visibility.HIDDEN),
        findings=(finding("one.loss", 'as for "Holds (always)"'),),
    )
    view = for_student(whole, DUE, None)
    feedback = view.results[0].feedback
    assert feedback.summary == "Not run, because a criterion that is not shown was not met."
    assert feedback.facts == (
        "needs a criterion that is not shown.",
        "needs two.secret_too, two.secret.more and x_two.secret",
        "see a criterion that is not shown and a criterion that is not shown",
    )
    assert feedback.table == Table(("needs",), (("a criterion that is not shown",),))
    assert view.findings[0].text == "as for a criterion that is not shown"


@pytest.mark.parametrize(
    ("now", "due", "is_shown"),
    [(BEFORE, DUE, False), (DUE, DUE, True), (DUE + timedelta(days=1), DUE, True), (DUE, None, False)],
)
def test_criteria_shown_after_the_due_date(now: datetime, due: datetime | None, is_shown: bool) -> None:
    whole = report(result("one.loss"), result("two.later", visibility=Visibility.AFTER_DUE_DATE))
    ids = [r.criterion_id for r in for_student(whole, now, due).results]
    assert ids == (["one.loss", "two.later"] if is_shown else ["one.loss"])


def test_moments_are_compared_across_time_zones() -> None:
    whole = report(result("two.later", visibility=Visibility.AFTER_DUE_DATE))
    tokyo = timezone(timedelta(hours=9))
    # ten in the morning in Tokyo, one at night in UTC
    now = datetime(2026, 3, 2, 10, 0, tzinfo=tokyo)
    assert for_student(whole, now, datetime(2026, 3, 2, 2, 0, tzinfo=UTC)).results == ()
    assert len(for_student(whole, now, datetime(2026, 3, 2, 0, 59, tzinfo=UTC)).results) == 1


@pytest.mark.parametrize(
    ("now", "due", "name"), [(DUE.replace(tzinfo=None), DUE, "now"), (DUE, DUE.replace(tzinfo=None), "due")]
)
def test_a_moment_without_time_zone_is_refused(now: datetime, due: datetime, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must carry a time zone, got 2026-03-01T23:59:00"):
        for_student(report(result("one.loss")), now, due)


# --- the score --------------------------------------------------------------------------------------------------------


def test_the_score_covers_what_is_shown_and_says_how_much_is_not() -> None:
    whole = report(
        result("one.loss", awarded=1.5, possible=2.0),
        result("one.shape", awarded=0.0, possible=1.0, verdict=Verdict.NEEDS_REVIEW),
        result("two.secret", awarded=3.0, possible=4.0, visibility=Visibility.HIDDEN),
        result("two.later", awarded=0.0, possible=5.0, verdict=Verdict.GRADER_FAULT, visibility=Visibility.HIDDEN),
        late_penalty=1.2,
    )
    score = for_student(whole, DUE, DUE).score
    assert score == Score(awarded=1.5, possible=3.0, pending=1.0, late_penalty=pytest.approx(0.3), not_shown=9.0)


@pytest.mark.parametrize("secret_points", [0.0, 1.0, 4.0])
def test_the_view_is_the_same_however_the_hidden_criteria_went(secret_points: float) -> None:
    def view(points: float, verdict: Verdict) -> GradeReport:
        secret = result("one.secret", awarded=points, possible=4.0, verdict=verdict, visibility=Visibility.HIDDEN)
        return for_student(report(result("one.loss"), secret, late_penalty=0.6), DUE, DUE)

    assert view(secret_points, Verdict.PARTIAL) == view(4.0, Verdict.PASS)


def test_a_report_without_hidden_criteria_keeps_its_score() -> None:
    whole = report(result("one.loss"), late_penalty=0.7)
    assert for_student(whole, DUE, DUE).score == whole.score


def test_only_hidden_criteria() -> None:
    view = for_student(report(result("one.x", visibility=Visibility.HIDDEN), late_penalty=0.4), DUE, DUE)
    assert view.score == Score(awarded=0.0, possible=0.0, not_shown=2.0)
    assert view.parts == ()


def test_the_total_does_not_fall_below_zero() -> None:
    assert Score(awarded=1.0, possible=4.0, late_penalty=2.0).total == 0.0
    assert Score(awarded=3.0, possible=4.0, late_penalty=2.0).total == 1.0


# --- feedback levels --------------------------------------------------------------------------------------------------

CUTS = {
    FeedbackLevel.NONE: Feedback(""),
    FeedbackLevel.SUMMARY: Feedback("the summary", again="a command"),
    FeedbackLevel.FACTS: replace(FULL, diagnoses=(), expected=()),
    FeedbackLevel.DIAGNOSIS: replace(FULL, expected=()),
    FeedbackLevel.EXPECTED: FULL,
}


@pytest.mark.parametrize("level", FeedbackLevel)
def test_feedback_is_cut_to_its_level(level: FeedbackLevel) -> None:
    shown = for_student(report(result("one.loss", level=level)), DUE, DUE).results[0]
    assert shown.feedback == CUTS[level]
    assert shown.private == ""
    assert shown.verdict is Verdict.PARTIAL
    assert shown.awarded == 1.0
    assert shown.seed == (0 if level is FeedbackLevel.NONE else 4242)


@pytest.mark.parametrize("level", FeedbackLevel)
def test_no_number_of_the_oracle_survives_below_expected(level: FeedbackLevel) -> None:
    data = msgspec.json.encode(for_student(report(result("one.loss", level=level)), DUE, DUE))
    assert (b"0.1332476" in data) == (level is FeedbackLevel.EXPECTED)


@pytest.mark.parametrize("level", FeedbackLevel)
def test_findings_follow_the_level_of_their_criterion(level: FeedbackLevel) -> None:
    whole = report(result("one.loss", level=level), findings=(finding("one.loss"), finding("")))
    kept = [f.criterion_id for f in for_student(whole, DUE, DUE).findings]
    assert kept == ([""] if level in (FeedbackLevel.NONE, FeedbackLevel.SUMMARY) else ["one.loss", ""])


def test_pictures_stay_with_the_findings_that_are_shown() -> None:
    def about(cell: int, criterion_id: str) -> Finding:
        return replace(finding(criterion_id), where=Location("work.ipynb", 1, cell))

    def stored(cell: int, *beside: int) -> CellPictures:
        return CellPictures(Location("work.ipynb", cell=cell), beside, (StoredPicture(1, 6, 4, b"PNG"),))

    secret = result("one.secret", visibility=Visibility.HIDDEN)
    brief = result("one.brief", level=FeedbackLevel.SUMMARY)
    findings = about(2, ""), about(3, "one.secret"), about(5, "one.secret"), about(7, "one.brief"), about(9, "one.loss")
    whole = report(result("one.loss"), secret, brief, findings=findings)
    elsewhere = replace(stored(2, 2), where=Location("other.ipynb", cell=2))
    whole = replace(whole, pictures=(stored(2, 2, 3), stored(5, 5), stored(7, 7), stored(8, 9), elsewhere))
    assert for_student(whole, DUE, DUE).pictures == (stored(2, 2), stored(8, 9))
    assert for_platform(whole).pictures == (stored(2, 2), stored(8, 9))


def test_of_a_grader_fault_only_the_summary_is_shown() -> None:
    fault = result("one.loss", verdict=Verdict.GRADER_FAULT, awarded=0.0, level=FeedbackLevel.EXPECTED)
    shown = for_student(report(fault), DUE, DUE).results[0]
    assert shown.feedback == CUTS[FeedbackLevel.SUMMARY]
    assert shown.measurements == ()
    silent = for_student(report(replace(fault, feedback_level=FeedbackLevel.NONE)), DUE, DUE).results[0]
    assert silent.feedback == CUTS[FeedbackLevel.NONE]


def test_a_view_of_a_view_is_the_same_view() -> None:
    whole = report(
        result("one.loss"),
        result("one.secret", visibility=Visibility.HIDDEN),
        result("two.later", visibility=Visibility.AFTER_DUE_DATE),
        late_penalty=0.6,
    )
    view = for_student(whole, DUE, DUE)
    assert for_student(view, BEFORE, None) == view


# --- totals, repeats, rounding ----------------------------------------------------------------------------------------


def test_totals_per_part() -> None:
    parts = parts_of(
        report(
            result("two.b", awarded=1.0, possible=3.0),
            result("one.a", awarded=2.0, possible=2.0),
            result("two.c", awarded=0.0, possible=4.0, verdict=Verdict.NEEDS_REVIEW),
            result("unlisted.d", awarded=0.5, possible=1.0),
        )
    )
    assert [(p.info.title, p.awarded, p.possible, p.pending) for p in parts] == [
        ("Part one", 2.0, 2.0, 0.0),
        ("Part two", 1.0, 7.0, 4.0),
        ("unlisted", 0.5, 1.0, 0.0),
    ]
    assert [r.criterion_id for r in parts[1].results] == ["two.b", "two.c"]


def test_an_identical_feedback_refers_to_the_first() -> None:
    same = replace(FULL, again="another command", seen_on="another case")
    results = (
        result("one.a", title="First"),
        result("one.b", feedback=same),
        result("one.c", feedback=replace(FULL, summary="another")),
        result("one.d", feedback=same),
    )
    assert repeats(results) == {"one.b": "First", "one.d": "First"}


@pytest.mark.parametrize(
    "other",
    [
        result("two.b"),
        result("one.b", verdict=Verdict.FAIL),
        result("one.b", feedback=replace(FULL, facts=("another",))),
        result("one.b", feedback=replace(FULL, table=None)),
        result("one.b", private="another cause"),
    ],
    ids=["another part", "another verdict", "another fact", "no table", "another private text"],
)
def test_what_differs_is_no_repetition(other: CriterionResult) -> None:
    assert repeats((result("one.a"), other)) == {}


def test_a_lone_summary_is_repeated_too() -> None:
    short = Feedback("backprop.py stops while it is loaded.")
    results = (result("one.a", title="First", feedback=short), result("one.b", feedback=replace(short, again="b")))
    assert repeats(results) == {"one.b": "First"}


def test_a_blocked_criterion_keeps_its_own_reference() -> None:
    blocked = Feedback('Not run, because "The loss is right" was not met.')
    results = tuple(result(f"one.{name}", verdict=Verdict.BLOCKED, feedback=blocked) for name in "abc")
    assert repeats(results) == {}


def test_criteria_that_say_nothing_do_not_repeat_each_other() -> None:
    assert repeats((result("one.a", feedback=Feedback("")), result("one.b", feedback=Feedback("")))) == {}


def test_a_ragged_table_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="row 1 of a table with 2 columns has 1 cells"):
        Table(("a", "b"), (("1", "2"), ("3",)))


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        (2.0, "2"),
        (1.5, "1.5"),
        (1 / 3, "0.33"),
        (2 / 3, "0.67"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.001, "0"),
        (10.0, "10"),
        (100.0, "100"),
        (0.1 + 0.2, "0.3"),
        (1.10, "1.1"),
    ],
)
def test_points_as_shown(points: float, shown: str) -> None:
    assert shown_points(points) == shown


@pytest.mark.parametrize(("points", "shown"), [(1.0, "1 point"), (0.0, "0 points"), (1.5, "1.5 points")])
def test_points_with_their_noun(points: float, shown: str) -> None:
    assert counted_points(points) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0.0 s"),
        (0.44, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (83.4, "83 s"),
        (119.6, "2 min 00 s"),
        (125.0, "2 min 05 s"),
    ],
)
def test_seconds_as_shown(seconds: float, shown: str) -> None:
    assert shown_seconds(seconds) == shown


def test_full_marks() -> None:
    assert is_full_marks(result("one.a", verdict=Verdict.PASS, awarded=2.0))
    assert not is_full_marks(result("one.a", verdict=Verdict.PASS, awarded=1.0))
    assert not is_full_marks(result("one.a", verdict=Verdict.NEEDS_REVIEW, awarded=2.0))
