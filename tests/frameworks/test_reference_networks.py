"""The references' networks: every published count and size, and the same start and constants in both frameworks."""

import numpy as np
import pytest

# --- published: parameters of each layer, of which not trained, and the size of each output ---------------------------

LENET = {"conv1": 156, "conv2": 2416, "conv3": 48120, "dense1": 10164, "logits": 850}
LENET_SIZES = {
    "conv1": (28, 28, 6),
    "pool1": (14, 14, 6),
    "conv2": (10, 10, 16),
    "pool2": (5, 5, 16),
    "conv3": (1, 1, 120),
    "flatten": (120,),
    "dense1": (84,),
    "logits": (10,),
}
ONE_CONVOLUTION = {"conv1": 160, "dense1": 216400, "logits": 810}
ONE_CONVOLUTION_SIZES = {"conv1": (26, 26, 16), "pool1": (13, 13, 16), "flatten": (2704,), "dense1": (80,)}
TWO_CONVOLUTIONS = {"conv1": 160, "conv2": 2320, "dense1": 32080, "logits": 810}
TWO_CONVOLUTIONS_SIZES = {
    "conv1": (26, 26, 16),
    "pool1": (13, 13, 16),
    "conv2": (11, 11, 16),
    "pool2": (5, 5, 16),
    "flatten": (400,),
    "dense1": (80,),
}
WIDE_MLP = {"dense1": 392500, "dense2": 150300, "logits": 3010}

