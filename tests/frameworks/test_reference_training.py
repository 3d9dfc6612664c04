"""The recipes of the references, each run for an epoch or two on a few hundred made-up images."""

import inspect

import numpy as np
import pytest

FIELDS = {"loss", "accuracy", "validation_loss", "validation_accuracy"}

# assignment, build function and its arguments, train function; published epochs and batch size
RECIPES = [
    pytest.param("backprop_to_lenet", "build_mlp", (), "train_mlp", 20, 128, id="mlp"),
    pytest.param("backprop_to_lenet", "build_lenet", (), "train_lenet", 10, 128, id="lenet"),
    pytest.param("backprop_to_lenet", "build_lenet_dropout", (), "train_lenet_dropout", 15, 128, id="lenet_dropout"),
    pytest.param(
        "backprop_to_lenet", "build_lenet_batch_norm", (), "train_lenet_batch_norm", 15, 128, id="lenet_batch_norm"
    ),
    pytest.param("cnn_in_numpy", "build_cnn", (), "train_cnn", 10, 64, id="cnn"),
    pytest.param("cnn_in_numpy", "build_shallow_cnn", (), "train_shallow_cnn", 5, 64, id="shallow_cnn"),
    pytest.param("weight_decay", "build_mlp", (), "train_mlp", 10, 128, id="weight_decay-mlp"),
    pytest.param("weight_decay", "build_wide_mlp", (1e-3,), "train_wide_mlp", 40, 128, id="weight_decay-wide_mlp"),
    pytest.param("weight_decay", "build_cnn", (), "train_cnn", 10, 64, id="weight_decay-cnn"),
    pytest.param("regularization", "build", (1, "none"), "train", 5, 100, id="regularization-1-none"),
    pytest.param("regularization", "build", (2, "l2"), "train", 5, 100, id="regularization-2-l2"),
    pytest.param("regularization", "build", (2, "dropout"), "train", 5, 100, id="regularization-2-dropout"),
    pytest.param("regularization", "build", (2, "batch_norm"), "train", 5, 100, id="regularization-2-batch_norm"),
    pytest.param(
        "three_networks", "build_softmax_regression", (), "train_softmax_regression", 18, 100, id="softmax_regression"
    ),
    pytest.param("three_networks", "build_mlp", (), "train_mlp", 18, 50, id="three_networks-mlp"),
    pytest.param("three_networks", "build_lenet", (), "train_lenet", 18, 50, id="three_networks-lenet"),
]
EACH_RECIPE = pytest.mark.parametrize(("assignment", "build", "arguments", "train", "epochs", "batch_size"), RECIPES)


def checkpoint_for(function, networks, tmp_path):
    """Return the argument for a checkpoint if a recipe takes one."""
    keeps_best = "checkpoint" in inspect.signature(function).parameters and function.__name__ != "train"
    return {"checkpoint": tmp_path / f"best{networks.checkpoint_suffix}"} if keeps_best else {}


# the others are seen to learn where both frameworks take the same steps
@pytest.mark.parametrize(
    ("assignment", "build", "arguments", "train", "images"),
    [
        pytest.param("backprop_to_lenet", "build_mlp", (), "train_mlp", 300, id="mlp"),
        pytest.param("backprop_to_lenet", "build_lenet_dropout", (), "train_lenet_dropout", 1000, id="lenet_dropout"),
        pytest.param("cnn_in_numpy", "build_cnn", (), "train_cnn", 80, id="cnn"),
        pytest.param("weight_decay", "build_mlp", (), "train_mlp", 300, id="weight_decay-mlp"),
        pytest.param("regularization", "build", (2, "dropout"), "train", 300, id="regularization-dropout"),
        pytest.param("three_networks", "build_lenet", (), "train_lenet", 100, id="three_networks-lenet"),
    ],
)
def test_recipe_learns(networks, oracle, draw_examples, tmp_path, assignment, build, arguments, train, images):
    module = oracle(assignment, networks)
    network, function = getattr(module, build)(*arguments, seed=1), getattr(module, train)
    seen = []
    history = function(
        network,
        draw_examples(images, seed=1),
        draw_examples(40, seed=2),
        epochs=2,
        seed=1,
        after_epoch=lambda *progress: seen.append(progress),
        **checkpoint_for(function, networks, tmp_path),
    )
    assert history.keys() == FIELDS
    assert all(len(values) == 2 and all(type(value) is float for value in values) for values in history.values())
    assert all(0 <= share <= 1 for share in history["accuracy"] + history["validation_accuracy"])
    assert seen == [(1, history["loss"][0]), (2, history["loss"][1])]
    assert history["loss"][1] < history["loss"][0]


