"""The judges of layers, parameters and transplant, on made-up observations."""

import numpy as np
import pytest

from grader.checks.described import NOT_ASKED, Answer, agrees, agrees_on_average
from grader.checks.each_model import judge_each
from grader.checks.layers import Layers, LayersOptions, LayersSeen
from grader.checks.parameters import Parameters, ParametersOptions, ParametersSeen
from grader.checks.student import StudentError
from grader.checks.transplant import Transplant, TransplantOptions, TransplantSeen
from grader.networks.evaluate import as_ending, outputs
from grader.networks.stages import stages
from grader.networks.training_mode import evaluated
from grader.results import Evidence, Feedback, Judgement, Verdict
from grader.transplant.architecture import Dropout, Network, draw_arrays
from tests.unit.network_examples import small_network

REFERENCE = stages(small_network())


def layers(make_criterion, own, why_not="", answer=NOT_ASKED):
    seen = (("net", LayersSeen("build_net in networks.py, line 3", own, REFERENCE, why_not, answer)),)
    return Layers().judge(seen, make_criterion(LayersOptions(), kind="layers"))


def test_equal_tables_pass(make_criterion):
    assert layers(make_criterion, stages(small_network(softmax=True))).verdict is Verdict.PASS


def test_the_first_line_that_differs_is_marked(make_criterion):
    judgement = layers(make_criterion, stages(small_network(channels=5)))
    assert judgement.verdict is Verdict.FAIL
    assert [row[-1] for row in judgement.feedback.table.rows] == ["← first difference", "", "", ""]
    assert "6×6×1 → 4×4×5" in judgement.feedback.table.rows[0]
    shown = " ".join([judgement.feedback.summary, *judgement.feedback.facts])
    assert "4×4×2" not in shown
    assert "4×4×2" in judgement.feedback.expected[0]


def test_a_network_that_cannot_be_read_is_for_a_person(make_criterion):
    judgement = layers(make_criterion, None, "it has two outputs")
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "it has two outputs" in judgement.feedback.facts[0]


@pytest.mark.parametrize(("holds", "evidence"), [(True, Evidence.VERIFIED), (None, Evidence.OBSERVED)])
def test_layers_are_verified_only_if_the_network_computes_them(make_criterion, holds, evidence):
    for own, verdict in ((REFERENCE, Verdict.PASS), (stages(small_network(channels=5)), Verdict.FAIL)):
        judgement = layers(make_criterion, own, answer=Answer(holds))
        assert (judgement.verdict, judgement.evidence) == (verdict, evidence)


def test_layers_that_the_network_does_not_compute_are_for_a_person(make_criterion):
    for own in (REFERENCE, stages(small_network(channels=5))):
        judgement = layers(make_criterion, own, answer=Answer(False, "It raised ValueError."))
        assert (judgement.verdict, judgement.evidence) == (Verdict.NEEDS_REVIEW, Evidence.OBSERVED)
        assert judgement.feedback.facts[-1] == "It raised ValueError."


def parameters(make_criterion, total, trained, own, answer=NOT_ASKED):
    seen = (("net", ParametersSeen("build_net in networks.py, line 3", total, trained, own, REFERENCE, answer)),)
    return Parameters().judge(seen, make_criterion(ParametersOptions(), kind="parameters"))


def test_equal_counts_pass_even_without_a_table(make_criterion):
    assert parameters(make_criterion, 55, 51, REFERENCE).verdict is Verdict.PASS
    assert parameters(make_criterion, 55, 51, None).verdict is Verdict.PASS


@pytest.mark.parametrize("own", [REFERENCE, None], ids=["read", "not read"])
def test_the_right_counts_of_a_network_that_computes_something_else_are_for_a_person(make_criterion, own):
    judgement = parameters(make_criterion, 55, 51, own, Answer(False, "It raised ValueError."))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.feedback.facts[-1] == "It raised ValueError."