# assignment, function, arguments, parameters by layer, parameters in all, of which not trained, sizes
PUBLISHED = [
    pytest.param(
        ("backprop_to_lenet", "build_mlp", ()),
        ({"dense1": 100480, "dense2": 8256, "logits": 650}, 109386, 0),
        {"flatten": (784,), "dense1": (128,), "dense2": (64,), "logits": (10,)},
        id="backprop_to_lenet-mlp",
    ),
    pytest.param(
        ("backprop_to_lenet", "build_lenet", ()), (LENET, 61706, 0), LENET_SIZES, id="backprop_to_lenet-lenet"
    ),
    pytest.param(
        ("backprop_to_lenet", "build_lenet_dropout", ()),
        (LENET, 61706, 0),
        LENET_SIZES,
        id="backprop_to_lenet-lenet_dropout",
    ),
    pytest.param(
        ("backprop_to_lenet", "build_lenet_batch_norm", ()),
        ({**LENET, "norm1": 4 * 6, "norm2": 4 * 16, "norm3": 4 * 120, "norm4": 4 * 84}, 61706 + 904, 452),
        LENET_SIZES,
        id="backprop_to_lenet-lenet_batch_norm",
    ),
    pytest.param(
        ("cnn_in_numpy", "build_cnn", ()),
        ({"conv1": 320, "conv2": 8224, "dense1": 5538048, "logits": 2570}, 5549162, 0),
        {
            "conv1": (28, 28, 64),
            "pool1": (27, 27, 64),
            "conv2": (27, 27, 32),
            "pool2": (26, 26, 32),
            "flatten": (21632,),
            "dense1": (256,),
            "logits": (10,),
        },
        id="cnn_in_numpy-cnn",
    ),
    pytest.param(
        ("cnn_in_numpy", "build_shallow_cnn", ()),
        ({"conv1": 640, "dense1": 11076608, "logits": 10250}, 11087498, 0),
        {"conv1": (26, 26, 64), "pool1": (13, 13, 64), "relu1": (13, 13, 64), "flatten": (10816,), "logits": (10,)},
        id="cnn_in_numpy-shallow_cnn",
    ),
    pytest.param(
        ("weight_decay", "build_mlp", ()),
        ({"dense1": 50240, "dense2": 4160, "logits": 650}, 55050, 0),
        {"flatten": (784,), "dense1": (64,), "dense2": (64,), "logits": (10,)},
        id="weight_decay-mlp",
    ),
    pytest.param(
        ("weight_decay", "build_wide_mlp", ()),
        (WIDE_MLP, 545810, 0),
        {"flatten": (784,), "dense1": (500,), "dense2": (300,), "logits": (10,)},
        id="weight_decay-wide_mlp",
    ),
    pytest.param(
        ("weight_decay", "build_wide_mlp", (5e-4,)),
        (WIDE_MLP, 545810, 0),
        {"flatten": (784,), "dense1": (500,), "dense2": (300,), "logits": (10,)},
        id="weight_decay-wide_mlp_decayed",
    ),
    pytest.param(
        ("weight_decay", "build_cnn", ()),
        ({"conv1": 320, "conv2": 18496, "dense1": 102464, "logits": 650}, 121930, 0),
        {"conv1": (26, 26, 32), "pool1": (13, 13, 32), "conv2": (11, 11, 64), "pool2": (5, 5, 64), "flatten": (1600,)},
        id="weight_decay-cnn",
    ),
    *(
        pytest.param(
            ("regularization", "build", (1, regularizer)),
            (ONE_CONVOLUTION, 217370, 0),
            ONE_CONVOLUTION_SIZES,
            id=f"regularization-1-{regularizer}",
        )
        for regularizer in ("none", "l2", "dropout")
    ),
    pytest.param(
        ("regularization", "build", (1, "batch_norm")),
        ({**ONE_CONVOLUTION, "norm1": 4 * 16, "norm_dense1": 4 * 80}, 217754, 192),
        ONE_CONVOLUTION_SIZES,
        id="regularization-1-batch_norm",
    ),
    *(
        pytest.param(
            ("regularization", "build", (2, regularizer)),
            (TWO_CONVOLUTIONS, 35370, 0),
            TWO_CONVOLUTIONS_SIZES,
            id=f"regularization-2-{regularizer}",
        )
        for regularizer in ("none", "l2", "dropout")
    ),
    pytest.param(
        ("regularization", "build", (2, "batch_norm")),
        ({**TWO_CONVOLUTIONS, "norm1": 4 * 16, "norm2": 4 * 16, "norm_dense1": 4 * 80}, 35818, 224),
        TWO_CONVOLUTIONS_SIZES,
        id="regularization-2-batch_norm",
    ),
    pytest.param(
        ("three_networks", "build_softmax_regression", ()),
        ({"logits": 7850}, 7850, 0),
        {"flatten": (784,), "logits": (10,)},
        id="three_networks-softmax_regression",
    ),
    pytest.param(
        ("three_networks", "build_mlp", ()),
        ({"dense1": 401920, "logits": 5130}, 407050, 0),
        {"flatten": (784,), "dense1": (512,), "logits": (10,)},
        id="three_networks-mlp",
    ),
    pytest.param(
        ("three_networks", "build_lenet", ()),
        ({"conv1": 832, "conv2": 51264, "dense1": 3212288, "logits": 10250}, 3274634, 0),
        {
            "conv1": (28, 28, 32),
            "pool1": (14, 14, 32),
            "conv2": (14, 14, 64),
            "pool2": (7, 7, 64),
            "flatten": (3136,),
            "dense1": (1024,),
            "logits": (10,),
        },
        id="three_networks-lenet",
    ),
]


@pytest.mark.parametrize(("built", "counts", "sizes"), PUBLISHED)
def test_counts_and_sizes_are_the_published_ones(networks, oracle, built, counts, sizes):
    network = build(oracle, networks, built)
    by_layer, in_all, not_trained = counts
    assert networks.parameters(network) == by_layer
    assert sum(by_layer.values()) == in_all
    assert networks.trainable(network) == in_all - not_trained
    traced = networks.sizes(network)
    assert {name: traced[name] for name in sizes} == sizes