@EACH_RECIPE
def test_defaults_are_the_published_recipe(networks, oracle, assignment, build, arguments, train, epochs, batch_size):
    module = oracle(assignment, networks)
    defaults = {
        name: parameter.default
        for function in (module.train, getattr(module, train))
        for name, parameter in inspect.signature(function).parameters.items()
    }
    assert (defaults["epochs"], defaults["batch_size"], defaults.get("seed")) == (epochs, batch_size, 0)


@pytest.mark.parametrize(
    ("assignment", "build", "arguments"),
    [
        ("regularization", "build", (2, "dropout")),
        ("weight_decay", "build_mlp", ()),
    ],
)
def test_the_seed_decides_the_history(networks, oracle, draw_examples, assignment, build, arguments):
    module = oracle(assignment, networks)
    training, validation = draw_examples(200, seed=3), draw_examples(50, seed=4)

    def history(seed):
        network = getattr(module, build)(*arguments)
        return module.train(network, training, validation, epochs=2, batch_size=50, seed=seed)

    first = history(0)
    assert history(0) == first
    assert history(1)["loss"] != first["loss"], "the order of the examples has to follow the seed"


@pytest.mark.parametrize(
    "assignment", ["backprop_to_lenet", "cnn_in_numpy", "regularization", "three_networks", "weight_decay"]
)
def test_keras_takes_the_examples_in_a_new_order_every_epoch(keras_networks, oracle, assignment):
    """``fit`` on arrays would repeat one order after ``set_random_seed``."""
    examples = np.arange(100.0, dtype=np.float32), np.arange(100.0, dtype=np.float32) + 1000

    def epochs(seed):
        batches = oracle(assignment, keras_networks).shuffled(examples, 30, seed)
        passes = [[(images.numpy(), labels.numpy()) for images, labels in batches] for _ in range(2)]
        assert [len(images) for images, _ in passes[0]] == [30, 30, 30, 10]
        return [tuple(np.concatenate(part) for part in zip(*one, strict=True)) for one in passes]

    (first, labels), (second, _) = epochs(seed=5)
    assert sorted(first) == sorted(second) == list(examples[0])
    np.testing.assert_array_equal(labels, first + 1000)
    assert (first != second).any()
    for one, again in zip((first, second), epochs(seed=5), strict=True):
        np.testing.assert_array_equal(one, again[0])
    assert (epochs(seed=6)[0][0] != first).any()


# --- the same recipe in both frameworks -------------------------------------------------------------------------------


GRADIENT_DESCENT = {"momentum": 0, "nesterov": False, "weight_decay": 0}
ADAM = {"betas": (0.9, 0.999), "eps": 1e-7, "weight_decay": 0, "amsgrad": False}


@pytest.mark.parametrize(
    ("assignment", "build", "arguments", "train", "optimizer", "rate", "tolerance"),
    [
        # gradient descent takes the same steps but for rounding, which batch norm magnifies; Adam's first steps
        # differ in where ε is added, most where many gradients are tiny, and batch norm's running variance in n − 1
        ("backprop_to_lenet", "build_lenet", (), "train_lenet", "Adam", 1e-3, 2e-3),
        ("backprop_to_lenet", "build_lenet_batch_norm", (), "train_lenet_batch_norm", "Adam", 1e-3, 5e-3),
        ("cnn_in_numpy", "build_shallow_cnn", (), "train_shallow_cnn", "Adam", 1e-3, 5e-2),
        ("weight_decay", "build_wide_mlp", (1e-2,), "train_wide_mlp", "SGD", 0.1, 1e-4),
        ("weight_decay", "build_cnn", (), "train_cnn", "SGD", 0.1, 1e-4),
        ("regularization", "build", (2, "l2"), "train", "SGD", 0.01, 1e-4),
        ("regularization", "build", (2, "batch_norm"), "train", "SGD", 0.01, 5e-3),
        ("three_networks", "build_softmax_regression", (), "train_softmax_regression", "SGD", 0.5, 1e-4),
        ("three_networks", "build_mlp", (), "train_mlp", "Adam", 1e-4, 2e-3),
    ],
)
def test_both_frameworks_take_the_same_steps(
    torch_networks,
    keras_networks,
    oracle,
    draw_examples,
    tmp_path,
    monkeypatch,
    assignment,
    build,
    arguments,
    train,
    optimizer,
    rate,
    tolerance,
):
    """From the same weights, with all examples in one batch, four steps with equal constants give equal losses."""
    in_torch, in_keras = oracle(assignment, torch_networks), oracle(assignment, keras_networks)
    torch_network, keras_network = getattr(in_torch, build)(*arguments), getattr(in_keras, build)(*arguments)
    copy_weights(keras_networks, keras_network, torch_network)
    training, validation = draw_examples(64, seed=5), draw_examples(40, seed=6)
    np.testing.assert_allclose(
        in_torch.predict(torch_network, training), in_keras.predict(keras_network, training), atol=1e-4
    )

    made = record_optimizers(monkeypatch, optimizer)
    in_both = [
        getattr(module, train)(
            network,
            training,
            validation,
            epochs=4,
            batch_size=64,
            **checkpoint_for(getattr(module, train), networks, tmp_path),
        )
        for module, network, networks in (
            (in_torch, torch_network, torch_networks),
            (in_keras, keras_network, keras_networks),
        )
    ]
    for field in ("loss", "validation_loss"):
        np.testing.assert_allclose(in_both[0][field], in_both[1][field], rtol=tolerance, err_msg=field)
    for field in ("accuracy", "validation_accuracy"):
        np.testing.assert_allclose(in_both[0][field], in_both[1][field], atol=0.1, err_msg=field)
    assert in_both[0]["loss"][-1] < 0.999 * in_both[0]["loss"][0]

    (torch_optimizer,) = made
    expected = {"lr": rate, **(ADAM if optimizer == "Adam" else GRADIENT_DESCENT)}
    assert {name: torch_optimizer.defaults[name] for name in expected} == expected
    found = keras_network.optimizer.get_config()
    assert type(keras_network.optimizer).__name__ == optimizer
    assert found["learning_rate"] == pytest.approx(rate)
    assert not found["weight_decay"]
    if optimizer == "Adam":
        assert (found["beta_1"], found["beta_2"], found["epsilon"], found["amsgrad"]) == (0.9, 0.999, 1e-7, False)
    else:
        assert (found["momentum"], found["nesterov"]) == (0.0, False)


