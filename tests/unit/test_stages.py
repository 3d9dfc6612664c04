import numpy as np
import pytest

from grader.networks.stages import first_difference_of_parameters, first_difference_of_sizes, stages
from grader.transplant.architecture import Convolution, Dense, Dropout, Flatten, Network, Pooling
from tests.unit.network_examples import small_network


def test_the_table_lists_what_has_a_size_or_parameters():
    table = stages(small_network(softmax=True))
    assert [stage.kind for stage in table] == ["weights", "normalization", "pooling", "weights"]
    assert [stage.output_shape for stage in table] == [(4, 4, 2), (4, 4, 2), (2, 2, 2), (3,)]
    assert [(stage.parameters, stage.untrained) for stage in table] == [(20, 0), (8, 4), (0, 0), (27, 0)]
    assert table[0].sizes_text == "6×6×1 → 4×4×2"


def as_convolution():
    """The dense layer on 2×2×2 written as a convolution with one place."""
    whole = small_network()
    kernel = whole.layers[-1].kernel.reshape(2, 2, 2, 3)
    return Network((6, 6, 1), (*whole.layers[:4], Convolution(kernel=kernel, bias=np.zeros(3)), Flatten()))


@pytest.mark.parametrize("other", [small_network(softmax=True), small_network(activation="tanh"), as_convolution()])
def test_equivalent_writings_have_no_difference(other):
    ours, theirs = stages(other), stages(small_network())
    assert first_difference_of_sizes(ours, theirs) is None
    assert first_difference_of_parameters(ours, theirs) is None


def test_the_first_layer_that_differs_is_found():
    own, reference = stages(small_network(channels=5)), stages(small_network())
    found = first_difference_of_sizes(own, reference)
    assert (found.number, found.own.size, found.reference.size) == (0, (4, 4, 5), (4, 4, 2))


def test_a_missing_pool_is_a_difference_of_sizes():
    whole = small_network().layers
    own = Network((6, 6, 1), (*whole[:3], Flatten(), Dense(kernel=np.ones((32, 3)), bias=np.zeros(3))))
    found = first_difference_of_sizes(stages(own), stages(small_network()))
    assert (found.number, found.own.kind, found.reference.kind) == (2, "weights", "pooling")


def test_a_table_that_ends_early_differs_after_its_end():
    own = Network((6, 6, 1), small_network().layers[:4])
    found = first_difference_of_sizes(stages(own), stages(small_network()))
    assert (found.number, found.own, found.reference.size) == (3, None, (3,))
    assert first_difference_of_parameters(stages(own), stages(small_network())).number == 3


def test_parameters_point_at_the_line_of_the_whole_table():
    """Pooling has no parameters, but it is a line of the table that the student sees."""
    whole = small_network().layers
    own = Network((6, 6, 1), (*whole[:-1], Dense(kernel=np.ones((8, 3)), bias=None)))
    found = first_difference_of_parameters(stages(own), stages(small_network()))
    assert (found.number, found.own.parameters, found.reference.parameters) == (3, 24, 27)


def test_a_pool_more_is_no_difference_of_parameters():
    own = Network((6, 6, 1), (Pooling(reduction="maximum", size=(1, 1), strides=(1, 1)), *small_network().layers))
    assert first_difference_of_parameters(stages(own), stages(small_network())) is None


def test_dropout_is_no_line():
    without = Network((6, 6, 1), tuple(x for x in small_network().layers if not isinstance(x, Dropout)))
    assert stages(without) == stages(small_network())
