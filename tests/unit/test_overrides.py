"""Points entered by hand: reading the file, what becomes of a report, what a student sees of it."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from grader.cli.overrides import entered_for, neighbours, template
from grader.course.errors import RubricErrors
from grader.course.model import Assignment, Course, Criterion, Part, Source
from grader.course.overrides import Entered, read_overrides
from grader.report.json import to_json
from grader.report.overridden import overridden, stale, unknown_students
from grader.report.plain import override_lines
from grader.report.view import for_student, is_full_marks, repeats
from grader.results import SCHEMA_VERSION, Evidence, Feedback, FeedbackLevel, Override, ReportFile, Verdict, Visibility
from tests.golden.reports import OUTPUT, report, result

NOW = datetime(2026, 3, 10, tzinfo=UTC)
DIGEST = "3f2a9c01b7de" + "0" * 52


@pytest.fixture
def course(tmp_path):
    criteria = tuple(
        Criterion(f"answers.{name}", name, "text", points, None, Source("reference/essay/rubric.yaml", line))
        for name, points, line in (("method", 3.0, 7), ("results", 5.0, 8))
    )
    part = Part("answers", "Answers", (), "", criteria, Source("reference/essay/rubric.yaml", 3))
    essay = Assignment(
        "essay", "Essay", tmp_path / "reference/essay", tmp_path / "reference/essay/rubric.yaml", (part,)
    )
    return Course("Deep learning", tmp_path, (essay,))


ENTRY = """\
essay:
  alice:
    answers.method:
      points: 2.5
      by: KT
      on: 2026-11-21
      note: The batch size is missing.