def record_optimizers(monkeypatch, name):
    """Return a list that every PyTorch optimizer of this name adds itself to when it is made."""
    import torch

    made = []

    class Recorded(getattr(torch.optim, name)):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            made.append(self)

    monkeypatch.setattr(torch.optim, name, Recorded)
    return made


def copy_weights(keras_networks, keras_network, torch_network):
    """Put the kernels and biases of a Keras network into the same network in PyTorch.

    Flattening a map (channels, height, width) orders its values differently from (height, width, channels): the rows
    of the first dense kernel after it are put in the other order.
    """
    import torch

    sizes = keras_networks.sizes(keras_network)
    height, width, channels = [(28, 28, 1), *sizes.values()][list(sizes).index("flatten")]
    first_dense = True
    for name, (kernel, bias) in keras_networks.weights(keras_network).items():
        layer = torch_network.get_submodule(name)
        if kernel.ndim == 4:
            kernel = kernel.transpose(3, 2, 0, 1)
        else:
            if first_dense:
                kernel = kernel.reshape(height, width, channels, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
            kernel, first_dense = kernel.T, False
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(kernel.copy()))
            layer.bias.copy_(torch.from_numpy(bias))


# --- the best checkpoint ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("best", ["first", "last"])
@pytest.mark.parametrize(
    ("assignment", "train"), [("three_networks", "train_softmax_regression"), ("cnn_in_numpy", "train_cnn")]
)
def test_the_best_epoch_is_kept_and_reloaded(networks, oracle, draw_examples, tmp_path, assignment, train, best):
    """What a network learns makes its loss worse on wrong labels, so that the first epoch is best, or on right ones
    better, so that the last is. The smallest network serves both recipes.
    """
    module, build = oracle(assignment, networks), oracle("three_networks", networks).build_softmax_regression
    network = build()
    images, labels = draw_examples(80, seed=7)
    others = labels[:, 0] == 0
    training = images[others], labels[others]
    never_true = np.zeros_like(training[1])
    never_true[:, 0] = 1
    validation = training if best == "last" else (training[0], never_true)
    path = tmp_path / f"best{networks.checkpoint_suffix}"
    history = getattr(module, train)(network, training, validation, checkpoint=path, epochs=3)
    losses = history["validation_loss"]
    assert np.argmin(losses) == {"first": 0, "last": 2}[best], losses
    assert module.evaluate(network, validation)[0] == pytest.approx(min(losses), rel=1e-4)

    fresh = build()
    networks.load_checkpoint(fresh, path)
    np.testing.assert_array_equal(module.predict(fresh, validation), module.predict(network, validation))


def test_without_a_checkpoint_the_last_epoch_counts(networks, oracle, draw_examples):
    module = oracle("cnn_in_numpy", networks)
    network, training = module.build_shallow_cnn(), draw_examples(60, seed=7)
    history = module.train_shallow_cnn(network, training, training, epochs=1)
    assert module.evaluate(network, training)[0] == pytest.approx(history["validation_loss"][-1], rel=1e-4)


# --- what a network says ----------------------------------------------------------------------------------------------