@pytest.mark.parametrize(
    "built",
    [
        ("backprop_to_lenet", "build_mlp", ()),
        ("backprop_to_lenet", "build_lenet", ()),
        ("backprop_to_lenet", "build_lenet_dropout", ()),
        ("backprop_to_lenet", "build_lenet_batch_norm", ()),
        ("cnn_in_numpy", "build_cnn", ()),
        ("weight_decay", "build_mlp", ()),
        ("weight_decay", "build_wide_mlp", ()),
        ("weight_decay", "build_cnn", ()),
        ("regularization", "build", (2, "batch_norm")),
        ("three_networks", "build_mlp", ()),
    ],
)
def test_the_seed_decides_the_weights(networks, oracle, built):
    first, again, other = (networks.weights(build(oracle, networks, built, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_equal(first, again)
    assert not any(np.array_equal(first[name][0], other[name][0]) for name in first)


def test_layer_sizes_lists_every_layer_that_the_handout_asks_for(networks, oracle):
    module = oracle("backprop_to_lenet", networks)
    listed = module.layer_sizes(module.build_lenet())
    for name, size in LENET_SIZES.items():
        assert sorted(dict(listed)[name]) == sorted(size), name
    assert [name for name, _ in listed] == networks.layer_names(module.build_lenet())


# --- the same start in both frameworks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("built", "counts", "sizes"), [case for case in PUBLISHED if not case.id.startswith("three_networks")]
)
def test_weights_start_glorot_uniform_with_zero_biases(networks, oracle, built, counts, sizes):
    """U(−a, a) with a² = 6 / (fan_in + fan_out): bound and moments. PyTorch's own start fails on all three."""
    for name, (kernel, bias) in networks.weights(build(oracle, networks, built, seed=3)).items():
        *window, fan_in, fan_out = kernel.shape
        a = np.sqrt(6 / (np.prod(window) * (fan_in + fan_out)))
        n = kernel.size
        assert np.abs(kernel).max() <= a * (1 + 1e-6), name
        assert np.abs(kernel).max() > a * (1 - 10 / n), name
        # five standard deviations of the mean, and of the mean square, of n draws
        assert abs(kernel.mean()) < 5 * a / np.sqrt(3 * n), name
        assert abs((kernel**2).mean() - a**2 / 3) < 5 * a**2 * np.sqrt(4 / 45 / n), name
        assert not bias.any(), name


@pytest.mark.parametrize("function", ["build_mlp", "build_lenet"])
def test_three_networks_start_from_normal_weights_and_biases_of_a_tenth(networks, oracle, function):
    for name, (kernel, bias) in networks.weights(build(oracle, networks, ("three_networks", function, ()))).items():
        n = kernel.size
        assert abs(kernel.mean()) < 5 * 0.1 / np.sqrt(n), name
        assert abs((kernel**2).mean() - 0.01) < 5 * 0.01 * np.sqrt(2 / n), name
        # 4.55 % of a normal distribution lies beyond two standard deviations; a truncated one has none there
        beyond = (np.abs(kernel) > 0.2).mean()
        assert abs(beyond - 0.0455) < 5 * np.sqrt(0.0455 * 0.9545 / n), name
        np.testing.assert_array_equal(bias, np.float32(0.1))


def test_softmax_regression_starts_from_zeros(networks, oracle):
    weights = networks.weights(build(oracle, networks, ("three_networks", "build_softmax_regression", ())))
    assert not any(array.any() for array in weights["logits"])


# --- dropout, batch norm, penalties -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("built", "rates"),
    [
        (("backprop_to_lenet", "build_lenet", ()), {}),
        (("backprop_to_lenet", "build_lenet_dropout", ()), {f"dropout{n}": 0.5 for n in (1, 2, 3, 4)}),
        (("cnn_in_numpy", "build_cnn", ()), {"dropout1": 0.3, "dropout2": 0.3, "dropout3": 0.5}),
        (("regularization", "build", (1, "dropout")), {"dropout1": 0.1, "dropout_dense1": 0.1}),
        (("regularization", "build", (2, "dropout")), {"dropout1": 0.1, "dropout2": 0.1, "dropout_dense1": 0.1}),
        (("regularization", "build", (2, "batch_norm")), {}),
        (("three_networks", "build_lenet", ()), {"dropout1": 0.5}),
    ],
)
def test_dropout_rates(networks, oracle, built, rates):
    assert networks.dropout_rates(build(oracle, networks, built)) == rates


@pytest.mark.parametrize(
    "built",
    [
        ("backprop_to_lenet", "build_lenet_batch_norm", ()),
        ("regularization", "build", (1, "batch_norm")),
        ("regularization", "build", (2, "batch_norm")),
    ],
)
def test_batch_norm_constants_and_start(networks, oracle, built):
    found = networks.batch_norms(build(oracle, networks, built))
    assert found
    for name, (epsilon, kept, scale, shift, mean, variance) in found.items():
        assert (epsilon, kept) == pytest.approx((1e-3, 0.99)), name
        np.testing.assert_array_equal(scale, 1)
        np.testing.assert_array_equal(shift, 0)
        np.testing.assert_array_equal(mean, 0)
        np.testing.assert_array_equal(variance, 1)


@pytest.mark.parametrize(
    ("built", "order"),
    [
        (
            ("backprop_to_lenet", "build_lenet_batch_norm", ()),
            "conv1 norm1 relu1 pool1 conv2 norm2 relu2 pool2 conv3 norm3 relu3 flatten dense1 norm4 relu4 logits",
        ),
        (
            ("backprop_to_lenet", "build_lenet_dropout", ()),
            "conv1 dropout1 pool1 conv2 dropout2 pool2 conv3 dropout3 flatten dense1 dropout4 logits",
        ),
        (("cnn_in_numpy", "build_shallow_cnn", ()), "conv1 pool1 relu1 flatten dense1 logits"),
        (
            ("cnn_in_numpy", "build_cnn", ()),
            "conv1 pool1 dropout1 conv2 pool2 dropout2 flatten dense1 dropout3 logits",
        ),
        (
            ("regularization", "build", (2, "batch_norm")),
            "conv1 pool1 norm1 conv2 pool2 norm2 flatten dense1 norm_dense1 logits",
        ),
        (
            ("regularization", "build", (2, "dropout")),
            "conv1 pool1 dropout1 conv2 pool2 dropout2 flatten dense1 dropout_dense1 logits",
        ),
        (("three_networks", "build_lenet", ()), "conv1 pool1 conv2 pool2 flatten dense1 dropout1 logits"),
    ],
)
def test_order_of_the_layers(networks, oracle, built, order):
    """Only the layers that matter for the order are named: PyTorch has each ReLU as a layer, Keras few of them."""
    names = networks.layer_names(build(oracle, networks, built))
    assert [name for name in names if name in order.split()] == order.split()


@pytest.mark.parametrize(
    ("built", "factor", "penalized"),
    [
        (("weight_decay", "build_wide_mlp", (7.5e-4,)), 7.5e-4, {"dense1", "dense2"}),
        (("regularization", "build", (1, "l2")), 0.01, {"conv1"}),
        (("regularization", "build", (2, "l2")), 0.01, {"conv1", "conv2"}),
    ],
)
def test_penalty_and_its_gradient(networks, oracle, built, factor, penalized):
    """factor · Σ w² over exactly the kernels of the named layers, so 2 · factor · w for those and 0 for all others."""
    network = build(oracle, networks, built)
    weights = networks.weights(network)
    value, gradients = networks.penalty(network)
    assert value == pytest.approx(factor * sum((weights[name][0] ** 2).sum() for name in penalized), rel=1e-5)
    assert gradients.keys() == weights.keys()
    for name, (of_kernel, of_bias) in gradients.items():
        expected = 2 * factor * weights[name][0] if name in penalized else np.zeros_like(weights[name][0])
        np.testing.assert_allclose(of_kernel, expected, rtol=1e-6, err_msg=name)
        assert not of_bias.any(), name


def test_only_l2_networks_have_a_penalty(networks, oracle):
    for regularizer in ("none", "dropout", "batch_norm"):
        network = build(oracle, networks, ("regularization", "build", (2, regularizer)))
        assert networks.penalty_value(network) == 0, regularizer


def test_an_unknown_regularizer_is_refused(networks, oracle):
    with pytest.raises(ValueError, match=r"regularizer is 'L1'; it can be none, l2, dropout, batch_norm"):
        build(oracle, networks, ("regularization", "build", (1, "L1")))


def test_the_grid_has_eight_networks(networks, oracle):
    module = oracle("regularization", networks)
    assert len(set(module.GRID)) == 8
    shapes = [kernel.shape for kernel in module.kernels(module.build(2, "batch_norm"))]
    assert shapes == [(3, 3, 1, 16), (3, 3, 16, 16)]


def build(oracle, networks, built, **settings):
    assignment, function, arguments = built
    return getattr(oracle(assignment, networks), function)(*arguments, **settings)
