"""What is said about a training function, on made-up observations."""

import msgspec
import numpy as np
import pytest

from grader.checks.train import ITEMS, TrainOptions, TrainSeen, accuracy_to_reach, judge_one
from grader.checks.train_history import decoded, nearest_accuracy, problem_of, usual_key
from grader.oracle.budgets import Reached
from grader.results import Evidence, Verdict

CURVE = {"accuracy": (0.4, 0.6)}
HISTORY = {"loss": (2.0, 1.0), "accuracy": (0.4, 0.6), "val_loss": (2.1, 1.2), "val_accuracy": (0.35, 0.5)}
REACHED = (
    Reached("torch", "reference", (0.60, 0.62, 0.64, 0.61, 0.63, 0.62), CURVE, 1.0, "", {}),
    Reached("torch", "pytorch", (0.50, 0.52, 0.54, 0.51, 0.53, 0.52), CURVE, 1.0, "", {}),
)
RIGHT = TrainSeen(
    trainer="train_mlp in networks.py, line 9",
    budget="2 epochs on 1,000 images",
    epochs=2,
    scaling="from 0 to 1",
    began=0.1,
    ended=0.58,
    validation=0.5,
    moved=True,
    chance=0.4,
    changed=(),
    returned="dict",
    history=HISTORY,
    reached=REACHED,
)
OPTIONS = TrainOptions(epochs=2)


def judged(**changes):
    return judge_one(msgspec.structs.replace(RIGHT, **changes), OPTIONS)


def test_all_right_is_full_marks_with_the_references_curves_beside():
    judgement = judged()
    assert (judgement.verdict, judgement.fraction, judgement.evidence) == (Verdict.PASS, 1.0, Evidence.OBSERVED)
    assert [series.from_oracle for series in judgement.exhibits[0].series] == [False, True, True]
    assert judgement.exhibits[0].series[0].values == (0.4, 0.6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ended": 0.2}, "It did not learn: accuracy 0.200"),
        ({"chance": 0.0001}, "It was trained on the validation images"),
        ({"history": {**HISTORY, "loss": (1.0,)}}, "Under loss there are 1 numbers"),
        ({"validation": 0.6}, "a validation accuracy of 0.500; measured with the trained network"),
        ({"changed": ("x_train",)}, "changed what it was given in place: x_train"),
        ({"moved": False}, "computes the same as before"),
    ],
)
def test_each_mistake_costs_its_share_and_is_said(changes, said):
    judgement = judged(**changes)
    assert judgement.verdict is Verdict.PARTIAL
    assert judgement.fraction == pytest.approx(5 / 6)
    assert said in judgement.feedback.summary
    assert [row[1] for row in judgement.feedback.table.rows].count("no") == 1


def test_the_floor_is_that_of_the_slower_initial_weights_and_never_beyond_half_way():
    wide = msgspec.structs.replace(REACHED[1], accuracies=(0.40, 0.62, 0.44, 0.61, 0.43, 0.62))
    assert accuracy_to_reach((REACHED[0],), 0.05) == pytest.approx((0.1 + 0.62) / 2)
    assert accuracy_to_reach((REACHED[0], wide), 0.0) == pytest.approx(wide.bound(1, 1e-3))


def test_with_more_epochs_to_choose_from_the_marks_must_say_more():
    assert judged(chance=0.0004).verdict is Verdict.PARTIAL
    assert judged(chance=0.0006).verdict is Verdict.PASS
    assert "no" not in [row[1] for row in (judged(chance=0.0006).feedback.table or EMPTY).rows]


class EMPTY:
    rows = ()


def test_only_what_the_criterion_names_counts():
    seen = msgspec.structs.replace(RIGHT, history=None, returned="int")
    judgement = judge_one(seen, TrainOptions(epochs=2, of=("learns", "history")))
    assert judgement.fraction == 0.5
    assert "It returned a int, not a dict of lists" in judgement.feedback.summary
    assert set(TrainOptions(epochs=1).of) == set(ITEMS)


# --- histories --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "usual"),
    [
        ("val_sparse_categorical_accuracy", "val_accuracy"),
        ("categorical_accuracy", "accuracy"),
        ("acc", "accuracy"),
        ("validation_acc", "val_accuracy"),
        ("train_loss", "loss"),
        ("Val_Loss", "val_loss"),
        ("learning_rate", "learning_rate"),
    ],
)
def test_names_that_mean_the_same_are_the_same(key, usual):
    assert usual_key(key) == usual


@pytest.mark.parametrize(
    ("history", "returned", "said"),
    [
        (None, "NoneType", "It returned nothing"),
        (None, "Sequential", "It returned a Sequential"),
        ({}, "dict", "no list of numbers under loss, accuracy, val_loss, val_accuracy; there is nothing"),
        ({**HISTORY, "val_loss": (1.0, float("nan"))}, "dict", "Under val_loss there is a number that is not finite"),
        (HISTORY, "dict", ""),
    ],
)
def test_what_is_wrong_with_a_history_is_said(history, returned, said):
    assert said in problem_of(history, returned, 2)
    assert bool(said) == bool(problem_of(history, returned, 2))


def test_an_answer_that_is_no_history_is_refused():
    assert decoded(None) is None
    assert decoded({"acc": np.array([0.5])}) == {"accuracy": (0.5,)}
    for wrong in ("text", {"loss": "text"}, {"loss": np.zeros((2, 2))}, {"loss": np.zeros(2, np.float32)}):
        with pytest.raises(ValueError, match="history is"):
            decoded(wrong)
    with pytest.raises(ValueError, match="at most 50"):
        decoded({str(number): np.zeros(1) for number in range(51)})


def test_the_best_epoch_and_percentages_are_as_good_as_the_last_and_shares():
    assert nearest_accuracy({"val_accuracy": (0.5, 0.4)}, 0.49) == 0.5
    assert nearest_accuracy({"val_accuracy": (50.0, 40.0)}, 0.41) == 0.4
    assert nearest_accuracy({"val_accuracy": (float("nan"),)}, 0.41) is None
    assert nearest_accuracy(None, 0.41) is None