def test_predictions_have_no_dropout_and_probabilities_sum_to_one(networks, oracle, draw_examples):
    module = oracle("backprop_to_lenet", networks)
    examples = draw_examples(30, seed=1)
    network = module.build_lenet_dropout()
    logits = module.predict(network, examples)
    assert logits.shape == (30, 10)
    np.testing.assert_array_equal(logits, module.predict(network, examples))
    assert np.abs(logits.sum(axis=1) - 1).max() > 0.01, "logits are asked for"
    probabilities = module.probabilities(logits)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    exponentials = np.exp(logits)
    np.testing.assert_allclose(probabilities, exponentials / exponentials.sum(axis=1, keepdims=True), rtol=1e-4)
    loss, accuracy = module.evaluate(network, examples)
    right = examples[1].argmax(axis=1)
    assert loss == pytest.approx(-np.log(probabilities[np.arange(30), right]).mean(), rel=1e-4)
    assert accuracy == (logits.argmax(axis=1) == right).mean()


def test_confusion_matrix(networks, oracle, draw_examples):
    module = oracle("backprop_to_lenet", networks)
    network, examples = module.build_mlp(), draw_examples(50, seed=1)
    counts = module.confusion_matrix(network, examples)
    right, said = examples[1].argmax(axis=1), module.predict(network, examples).argmax(axis=1)
    expected = [[int(((right == row) & (said == column)).sum()) for column in range(10)] for row in range(10)]
    np.testing.assert_array_equal(counts, expected)
    assert np.trace(counts) / 50 == module.evaluate(network, examples)[1]


def test_random_digits(networks, oracle, draw_examples):
    module = oracle("three_networks", networks)
    network, (images, labels) = module.build_mlp(), draw_examples(40, seed=1)
    drawn, right, assigned = module.random_digits(network, (images, labels), seed=2)
    positions = [int(np.flatnonzero((images == image).all(axis=(1, 2, 3)))[0]) for image in drawn]
    assert len(set(positions)) == 10
    np.testing.assert_array_equal(right, labels.argmax(axis=1)[positions])
    np.testing.assert_array_equal(assigned, module.predict(network, (images, labels)).argmax(axis=1)[positions])


# --- weight decay and regularization ----------------------------------------------------------------------------------


def test_sweep_covers_every_factor_from_every_seed(networks, oracle, draw_examples):
    module = oracle("weight_decay", networks)
    results = module.sweep(None, None, run_all=lambda _, runs: [{"run": run} for run in runs])
    assert results == {
        factor: [{"run": (factor, seed)} for seed in (0, 1, 2)] for factor in (1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6)
    }


def test_sweep_trains_with_the_factor(networks, oracle, draw_examples):
    module = oracle("weight_decay", networks)
    training, validation = draw_examples(100, seed=1), draw_examples(30, seed=2)
    results = module.sweep(training, validation, factors=(1e-6, 0.1), seeds=(4,), epochs=1)
    # Glorot's start gives each kernel Σ w² = 2 · in · out / (in + out): 611 and 375 for the two hidden layers
    extra = results[0.1][0]["loss"][0] - results[1e-6][0]["loss"][0]
    assert extra == pytest.approx(0.1 * (611 + 375), rel=0.05)


def test_error_bars(networks, oracle):
    histories = [{"validation_accuracy": curve} for curve in ([0.5, 0.9, 0.8], [0.6, 0.7, 0.6], [0.5, 0.8, 0.7])]
    bars = oracle("weight_decay", networks).error_bars(histories)
    assert bars["final"] == pytest.approx((0.7, 0.1))
    assert bars["best"] == pytest.approx((0.8, 0.1))


def test_evaluation_leaves_the_penalty_out(networks, oracle, draw_examples):
    module = oracle("regularization", networks)
    network, examples = module.build(2, "l2"), draw_examples(100, seed=1)
    history = module.train(network, examples, examples, epochs=1)
    penalty = networks.penalty_value(network)
    assert penalty > 0.1
    assert history["validation_loss"][0] - module.evaluate(network, examples)[0] == pytest.approx(penalty, rel=1e-3)


def test_training_again_needs_no_validation(networks, oracle, draw_examples):
    module = oracle("regularization", networks)
    history = module.train(module.build(1, "batch_norm"), draw_examples(100, seed=1), epochs=1)
    assert len(history["loss"]) == len(history["accuracy"]) == 1
    assert history["validation_loss"] == history["validation_accuracy"] == []


def test_tensorboard_log(networks, oracle, draw_examples, tmp_path):
    pytest.importorskip("tensorboard")
    module = oracle("three_networks", networks)
    examples = draw_examples(100, seed=1)
    module.train_softmax_regression(
        module.build_softmax_regression(),
        examples,
        examples,
        epochs=2,
        checkpoint=tmp_path / f"best{networks.checkpoint_suffix}",
        log_folder=tmp_path / "log",
    )
    assert [path for path in (tmp_path / "log").rglob("*tfevents*") if path.stat().st_size > 100]
