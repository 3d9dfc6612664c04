"""The judge of ``mode`` on made-up observations, its options, and what a worker may say about a penalty."""

import numpy as np
import pytest

from grader.checks.mode import Mode, ModeOptions, ModeSeen
from grader.checks.mode_batch_norm import BatchNormSeen
from grader.checks.mode_dropout import DropoutSeen
from grader.checks.mode_penalty import (
    PenaltyAnswer,
    PenaltyRequest,
    PenaltySeen,
    judge_penalty,
    penalized_layers,
    see_penalty,
)
from grader.checks.mode_subject import Evaluation
from grader.checks.student_models import Built, WeightFacts
from grader.course.model import ModelSpec, Part, Source
from grader.results import Evidence, Verdict
from grader.submission.binding import Bound
from tests.unit.network_examples import small_network

PLACE = "build_net in networks.py, line 3"
WEIGHTS = (np.array([1.0, 2.0]), np.array([3.0]))


RIGHT = (np.array([0.02, 0.04]), np.zeros(1))


def penalty(value=0.05, gradients=RIGHT, sources=("l2_penalty(model)",)):
    answer = PenaltyAnswer(sources, value, gradients, detached=False)
    request = PenaltyRequest(0.01, "l2_penalty", "make_optimizer")
    names = ("the kernel of layer 1", "the bias of layer 1")
    return PenaltySeen(PLACE, "torch", request, names, WEIGHTS, (True, False), answer)


def judge(make_criterion, *aspects):
    return Mode().judge((("net", ModeSeen(PLACE, aspects)),), make_criterion(ModeOptions(of="l2"), kind="mode"))


def test_points_are_shared_among_the_aspects(make_criterion):
    assert judge(make_criterion, penalty()).verdict is Verdict.PASS
    judgement = judge(make_criterion, penalty(), penalty(value=0.0, gradients=(np.zeros(2), np.zeros(1))))
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.5)
    assert judgement.feedback.summary == "The L2 penalty is zero."


@pytest.mark.parametrize("aspect", [DropoutSeen, BatchNormSeen])
def test_a_network_that_cannot_be_read_is_for_a_person_and_another_one_is_wrong(make_criterion, aspect):
    unread = judge(make_criterion, penalty(), aspect(Evaluation(PLACE, None, "it has two outputs")))
    assert (unread.verdict, unread.fraction) == (Verdict.NEEDS_REVIEW, 0.0)
    assert "It has two outputs." in unread.feedback.facts
    other = judge(make_criterion, aspect(Evaluation(PLACE, None, "it has fewer layers", is_described=True)))
    assert other.verdict is Verdict.FAIL
    assert other.feedback.facts[-1] == f"Seen on {PLACE}."


def test_what_an_optimizer_says_about_itself_is_observed_only(make_criterion):
    judgement = judge(make_criterion, penalty(sources=("weight_decay of make_optimizer(model), SGD",)))
    assert (judgement.verdict, judgement.evidence) == (Verdict.PASS, Evidence.OBSERVED)
    assert judge(make_criterion, penalty()).evidence is Evidence.VERIFIED


def test_a_penalty_that_is_not_finite_is_wrong():
    assert "not finite" in judge_penalty(penalty(value=float("nan"))).summary
    assert "not finite" in judge_penalty(penalty(gradients=(np.array([np.inf, 0.04]), np.zeros(1)))).summary


def test_the_handouts_factor_is_only_in_what_is_expected():
    outcome = judge_penalty(penalty(value=0.1, gradients=(np.array([0.04, 0.08]), np.zeros(1))))
    assert "twice the handout's" in outcome.summary
    assert "0.01" in outcome.expected[0]
    assert "0.01" not in " ".join((outcome.summary, *outcome.facts))


def test_layers_are_chosen_by_kind_or_number():
    network = small_network()
    assert penalized_layers(network, "convolutions") == {0}
    assert penalized_layers(network, "hidden") == {0}
    assert penalized_layers(network, "all") == {0, 6}
    assert penalized_layers(network, (2,)) == {6}
    with pytest.raises(ValueError, match="2 layers with weights, not 3"):
        penalized_layers(network, (1, 3))


def problems(**options):
    models = (ModelSpec("net", "build_net", (6, 6, 1), "build_net", arguments={"decay": 0.01, "kind": "l2"}),)
    part = Part("part", "Part", (), "", (), Source("rubric.yaml", 1), models=models)
    return dict(ModeOptions(**options).problems(points=2.0, part=part))


def test_options_are_checked_before_anything_runs():
    assert problems(of="dropout") == {}
    assert problems(of="l2", l2_factor=0.01) == {}
    assert problems(of=("dropout", "l2"), l2_factor="decay") == {}
    assert "is needed where `of` names l2" in problems(of="l2")["l2_factor"]
    assert "model 'net' is not built with one" in problems(of="l2", l2_factor="kind")["l2_factor"]
    assert "names nothing" in problems(of=())["of"]
    assert "no model 'other'" in problems(of="dropout", model="other")["model"]


class Answers:
    """Stands where a worker is, and says what a test wants it to say."""

    def __init__(self, answer):
        self.answer = answer

    def write(self, built, arrays):
        pass

    def operate(self, built, operation, options, *, doing):
        return self.answer


def honest(network):
    gradients = tuple({name: np.zeros(a.shape) for name, a in arrays.items()} for arrays in network.arrays)
    return {
        "sources": ("l2_penalty(model)",),
        "value": np.array(0.0),
        "gradients": gradients,
        "detached": np.array(False),
    }


def ask(answer):
    network = small_network()
    facts = (WeightFacts("kernel", (1,), True),)
    spec = ModelSpec("net", "build_net", (6, 6, 1), "build_net")
    built = Built(spec, Bound("networks.py", "build_net", 3, None), "handle", "torch", "Net", network, "", facts)
    request = PenaltyRequest(0.01, "l2_penalty", "make_optimizer")
    rng = np.random.default_rng(0)
    return see_penalty(Answers(answer), built, network, frozenset({0}), request, rng, RuntimeError)


def test_an_honest_answer_is_taken():
    assert ask(honest(small_network())).answer.value == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"sources": "l2_penalty"},
        {"sources": (np.zeros(1),)},
        {"value": np.zeros(2)},
        {"value": "much"},
        {"gradients": None},
        {"gradients": ()},
        {"gradients": honest(small_network(channels=3))["gradients"]},
        {"gradients": tuple("text" for _ in small_network().layers)},
        {"detached": np.zeros(2, bool)},
    ],
    ids=str,
)
def test_an_answer_that_is_none_is_rejected(change):
    with pytest.raises(RuntimeError, match="told as no penalty is"):
        ask({**honest(small_network()), **change})


def test_an_answer_of_another_type_is_rejected():
    with pytest.raises(RuntimeError, match="told as no penalty is"):
        ask(("no", "mapping"))
