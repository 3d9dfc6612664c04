import msgspec
import numpy as np
import pytest

from grader.networks import evaluate
from grader.oracle.run import load_module
from grader.transplant.architecture import Activation, BatchNormalization, Network, draw_arrays
from grader.transplant.numpy_network import layer_outputs
from tests.unit.network_examples import small_network


def drawn(seed=0, **options):
    return draw_arrays(small_network(**options), np.random.default_rng(seed))


def test_it_computes_what_the_courses_own_numpy_reference_computes(root):
    inputs = np.random.default_rng(1).normal(size=(700, 6, 6, 1))
    layers = load_module(root / "reference" / "cnn_in_numpy" / "oracle_numpy.py")
    expected = layer_outputs(drawn(), inputs, layers)[-1]
    np.testing.assert_allclose(evaluate.outputs(drawn(), inputs), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("stride", "size"), [((1, 1), (2, 2)), ((2, 2), (2, 2)), ((3, 1), (2, 3)), ((2, 3), (3, 2))])
def test_pooling_takes_every_window_once(stride, size, root):
    from grader.networks import layers

    reference = load_module(root / "reference" / "cnn_in_numpy" / "oracle_numpy.py")
    X = np.random.default_rng(2).normal(size=(2, 7, 8, 3))
    np.testing.assert_array_equal(layers.max_pooling(X, size, stride), reference.max_pooling(X, size, stride))
    np.testing.assert_allclose(
        layers.average_pooling(X, size, stride), reference.average_pooling(X, size, stride), rtol=0, atol=1e-15
    )
    kernel, bias = np.random.default_rng(3).normal(size=(*size, 3, 4)), np.arange(4.0)
    np.testing.assert_allclose(
        layers.convolution(X, kernel, bias, stride), reference.convolution(X, kernel, bias, stride), atol=1e-12
    )


def test_logits_leave_the_softmax_out():
    inputs = np.random.default_rng(1).normal(size=(5, 6, 6, 1))
    np.testing.assert_array_equal(evaluate.logits(drawn(softmax=True), inputs), evaluate.outputs(drawn(), inputs))


def test_the_logits_of_a_softmax_alone_are_its_inputs():
    inputs = np.random.default_rng(1).normal(size=(5, 10))
    network = Network((10,), (Activation(function="softmax"),))
    np.testing.assert_array_equal(evaluate.logits(network, inputs), inputs)


@pytest.mark.parametrize("kind", ["probabilities", "log-probabilities"])
def test_logits_as_something_else(kind):
    logits = np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, -1000.0]])
    values = evaluate.as_ending(logits, kind)
    probabilities = values if kind == "probabilities" else np.exp(values)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities[0], np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum())


def test_examples_may_come_in_any_shape_of_the_right_size():
    inputs = np.random.default_rng(1).normal(size=(5, 6, 6, 1))
    np.testing.assert_array_equal(evaluate.outputs(drawn(), inputs.reshape(5, 36)), evaluate.outputs(drawn(), inputs))


def test_precision_is_a_choice():
    network = evaluate.with_precision(drawn(), np.float32)
    assert evaluate.outputs(network, np.zeros((1, 6, 6, 1), np.float32)).dtype == np.float32


@pytest.mark.parametrize(("own", "used"), [(1e-5, 1e-5), (1e-2, 1e-2), (0.5, 1e-3), (0.0, 1e-3)])
def test_only_an_epsilon_that_somebody_has_by_default_is_taken_over(own, used):
    plain = small_network()
    changed = [
        msgspec.structs.replace(layer, epsilon=own) if isinstance(layer, BatchNormalization) else layer
        for layer in plain.layers
    ]
    adapted = evaluate.with_epsilons_of(Network(plain.input_shape, tuple(changed)), plain)
    assert [layer.epsilon for layer in adapted.layers if isinstance(layer, BatchNormalization)] == [used]
