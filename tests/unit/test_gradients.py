"""The judge of gradients, on observations made up here: no worker, no oracle."""

import numpy as np
import pytest

from grader.checks.base import Seen
from grader.checks.gradient_rows import GradientsSeen, SlopesSeen
from grader.checks.gradients import Gradients, GradientsOptions
from grader.numerics.finite_difference import Slope
from grader.results import Verdict

RIGHT = {"W1": np.array([[0.5, -2.0], [1.0, 0.25]]), "b1": np.array([0.125, -0.5])}
LOSS = 0.75
POINTS = {"W1": 4.0, "b1": 2.0}


def slopes_of(gradients, case="case one", shapes=None):
    """Slopes as finite differences of a loss would give them, whose gradients these are."""
    shapes = shapes or {name: array.shape for name, array in gradients.items()}

    def slopes(name):
        return tuple(Slope(i, float(gradients[name][i]), 1e-12, 1e-5) for i in np.ndindex(shapes[name]))

    return lambda claimed: SlopesSeen(
        case, claimed, {name: shapes[name] for name in claimed}, {name: slopes(name) for name in claimed}, 32
    )


def judge(make_criterion, claimed, loss=LOSS, own_slopes=RIGHT, cases=1, points_by=POINTS, **options):
    seen = Seen("case one", claimed, RIGHT)
    arrays = {k: v for k, v in claimed.items() if isinstance(v, np.ndarray) and v.size == RIGHT[k].size}
    slopes = (slopes_of(own_slopes)(arrays),) if own_slopes is not None else ()
    observed = GradientsSeen((seen,) * cases, ((loss, LOSS),) * cases, slopes)
    criterion = make_criterion(GradientsOptions(points_by=points_by, **options), points=6.0, kind="gradients")
    return Gradients().judge(observed, criterion)


def test_right_gradients_pass(make_criterion):
    judgement = judge(make_criterion, RIGHT, cases=3)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PASS, 1.0)
    assert judgement.feedback.summary == (
        "W1 and b1 agree with the reference on 3 cases, and with the slope of your own loss on one case."
    )


def test_each_gradient_has_its_own_points(make_criterion):
    judgement = judge(make_criterion, {**RIGHT, "W1": RIGHT["W1"] * 32})
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, pytest.approx(2 / 6))
    feedback = judgement.feedback
    assert feedback.summary == "One of your two gradients disagrees with the slope of your own loss."
    assert [(row[0], row[4], row[5]) for row in feedback.table.rows] == [
        ("W1", "0 of 4", "differs"),
        ("b1", "2 of 2", "ok"),
    ]
    assert [diagnosis.id for diagnosis in feedback.diagnoses] == ["gradient-scaled"]
    assert "32.0000 times too long" in feedback.diagnoses[0].text
    assert any("your own loss changes at the rate" in fact for fact in feedback.facts)


def test_without_points_by_it_is_all_or_nothing(make_criterion):
    judgement = judge(make_criterion, {**RIGHT, "b1": -RIGHT["b1"]}, points_by={})
    assert (judgement.verdict, judgement.fraction) == (Verdict.FAIL, 0.0)
    assert [row[4] for row in judgement.feedback.table.rows] == ["0 of 3", "0 of 3"]


def test_a_gradient_that_is_missing_costs_only_its_own_points(make_criterion):
    judgement = judge(make_criterion, {"W1": RIGHT["W1"]})
    assert judgement.fraction == pytest.approx(4 / 6)
    assert "b1 was not returned." in judgement.feedback.facts


def test_one_mistake_in_the_loss_costs_once(make_criterion):
    """The loss lacks its ½; the gradients are right for that loss."""
    doubled = {name: 2 * array for name, array in RIGHT.items()}
    judgement = judge(make_criterion, doubled, loss=2 * LOSS, own_slopes=doubled)
    assert judgement.verdict is Verdict.PASS
    assert "counted once" in judgement.feedback.summary
    strict = judge(make_criterion, doubled, loss=2 * LOSS, own_slopes=doubled, follow_through=False)
    assert (strict.verdict, strict.fraction) == (Verdict.FAIL, 0.0)


def test_a_loss_made_up_to_suit_a_gradient_gains_nothing(make_criterion):
    """L = sum of the weights, and ones as its gradient: consistent with each other, and wrong."""
    ones = {name: np.ones_like(array) for name, array in RIGHT.items()}
    judgement = judge(make_criterion, ones, loss=3.0, own_slopes=ones)
    assert (judgement.verdict, judgement.fraction) == (Verdict.FAIL, 0.0)
    assert any("the slope of your own loss, so the mistake is in the loss" in fact for fact in judgement.feedback.facts)


def test_a_scaled_gradient_beside_a_right_loss_is_wrong(make_criterion):
    doubled = {name: 2 * array for name, array in RIGHT.items()}
    assert judge(make_criterion, doubled).fraction == 0.0


