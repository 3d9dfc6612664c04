"""The NumPy layers against plain loops, and descriptions of networks, without any framework."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.oracle.run import load_module
from grader.transplant.architecture import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Network,
    Pooling,
    Reshape,
    ZeroPadding,
    draw_arrays,
    output_shape,
    same_padding,
)
from grader.transplant.chain import Chain
from grader.transplant.numpy_network import layer_outputs
from grader.transplant.traced import Layout, TraceError
from grader.transplant.transplant import ArchitectureMismatch, fitted_arrays, sites


@pytest.fixture(scope="module")
def layers(root):
    return load_module(root / "reference" / "cnn_in_numpy" / "oracle_numpy.py")


@pytest.fixture
def rng():
    return np.random.default_rng(20)


# --- the layers of the reference --------------------------------------------------------------------------------------


def test_convolution_is_the_sum_that_its_docstring_says(layers, rng):
    X, K, b = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=4)
    result = layers.convolution(X, K, b, stride=(2, 3))

    assert result.shape == (2, 3, 2, 4)
    for n, i, j, o in np.ndindex(result.shape):
        terms = (X[n, 2 * i + k, 3 * j + m, c] * K[k, m, c, o] for k, m, c in product(range(3), range(2), range(3)))
        assert result[n, i, j, o] == pytest.approx(b[o] + sum(terms))


def test_pooling_is_the_largest_or_the_mean_of_windows_that_may_overlap(layers, rng):
    X = rng.normal(size=(2, 5, 6, 3))
    largest, mean = (pool(X, size=(2, 3), stride=(1, 2)) for pool in (layers.max_pooling, layers.average_pooling))

    assert largest.shape == mean.shape == (2, 4, 2, 3)
    for n, i, j, c in np.ndindex(largest.shape):
        window = X[n, i : i + 2, 2 * j : 2 * j + 3, c]
        assert largest[n, i, j, c] == window.max()
        assert mean[n, i, j, c] == pytest.approx(window.mean())


def test_same_padding_is_never_the_largest_and_no_part_of_a_mean(layers):
    X = np.full((1, 3, 3, 1), -5.0)
    for pool in (layers.max_pooling, layers.average_pooling):
        np.testing.assert_array_equal(pool(X, (2, 2), (2, 2), "same"), np.full((1, 2, 2, 1), -5.0))


def test_an_odd_row_of_same_padding_comes_last(layers):
    X = np.arange(1.0, 5.0).reshape(1, 4, 1, 1)
    padded = layers.pad_same(X, (2, 1), (1, 1), 0)
    np.testing.assert_array_equal(padded.ravel(), [1, 2, 3, 4, 0])


def test_softmax_of_large_values_neither_overflows_nor_warns(layers):
    np.testing.assert_allclose(layers.softmax(np.array([[1e4, 1e4, -1e4]])), [[0.5, 0.5, 0.0]])


def test_dense_weights_from_pytorch_are_put_into_the_order_row_column_channel(layers):
    channels, side = 64, 13
    dense = np.arange(channels * side * side, dtype=np.float64).reshape(1, -1)  # entry (c, i, j) is 169 c + 13 i + j
    arrays = [np.zeros((channels, 1, 3, 3)), np.zeros(channels), dense, np.zeros(1), np.zeros((10, 1)), np.zeros(10)]
    weights = layers.weights_from_torch(arrays)

    assert [weights[name].shape for name in layers.WEIGHTS] == [(3, 3, 1, 64), (64,), (10816, 1), (1,), (1, 10), (10,)]
    assert weights["dense1_kernel"].ravel()[:2].tolist() == [0, 169]
    assert weights["dense1_kernel"].ravel()[64] == 1
    assert weights["dense1_kernel"].ravel()[64 * 13] == 13


# --- descriptions -----------------------------------------------------------------------------------------------------


def every_layer(rng):
    return Network(
        (6, 7, 2),
        (
            ZeroPadding(padding=((1, 0), (0, 2))),
            Convolution(kernel=rng.normal(size=(2, 3, 2, 4)), bias=rng.normal(size=4), strides=(1, 2)),
            BatchNormalization(
                scale=None, shift=np.zeros(4), mean=np.zeros(4), variance=np.ones(4), epsilon=1e-3, momentum=0.9
            ),
            Activation(function="relu"),
            Pooling(reduction="maximum", size=(2, 2), strides=(2, 1), padding=((0, 0), (1, 1))),
            Dropout(rate=0.5),
            Flatten(),
            Reshape(shape=(5, 3, 4)),
            Flatten(),
            Dense(kernel=rng.normal(size=(60, 3))),
        ),
    )


def test_shapes_follow_the_layers(rng):
    shapes = [(7, 9, 2), (6, 4, 4), (6, 4, 4), (6, 4, 4), (3, 5, 4), (3, 5, 4), (60,), (5, 3, 4), (60,), (3,)]
    network = every_layer(rng)
    assert list(network.shapes) == shapes
    assert network.output_shape == (3,)


def test_what_is_computed_has_the_shapes_of_the_description(layers, rng):
    network = draw_arrays(every_layer(rng), rng)
    outputs = layer_outputs(network, rng.normal(size=(2, 6, 7, 2)), layers)
    assert [output.shape[1:] for output in outputs] == list(network.shapes)


def test_arrays_are_read_only_copies(rng):
    network = draw_arrays(every_layer(rng), rng)
    with pytest.raises(ValueError, match="read-only"):
        network.arrays[1]["kernel"][0] = 0


def test_drawn_arrays_leave_nothing_at_its_start(rng):
    network = every_layer(rng)
    drawn = draw_arrays(network, rng)
    for before, after in zip(network.arrays, drawn.arrays, strict=True):
        assert before.keys() == after.keys()
        for name in before:
            assert before[name].dtype == after[name].dtype
            assert (before[name] != after[name]).all(), name
    assert (drawn.arrays[2]["variance"] > 0).all()


def norm(channels, **arrays):
    vectors = {name: np.ones(channels) for name in ("scale", "shift", "mean", "variance")}
    return BatchNormalization(**(vectors | arrays), epsilon=1e-3, momentum=0.9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Convolution(kernel=np.ones((3, 3, 1))), r"arrays of a Convolution have the shapes .*\(3, 3, 1\)"),
        (lambda: Dense(kernel=np.ones(3)), r"arrays of a Dense have the shapes"),
        (
            lambda: Dense(kernel=np.ones((3, 2)), bias=np.ones(3)),
            r"dense layer for 2 channels has a bias of shape \(3,\)",
        ),
        (lambda: norm(4, variance=np.ones(3)), r"batch normalization for 4 channels has a variance of shape \(3,\)"),
    ],
)
def test_arrays_that_do_not_fit_each_other(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (Dense(kernel=np.ones((400, 120))), (256,), "dense layer takes 400 values, but 256 reach it"),
        (Dense(kernel=np.ones((4, 3))), (2, 2, 1), "dense layer takes 4 values, but 2×2×1 reach it"),
        (
            Convolution(kernel=np.ones((3, 3, 2, 1))),
            (5, 5, 1),
            "convolution 3×3 takes height×width×2 values, but 5×5×1 reach it",
        ),
        (Convolution(kernel=np.ones((3, 3, 1, 1))), (2, 5, 1), "convolution 3×3 does not fit into a map of 2×5×1"),
        (
            Pooling(reduction="average", size=(2, 2), strides=(2, 2)),
            (9,),
            "average pooling 2×2 takes height×width×channels values, but 9 reach it",
        ),
        (ZeroPadding(padding=((1, 1), (1, 1))), (9,), "zero padding takes height×width×channels values"),
        (norm(3), (5, 5, 2), "batch normalization takes height×width×3 values, but 5×5×2 reach it"),
        (Reshape(shape=(2, 2, 2)), (9,), "reshape to 2×2×2 takes 8 values, but 9 reach it"),
    ],
)
def test_values_that_a_layer_cannot_take(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        output_shape(layer, shape)
    with pytest.raises(ValueError, match=f"layer 2: {message}"):
        Network(shape, (Activation(function="relu"), layer))


def test_arrays_of_another_network_are_refused(rng):
    network = Network((4,), (Dense(kernel=rng.normal(size=(4, 3)), bias=np.zeros(3)),))
    with pytest.raises(
        ValueError, match=r"layer 1, dense layer, has the arrays \{'kernel': \(4, 3\), 'bias': \(3,\)\}"
    ):
        network.with_arrays([{"kernel": np.ones((4, 3))}])
    with pytest.raises(ValueError, match="arrays for 2 layers were given to a network of 1"):
        network.with_arrays([{}, {}])


@given(st.integers(1, 30), st.integers(1, 7), st.integers(1, 7))
def test_same_padding_gives_as_many_places_as_promised(n, size, stride):
    (before, after), _ = same_padding((n, 1), (size, 1), (stride, 1))
    assert (n + before + after - size) // stride + 1 == -(-n // stride)
    assert before <= after <= before + 1


# --- computing and fitting --------------------------------------------------------------------------------------------


def test_inputs_of_another_shape_and_a_dropout_that_never_stops_are_refused(layers):
    network = Network((4,), (Dropout(rate=0.5, always=True, label="drop"),))
    with pytest.raises(ValueError, match=r"takes examples of shape \(4,\), not \(5,\)"):
        layer_outputs(network, np.zeros((2, 5)), layers)
    with pytest.raises(ValueError, match="the dropout drop is active in evaluation"):
        layer_outputs(network, np.zeros((2, 4)), layers)


def test_padding_counts_in_an_average_only_where_it_is_said_to(layers):
    X = np.full((1, 2, 2, 1), 8.0)
    counted, left_out = (
        Pooling(reduction="average", size=(2, 2), strides=(2, 2), padding=((1, 1), (1, 1)), padding_counts=counts)
        for counts in (True, False)
    )
    assert (layer_outputs(Network((2, 2, 1), (counted,)), X, layers)[0] == 2).all()
    assert (layer_outputs(Network((2, 2, 1), (left_out,)), X, layers)[0] == 8).all()


def test_a_dense_layer_and_a_convolution_with_one_place_take_each_others_weights(layers, rng):
    convolution = Network((2, 3, 4), (Convolution(kernel=rng.normal(size=(2, 3, 4, 5)), bias=rng.normal(size=5)),))
    dense = Network((2, 3, 4), (Flatten(), Dense(kernel=np.zeros((24, 5)), bias=np.zeros(5))))
    X = rng.normal(size=(3, 2, 3, 4))

    fitted = dense.with_arrays(fitted_arrays(convolution, dense))

    expected = layer_outputs(convolution, X, layers)[-1].reshape(3, 5)
    np.testing.assert_allclose(layer_outputs(fitted, X, layers)[-1], expected)
    back = convolution.with_arrays(fitted_arrays(fitted, convolution))
    np.testing.assert_array_equal(back.arrays[0]["kernel"], convolution.arrays[0]["kernel"])


def test_a_convolution_of_as_many_values_with_several_places_is_another_layer(rng):
    several = Network((3, 3, 4), (Convolution(kernel=rng.normal(size=(2, 3, 4, 5))),))
    dense = Network((24,), (Dense(kernel=np.zeros((24, 5))),))
    with pytest.raises(ArchitectureMismatch) as caught:
        fitted_arrays(several, dense)
    assert (caught.value.position, caught.value.source.output_shape) == (1, (2, 1, 5))
    assert str(caught.value.target) == "dense layer, 24 → 5: kernel 24×5"


def test_sites_are_the_layers_with_arrays(rng):
    assert [(site.number, site.input_shape) for site in sites(every_layer(rng))] == [
        (1, (7, 9, 2)),
        (2, (6, 4, 4)),
        (9, (60,)),
    ]


# --- following the values ---------------------------------------------------------------------------------------------


class Array:
    """A parameter that belongs to no framework."""

    def __init__(self, values):
        self.native = np.array(values)

    def read(self):
        return self.native.copy()

    def write(self, values):
        self.native[...] = values


def test_the_order_of_a_flatten_is_the_order_of_the_next_kernels_rows():
    chain = Chain((2, 3, 2), channel_axis=0)
    chain.rearranged(chain.two_examples().reshape(2, -1), "flatten")
    kernel = Array(np.arange(12.0).reshape(12, 1))
    chain.dense(kernel, (0, 1), None, "dense")
    traced = chain.finish(())

    assert [type(layer) for layer in traced.network.layers] == [Flatten, Dense]
    # channels first, (2, 2, 3): rows 0 and 6 are the two channels of the first place
    assert traced.network.layers[1].kernel.ravel().tolist() == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]
    traced.write([{}, {"kernel": np.arange(12.0).reshape(12, 1)}])
    assert kernel.native.ravel().tolist() == [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]


@given(st.permutations(range(3)), st.permutations(range(4)))
def test_a_layout_and_its_reverse_cancel(axes, rows):
    native = np.arange(4 * 3 * 2).reshape(np.array([4, 3, 2])[np.argsort(axes)])
    layout = Layout(tuple(axes), (4, 6), np.array(rows))

    neutral = layout.to_neutral(native)

    np.testing.assert_array_equal(layout.to_native(neutral, native.shape), native)
    for row, place in enumerate(rows):
        np.testing.assert_array_equal(neutral[place], native.transpose(axes).reshape(4, 6)[row])


def test_values_that_are_left_out_or_mixed_are_refused():
    chain = Chain((4,), channel_axis=0)
    with pytest.raises(TraceError, match="crop leaves values out or repeats them"):
        chain.rearranged(chain.two_examples()[:, :3], "crop")
    with pytest.raises(TraceError, match="shuffle mixes the values of different examples"):
        chain.rearranged(chain.two_examples()[::-1], "shuffle")
    with pytest.raises(TraceError, match="pool gives 3, but what was read of it would give 4"):
        chain.confirm((3,), "pool")


def test_inputs_and_outputs_go_both_ways(rng):
    chain = Chain((2, 3, 4), channel_axis=0)
    traced = chain.finish(())
    X = rng.normal(size=(5, 2, 3, 4))

    native = traced.native_inputs(X)

    np.testing.assert_array_equal(native, X.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(traced.neutral_outputs(native), X)
    with pytest.raises(ValueError, match="the network takes 2×3×4, not 4×2×3"):
        traced.native_inputs(native)
    with pytest.raises(ValueError, match="the network gives 2×3×4, not 10"):
        traced.neutral_outputs(np.zeros((5, 10)))