@pytest.mark.parametrize(
    ("total", "trained", "words"),
    [(56, 52, "more than"), (54, 50, "fewer than"), (55, 55, "trains 55 of its 55"), (55, 40, "trains 40 of its 55")],
)
def test_other_counts_fail_without_telling_the_right_one(make_criterion, total, trained, words):
    judgement = parameters(make_criterion, total, trained, None)
    assert judgement.verdict is Verdict.FAIL
    assert words in judgement.feedback.summary
    assert judgement.feedback.expected == ("The reference has 55 parameters (51 of them trained).",)
    assert "51" not in judgement.feedback.summary


def test_parameters_that_no_data_passes_are_pointed_out(make_criterion):
    judgement = parameters(make_criterion, 155, 151, REFERENCE)
    assert any("100 of them belong to no layer" in fact for fact in judgement.feedback.facts)


def test_the_right_total_in_the_wrong_layers_fails(make_criterion):
    swapped = (REFERENCE[3], *REFERENCE[1:3], REFERENCE[0])
    judgement = parameters(make_criterion, 55, 51, swapped)
    assert judgement.verdict is Verdict.FAIL
    assert "not in the layers" in judgement.feedback.summary


LOGITS = np.random.default_rng(0).normal(0, 3, (8, 10))


def transplant(make_criterion, computed, **known):
    known = {"layers": ("dense layer", "softmax"), "pairs": ((computed, LOGITS),), "repeated": computed, **known}
    seen = (("net", TransplantSeen("build_net in networks.py, line 3", **known)),)
    return Transplant().judge(seen, make_criterion(TransplantOptions(), kind="transplant"))


@pytest.mark.parametrize("ending", ["logits", "probabilities", "log-probabilities"])
def test_each_ending_passes(make_criterion, ending):
    judgement = transplant(make_criterion, as_ending(LOGITS, ending).astype(np.float32))
    assert (judgement.verdict, judgement.evidence) == (Verdict.PASS, Evidence.VERIFIED)


@pytest.mark.parametrize(
    "computed",
    [
        as_ending(as_ending(LOGITS, "probabilities"), "probabilities"),
        LOGITS + 0.01,
        LOGITS * np.nan,
        LOGITS[:, :9],
        np.zeros_like(LOGITS),
    ],
    ids=["softmax twice", "shifted", "nan", "nine classes", "nothing"],
)
def test_other_outputs_fail(make_criterion, computed):
    assert transplant(make_criterion, computed).verdict is Verdict.FAIL


def test_a_wrong_output_of_a_network_that_cannot_be_read_is_for_a_person(make_criterion):
    judgement = transplant(make_criterion, LOGITS + 1, described=False, why_not="it has a branch")
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_random_outputs_in_evaluation_are_told(make_criterion):
    judgement = transplant(make_criterion, LOGITS + 1, repeated=LOGITS + 2)
    assert any("dropout is active" in fact for fact in judgement.feedback.facts)


def test_weights_that_do_not_fit_fail_and_say_where(make_criterion):
    judgement = transplant(make_criterion, LOGITS, pairs=(), misfit="dense layer, 256 → 120")
    assert judgement.verdict is Verdict.FAIL
    assert "256 → 120" in judgement.feedback.facts[0]


def passing(_):
    return Judgement(Verdict.PASS, 1.0, Evidence.VERIFIED, Feedback("Right."))


def test_points_are_shared_among_several_models():
    missing = StudentError(Verdict.MISSING, Feedback("No function build_b was found."), Evidence.CLAIMED)
    judgement = judge_each((("a", 1), ("b", missing), ("c", 1), ("d", 1)), passing)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.75)
    assert "1 of 4" in judgement.feedback.summary
    assert "No function build_b" in judgement.feedback.summary
    assert judgement.evidence is Evidence.CLAIMED