def test_a_right_gradient_beside_a_wrong_loss_keeps_its_points(make_criterion):
    other = {name: 3 * array for name, array in RIGHT.items()}
    assert judge(make_criterion, RIGHT, loss=0.1, own_slopes=other).verdict is Verdict.PASS


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_loss_that_is_no_number_follows_nothing_through(make_criterion, bad):
    doubled = {name: 2 * array for name, array in RIGHT.items()}
    assert judge(make_criterion, doubled, loss=bad, own_slopes=None).fraction == 0.0


def test_without_an_oracle_the_slopes_decide(make_criterion):
    only = ("finite differences",)
    assert judge(make_criterion, RIGHT, against=only).verdict is Verdict.PASS
    wrong = judge(make_criterion, {**RIGHT, "W1": -RIGHT["W1"]}, against=only)
    assert (wrong.verdict, wrong.fraction) == (Verdict.PARTIAL, pytest.approx(2 / 6))


def test_without_an_oracle_slopes_that_cannot_decide_are_for_a_person(make_criterion):
    seen = Seen("case one", RIGHT, RIGHT)
    vague = {k: tuple(Slope(i, 1.0, 1e6, 1e-5) for i in np.ndindex(v.shape)) for k, v in RIGHT.items()}
    slopes = SlopesSeen("case one", dict(RIGHT), {k: v.shape for k, v in RIGHT.items()}, vague, 32)
    criterion = make_criterion(GradientsOptions(against=("finite differences",)), kind="gradients")
    judgement = Gradients().judge(GradientsSeen((seen,), ((LOSS, LOSS),), (slopes,)), criterion)
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_axes_of_length_one_keep_their_points(make_criterion):
    judgement = judge(make_criterion, {**RIGHT, "b1": RIGHT["b1"][None, :]})
    assert judgement.verdict is Verdict.PASS
    assert [finding.kind for finding in judgement.findings] == ["shape-extra-axis"]


def test_a_transposed_gradient_is_recognised(make_criterion):
    right = {"W1": np.arange(1.0, 7.0).reshape(2, 3) ** 1.3, "b1": RIGHT["b1"]}
    seen = Seen("case one", {"W1": right["W1"].T, "b1": right["b1"]}, right)
    slopes = slopes_of(right)({"W1": right["W1"].T, "b1": right["b1"]})
    criterion = make_criterion(GradientsOptions(points_by=POINTS), points=6.0, kind="gradients")
    judgement = Gradients().judge(GradientsSeen((seen,), ((LOSS, LOSS),), (slopes,)), criterion)
    assert judgement.fraction == pytest.approx(2 / 6)
    assert [diagnosis.id for diagnosis in judgement.feedback.diagnoses] == ["gradient-transposed"]


def test_nothing_of_the_oracle_shows_below_expected(make_criterion):
    """Without slopes there is nothing but the oracle to compare with, and then only a power of ten is told."""
    right = {"W1": np.array([0.7313]), "b1": np.array([0.2914])}
    seen = Seen("case one", {"W1": np.array([0.5]), "b1": np.array([0.2914])}, right)
    criterion = make_criterion(GradientsOptions(against=("oracle",)), kind="gradients")
    feedback = Gradients().judge(GradientsSeen((seen,), ((LOSS, LOSS),), ()), criterion).feedback
    shown = " ".join([feedback.summary, *feedback.facts, *(d.text for d in feedback.diagnoses), str(feedback.table)])
    assert "0.73" not in shown
    assert "0.31" not in shown  # the relative error
    assert "about 1e" in shown


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (GradientsOptions(of="slopes"), "of"),
        (GradientsOptions(loss="L"), "loss"),
        (GradientsOptions(against=()), "against"),
        (GradientsOptions(points_by={"W1": 1, "b1": 1}), "points_by"),
    ],
)
def test_what_a_rubric_gets_wrong_is_named(backprop, options, field):
    assert field in [where for where, _ in options.problems(points=6.0, part=backprop)]


def test_points_split_among_other_gradients_than_the_reference_has_are_a_fault_of_the_rubric(make_criterion):
    with pytest.raises(ValueError, match="points_by names W1, but the reference returns W1, b1"):
        judge(make_criterion, RIGHT, points_by={"W1": 6.0})


def test_a_criterion_worth_nothing_is_judged_all_the_same(make_criterion):
    seen = Seen("case one", {**RIGHT, "b1": -RIGHT["b1"]}, RIGHT)
    criterion = make_criterion(GradientsOptions(points_by={"W1": 0.0, "b1": 0.0}), points=0.0, kind="gradients")
    judgement = Gradients().judge(GradientsSeen((seen,), ((LOSS, LOSS),), ()), criterion)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.0)
