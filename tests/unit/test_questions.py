"""What follows from several answers."""

import pytest

from grader.checks.questions import judge_answers, missing, no, unclear, worst, yes
from grader.results import Evidence, Verdict


def judged(*answers):
    named = {f"question {number}": answer for number, answer in enumerate(answers)}
    return judge_answers(named, praise="All well.", evidence=Evidence.OBSERVED, source="Looked at it.")


@pytest.mark.parametrize(
    ("answers", "verdict", "fraction"),
    [
        ([yes("a"), yes("b")], Verdict.PASS, 1),
        ([yes("a"), no("b")], Verdict.PARTIAL, 0.5),
        ([no("a"), no("b")], Verdict.FAIL, 0),
        ([missing("a"), no("b")], Verdict.FAIL, 0),
        ([missing("a"), missing("b")], Verdict.MISSING, 0),
        ([missing("a"), yes("b")], Verdict.PARTIAL, 0.5),
        ([yes("a"), unclear("b"), no("c"), no("d")], Verdict.NEEDS_REVIEW, 0.25),
    ],
)
def test_verdicts(answers, verdict, fraction):
    judgement = judged(*answers)
    assert (judgement.verdict, judgement.fraction) == (verdict, fraction)


def test_every_wrong_answer_is_told_with_its_facts():
    feedback = judged(yes("a."), no("b.", "why b"), no("c.", "why c")).feedback
    assert feedback.summary == "Of 3 things asked for, 2 are not there or not right. b."
    assert feedback.facts == ("why b", "c.", "why c", "Looked at it.")
    assert feedback.table.rows == (("question 0", "a."), ("question 1", "b."), ("question 2", "c."))


def test_one_question_needs_no_table():
    feedback = judged(no("b.")).feedback
    assert (feedback.summary, feedback.table) == ("b.", None)


def test_the_worst_case_counts():
    assert worst([yes("a"), unclear("b"), no("c"), no("d")]) == no("c")