"""


def read(course, text):
    path = course.root / "overrides.yaml"
    path.write_text(text)
    return read_overrides(path, course)


def mistake(course, text):
    with pytest.raises(RubricErrors) as raised:
        read(course, text)
    return str(raised.value)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_an_entry_says_who_when_why_and_where(course):
    assert read(course, ENTRY) == (
        Entered(
            "essay", "alice", "answers.method", 2.5, "KT", date(2026, 11, 21), "The batch size is missing.", "",
            Source("overrides.yaml", 3),
        ),
    )  # fmt: skip


def test_what_was_read_can_be_written_into_a_report(course):
    (entry,) = read(course, ENTRY)
    made = overridden(replace(report(OUTPUT), assignment="essay"), [replace(entry, criterion=OUTPUT.criterion_id)])
    assert b'"note": "The batch size is missing."' in to_json(ReportFile(SCHEMA_VERSION, (made,)))


def test_a_share_is_a_share_of_the_possible_points(course):
    (entered,) = read(course, ENTRY.replace("points: 2.5", "share: 80%"))
    assert entered.points == pytest.approx(2.4)


@pytest.mark.parametrize("digits", ["3f2a9c01b7de", "123456789012", "'12e45678'", "00112233"])
def test_digits_of_a_digest_are_no_number(digits, course):
    (entered,) = read(course, f"{ENTRY}      submission: {digits}\n")
    assert entered.submission == digits.strip("'")


def test_several_students_and_criteria_come_in_the_order_of_the_file(course):
    more = (
        "    answers.results: {points: 0, by: KT, on: 2026-11-21, note: Copied.}\n  bob:\n" + ENTRY.split("alice:\n")[1]
    )
    entered = read(course, ENTRY + more)
    assert [(e.student, e.criterion, e.points) for e in entered] == [
        ("alice", "answers.method", 2.5),
        ("alice", "answers.results", 0.0),
        ("bob", "answers.method", 2.5),
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("essay:", "esay:", "overrides.yaml:1: the course has no assignment 'esay'; did you mean 'essay'?"),
        (
            "answers.method",
            "answers.metod",
            "overrides.yaml:3: essay has no criterion 'answers.metod'; did you mean 'answers.method'?",
        ),
        (
            "2.5",
            "3.5",
            "overrides.yaml:3: 'answers.method' of 'alice' has 3.5 points, but the criterion is worth 3; "
            "it stands in reference/essay/rubric.yaml:7",
        ),
        ("2.5", "-1", "'points' in 'answers.method' of 'alice' must be a number >= 0"),
        ("2.5", "many", "overrides.yaml:4: 'points' in 'answers.method' of 'alice' must be a number"),
        ("points: 2.5", "share: 0.8", "must be a percentage with its unit, as in '98%', not the bare number 0.8"),
        (
            "points: 2.5",
            "points: 2.5\n      share: 80%",
            "overrides.yaml:3: 'answers.method' of 'alice' has both 'points' and 'share'; write one of them",
        ),
        ("      points: 2.5\n", "", "has neither 'points' nor 'share'; write one of them, as in share: 80%"),
        ("points:", "point:", "overrides.yaml:4: unknown key 'point' in 'answers.method' of 'alice'; did you mean"),
        ("      by: KT\n", "", "overrides.yaml:3: 'answers.method' of 'alice' has no 'by'"),
        ("KT", "''", "overrides.yaml:5: 'by' in 'answers.method' of 'alice' must say something"),
        ("KT", "12", "overrides.yaml:5: 'by' in 'answers.method' of 'alice' must be text, not the number 12"),
        ("The batch size is missing.", "", "overrides.yaml:7: 'note' in 'answers.method' of 'alice' is empty"),
        ("2026-11-21", "21.11.2026", "overrides.yaml:6: 'on' in 'answers.method' of 'alice' must be a date, as in"),
        ("note:", "submission: 3f2a\n      note:", "must be at least 8 digits 0-9a-f"),
        ("note:", "by: LM\n      note:", "overrides.yaml:7: the key 'by' is there twice (first in line 5)"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old, new, said, course):
    assert said in mistake(course, ENTRY.replace(old, new, 1))


def test_every_mistake_is_named_at_once(course):
    said = mistake(course, ENTRY.replace("2.5", "9") + "esay:\n  bob: 1\n")
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "overrides.yaml:1: the file is empty; docs/instructor/overrides.md shows what belongs in it"),
        ("- essay", "overrides.yaml:1: the file must be a mapping of assignments, not a list"),
        ("essay: alice", "'essay' must be a mapping of students, not the text 'alice'"),
        ("essay: {alice: 3}", "'alice' must be a mapping of criteria, not the number 3"),
        ("essay: {alice: {answers.method: 3}}", "'answers.method' of 'alice' must be a mapping (key: value)"),
    ],
)
def test_a_file_of_another_shape(text, said, course):
    assert said in mistake(course, text)


def test_the_course_has_a_file_of_its_own_unless_another_is_given(course, tmp_path):
    assert entered_for(course, None) == ()
    assert len(read(course, ENTRY)) == 1
    assert len(entered_for(course, None)) == 1
    assert entered_for(course, "none") == ()
    other = tmp_path / "section_b.yaml"
    other.write_text(ENTRY.replace("2.5", "1"))
    assert entered_for(course, str(other))[0].points == 1
    with pytest.raises(RubricErrors, match=r"missing\.yaml:1: the file cannot be read \(No such file"):
        entered_for(course, str(tmp_path / "missing.yaml"))


# --- the report -------------------------------------------------------------------------------------------------------

READ = Feedback("A person reads it.", ("words",))
REVIEW = result("backprop.answer", "An answer", Verdict.NEEDS_REVIEW, possible=3.0, feedback=READ)
PLACE = Source("overrides.yaml", 3)


def entered(points, criterion="backprop.answer", **changes):
    made = Entered(
        "backprop_to_lenet", "alice", criterion, points, "KT", date(2026, 3, 4), "a note", "", PLACE
    )  # fmt: skip
    return replace(made, **changes)


def decided(points, *results, **changes):
    whole = report(*(results or (OUTPUT, REVIEW)))
    whole = replace(whole, provenance=replace(whole.provenance, digests={"submission": DIGEST}))
    return overridden(whole, [entered(points, **changes)])


@pytest.mark.parametrize(("points", "verdict"), [(3.0, Verdict.PASS), (1.0, Verdict.PARTIAL), (0.0, Verdict.FAIL)])
def test_the_verdict_follows_the_points_and_what_was_found_stays(points, verdict):
    made = decided(points)
    answer = made.results[1]
    assert (answer.verdict, answer.awarded, answer.evidence) == (verdict, points, Evidence.JUDGED)
    assert answer.feedback == REVIEW.feedback
    assert answer.override == Override(
        "KT", "2026-03-04", "a note", Verdict.NEEDS_REVIEW, 0.0, Evidence.VERIFIED, "overrides.yaml:3"
    )
    assert made.results[0] is OUTPUT
    assert (made.score.awarded, made.score.possible, made.score.pending) == (2 + points, 5.0, 0.0)


def test_points_can_be_taken_away_and_the_late_penalty_stays():
    whole = report(OUTPUT, REVIEW, late_penalty=0.5)
    made = overridden(whole, [entered(0.0, "backprop.output")])
    assert (made.score.awarded, made.score.pending, made.score.late_penalty) == (0.0, 3.0, 0.5)


@pytest.mark.parametrize("changes", [{"student": "bob"}, {"assignment": "essay"}, {"criterion": "backprop.not_graded"}])
def test_what_is_about_something_else_changes_nothing(changes):
    assert decided(1.0, **changes).results == (OUTPUT, REVIEW)


def test_a_decision_about_other_files_counts_and_is_said():
    fresh, old = decided(1.0, submission=DIGEST[:12]), decided(1.0, submission="0000000000")
    assert stale([fresh]) == []
    (line,) = stale([old])
    assert line.startswith("overrides.yaml:3: entered for other files of alice than those graded now; it counts")
    assert line.endswith('Look at backprop.answer again, then write: submission: "3f2a9c01b7de"')
    assert old.score.awarded == 3.0
    assert any("other files" in text for text in override_lines(old.results[1]))


def test_a_student_without_a_submission_is_a_mistake():
    entries = [entered(1.0), entered(1.0, student="alcie"), entered(1.0, student="alcie"), entered(1.0, student="zed")]
    said = list(map(str, unknown_students(entries, [report(REVIEW)], {"alice", "bob"})))
    assert said == [
        "overrides.yaml:3: there is no submission of 'alcie' beside those that were graded; did you mean 'alice'?",
        "overrides.yaml:3: there is no submission of 'zed' beside those that were graded; "
        "--overrides none leaves the file out",
    ]
    assert unknown_students([entered(1.0, student="zed", assignment="essay")], [report(REVIEW)], {"alice"}) == []


def test_whoever_lies_beside_a_submission_is_known(tmp_path):
    for name in ("alice", "bob"):
        (tmp_path / name).mkdir()
    (tmp_path / "carol.ipynb").write_text("{}")
    assert {"alice", "bob", "carol"} <= neighbours([tmp_path / "alice"])
    assert "gone" in neighbours([tmp_path / "missing" / "gone.py"])


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_decision_is_always_explained():
    made = decided(3.0)
    assert not is_full_marks(made.results[1])
    twin = replace(REVIEW, criterion_id="backprop.twin", title="Twin")
    assert set(repeats((REVIEW, twin))) == {"backprop.twin"}
    assert repeats(decided(3.0, REVIEW, twin).results) == {}


def test_a_student_reads_why_but_not_who_or_where():
    shown = for_student(decided(1.0, submission="00000000"), NOW, NOW)
    assert override_lines(shown.results[1]) == (
        "Entered by hand on 2026-03-04: 1 of 3 points.",
        "a note",
        "Grading had found NEEDS_REVIEW: the points were pending.",
    )
    assert for_student(shown, NOW, NOW) == shown


def test_at_the_level_none_a_student_reads_no_note():
    quiet = replace(REVIEW, feedback_level=FeedbackLevel.NONE)
    shown = for_student(decided(1.0, quiet), NOW, NOW)
    assert "a note" not in override_lines(shown.results[0])


def test_a_note_names_no_hidden_criterion():
    hidden = result("backprop.zebra", "Zebra", Verdict.FAIL, visibility=Visibility.HIDDEN)
    made = decided(1.0, REVIEW, hidden, note='As for "Zebra", see backprop.zebra.')
    assert "ebra" not in str(for_student(made, NOW, NOW))


def test_a_decision_about_a_grader_fault_does_not_show_the_oracle():
    feedback = Feedback("Failed.", ("oracle 0.13",))
    fault = result("backprop.answer", "An answer", Verdict.GRADER_FAULT, possible=3.0, feedback=feedback)
    made = decided(3.0, fault)
    assert "oracle 0.13" in str(made)
    assert "oracle 0.13" not in str(for_student(made, NOW, NOW))


# --- a file to begin with ---------------------------------------------------------------------------------------------


def test_what_waits_becomes_a_file_to_fill_in(course):
    review = replace(REVIEW, criterion_id="answers.method", part_id="answers", title="Method: \x1b[2J")
    made = replace(report(review, OUTPUT, student='a "b": \u202e#'), assignment="essay")
    made = replace(made, provenance=replace(made.provenance, digests={"submission": DIGEST}))
    text = "\n".join(template([made, report(OUTPUT)]))
    assert "\x1b" not in text
    assert "\u202e" not in text
    for key, value in (("points", "3"), ("by", "KT"), ("on", "2026-03-04"), ("note", "fine")):
        text = text.replace(f"      {key}:", f"      {key}: {value}")
    (entry,) = read(course, text)
    assert (entry.student, entry.points, entry.submission) == ('a "b": \u202e#', 3.0, DIGEST[:12])


def test_nothing_waits_and_nothing_is_printed():
    assert list(template([report(OUTPUT)])) == []


def test_an_untouched_template_says_what_is_missing(course):
    made = replace(report(replace(REVIEW, criterion_id="answers.method")), assignment="essay")
    assert "'by' in 'answers.method' of 'alice' is empty" in mistake(course, "\n".join(template([made])))
