"""Judging what a student's function takes out of a network: the weights themselves are made up here."""

import numpy as np
import pytest

from grader.checks.extracted_weights import ExtractedWeights, ExtractedWeightsOptions, ExtractionSeen, channels_first
from grader.course.model import FunctionSpec, ModelSpec, Part, Source
from grader.networks.forward_pass import NamedLayer, named_arrays
from grader.results import Verdict
from grader.transplant.architecture import Activation, Convolution, Dense, Flatten, Network, Pooling, draw_arrays

SEED = 8
LAYERS = ("conv1", "dense1", "logits")


@pytest.fixture
def network():
    empty = Network(
        (6, 8, 1),
        (
            Convolution(kernel=np.zeros((3, 3, 1, 2)), bias=np.zeros(2)),
            Pooling(reduction="maximum", size=(2, 2), strides=(2, 2)),
            Flatten(),
            Activation(function="relu"),
            Dense(kernel=np.zeros((12, 5)), bias=np.zeros(5)),
            Dense(kernel=np.zeros((5, 10)), bias=np.zeros(10)),
        ),
    )
    return draw_arrays(empty, np.random.default_rng(SEED))


@pytest.fixture
def named(network):
    return tuple(map(NamedLayer, LAYERS, (layer for layer in network.layers if layer.arrays)))


@pytest.fixture
def judge(network, named, make_criterion):
    def run(outputs, **fields):
        options = ExtractedWeightsOptions(function="network_weights", model="cnn", layers=LAYERS, **fields)
        seen = ExtractionSeen("build_cnn in networks.py", outputs, named_arrays(named), channels_first(network, named))
        return ExtractedWeights().judge(seen, make_criterion(options, points=6.0, kind="extracted_weights"))

    return run


def test_what_was_put_in_comes_out(judge, named):
    judgement = judge(named_arrays(named))
    assert (judgement.verdict, judgement.fraction) == (Verdict.PASS, 1.0)


def test_rows_in_the_order_of_pytorch_are_recognised(judge, named):
    outputs = named_arrays(named)
    kernel = outputs["dense1_kernel"]
    theirs = np.empty_like(kernel)
    for row, column, channel in np.ndindex(2, 3, 2):
        theirs[channel * 6 + row * 3 + column] = kernel[row * 6 + column * 2 + channel]
    judgement = judge(outputs | {"dense1_kernel": theirs})
    assert judgement.verdict is Verdict.FAIL
    assert "its rows stand in the order channel, row, column" in " ".join(judgement.feedback.facts)


def test_other_numbers_are_not_called_reordered(judge, named):
    outputs = named_arrays(named)
    judgement = judge(outputs | {"dense1_kernel": outputs["dense1_kernel"][::-1]})
    assert "order" not in " ".join(judgement.feedback.facts)
    assert judgement.feedback.summary == "dense1_kernel does not come out as it should, in the handout's layout."


def test_another_layout_and_a_missing_array_are_told(judge, named):
    outputs = named_arrays(named)
    outputs["logits_kernel"] = outputs["logits_kernel"].T
    del outputs["conv1_bias"]
    judgement = judge(outputs)
    facts = " ".join(judgement.feedback.facts)
    assert "conv1_bias was not returned" in facts
    assert "logits_kernel has the shape (10, 5), which is not the one the handout asks for" in facts
    assert judgement.feedback.summary.startswith("conv1_bias and logits_kernel do not come out as they should")


def test_points_by_array(judge, named):
    outputs = named_arrays(named)
    points = dict.fromkeys(outputs, 1.0)
    del outputs["conv1_bias"]
    judgement = judge(outputs, points_by=points)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, pytest.approx(5 / 6))


def test_a_network_that_cannot_be_read_is_for_a_person(make_criterion):
    options = ExtractedWeightsOptions(function="network_weights", model="cnn", layers=LAYERS)
    seen = ExtractionSeen("build_cnn in networks.py", {}, {}, {}, "it has one layer with weights, the handout's 3")
    judgement = ExtractedWeights().judge(seen, make_criterion(options))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "it has one layer with weights" in judgement.feedback.facts[0]


def part(accepts=("network",)):
    return Part(
        "cnn", "", (FunctionSpec("network_weights", accepts, ("weights",)),), "oracle_weights.py", (),
        Source("rubric.yaml", 1), models=(ModelSpec("cnn", "build_cnn", (28, 28, 1), "build_cnn"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "in_part", "field", "words"),
    [
        ({"model": "lenet"}, part(), "model", "has no model 'lenet'; it has cnn"),
        ({"function": "weights"}, part(), "function", "has no function 'weights'; it has network_weights"),
        ({}, part(("network", "layer")), "function", "must accept one value, the network, and return one"),
        ({"points_by": {"conv1_bias": 1.0}}, part(), "points_by", "adds up to 1, the criterion has 6"),
    ],
)
def test_a_wrong_rubric_is_told_where(fields, in_part, field, words):
    options = ExtractedWeightsOptions(**{"function": "network_weights", "model": "cnn", "layers": LAYERS} | fields)
    ((found, message),) = options.problems(points=6.0, part=in_part)
    assert found == field
    assert words in message