def test_one_model_for_a_person_makes_the_criterion_pending():
    review = StudentError(Verdict.NEEDS_REVIEW, Feedback("Two candidates."))
    assert judge_each((("a", 1), ("b", review)), passing).verdict is Verdict.NEEDS_REVIEW


def test_all_models_missing_is_missing():
    missing = StudentError(Verdict.MISSING, Feedback("Not there."))
    assert judge_each((("a", missing), ("b", missing)), passing).verdict is Verdict.MISSING


# --- a network and its description ------------------------------------------------------------------------------------


def drawn_network(seed=0, **options):
    return draw_arrays(small_network(**options), np.random.default_rng(seed))


INPUTS = np.random.default_rng(1).uniform(0, 1, (8, 6, 6, 1))


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0, 30.0], ids="times {:g}".format)
def test_what_a_network_gives_agrees_with_its_description_and_with_no_other(softmax, scale):
    """Whatever the size of its weights: probabilities of small ones are all alike, of large ones 0 and 1."""
    network, form = scaled(drawn_network(softmax=softmax), scale), "probabilities" if softmax else "logits"
    given = outputs(network, INPUTS)
    other = outputs(scaled(drawn_network(1, softmax=softmax), scale), INPUTS)
    with_noise = given * (1 + np.random.default_rng(2).normal(0, 1e-7, given.shape))
    assert agrees(given, given, form)
    assert agrees(with_noise.astype(np.float32), given, form)
    assert not agrees(given[:, :2], given, form)
    if scale > 1e-6:
        assert not agrees(other, given, form)
        assert not agrees(np.roll(given, 1, axis=1), given, form)


@pytest.mark.parametrize("nothing", [np.nan, np.inf, 0.0], ids=str)
def test_what_is_no_output_of_the_network_does_not_agree(nothing):
    given = outputs(drawn_network(), INPUTS)
    assert not agrees(np.full_like(given, nothing), given, "logits")


def test_outputs_that_cannot_be_computed_agree_with_others_that_cannot():
    lost = np.full((8, 3), np.nan)
    assert agrees(lost, lost, "logits")
    assert not agrees(np.zeros((8, 3)), lost, "logits")


def test_random_outputs_agree_with_the_same_network_whatever_is_drawn():
    for seed in range(50):
        network = always_drops(drawn_network(seed))
        assert agrees_on_average(several(network, 2 * seed), several(network, 2 * seed + 1), "logits"), seed


@pytest.mark.parametrize("what", ["other weights", "nothing dropped", "noise", "much noise", "another rate", "nan"])
def test_random_outputs_of_anything_else_do_not_agree(what):
    network = always_drops(drawn_network())
    expected, own = several(network, 0), several(network, 1)
    still = np.repeat(own.mean(axis=1, keepdims=True), own.shape[1], axis=1)
    noise = np.random.default_rng(3).normal(0, 1, own.shape) * own.std()
    given = {
        "other weights": several(always_drops(drawn_network(1)), 1),
        "nothing dropped": still,
        "noise": noise,
        "much noise": still + 3 * noise,
        "another rate": several(always_drops(drawn_network(), rate=0.05), 1),
        "nan": own * np.nan,
    }[what]
    assert not agrees_on_average(given, expected, "logits")


def always_drops(network, rate=0.5):
    layers = [Dropout(rate=rate, always=True) if isinstance(layer, Dropout) else layer for layer in network.layers]
    return Network(network.input_shape, tuple(layers))


def several(network, seed):
    inputs = np.repeat(INPUTS[:2], 256, axis=0)
    return evaluated(network, inputs, np.random.default_rng(seed)).reshape(2, 256, -1)


def scaled(network, factor):
    """Return ``network`` with its kernels times ``factor`` and without biases."""

    def changed(name, array):
        return array * {"kernel": factor, "bias": 0}.get(name, 1)

    return network.with_arrays([{name: changed(name, a) for name, a in arrays.items()} for arrays in network.arrays])
