"""Dropout, batch norm and L2 in live networks: right ones pass however they are written, wrong ones are named."""

import numpy as np
import pytest

from grader.checks.mode_batch_norm import judge_batch_norm, see_batch_norm
from grader.checks.mode_dropout import judge_dropout, see_dropout
from grader.checks.mode_penalty import PenaltyRequest, judge_penalty, penalized_layers, see_penalty
from grader.checks.mode_subject import see_evaluation
from grader.networks.evaluate import with_precision, without_softmax
from grader.networks.training_mode import run, updated
from grader.transplant.architecture import draw_arrays
from grader.transplant.transplant import trace
from tests.frameworks.in_process import InProcess

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")

import torch.nn.functional as F  # noqa: E402, N812 - only where PyTorch is installed
from keras import layers  # noqa: E402
from torch import nn  # noqa: E402

SHAPE = (8, 8, 1)
SEED = 5


def torch_dropout(first=0.5, last=0.5, *, layer=nn.Dropout, ending=None):
    """8×8×1 → convolution, ReLU, dropout, pool → dense, ReLU, dropout → dense."""
    found = [nn.Conv2d(1, 16, 3), nn.ReLU(), layer(first), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 64)]
    found += [nn.ReLU(), nn.Dropout(last), nn.Linear(64, 10)]
    return nn.Sequential(*found, *([ending] if ending else []))


def keras_dropout(first=0.5, last=0.5, *, layer=layers.Dropout, activation=None):
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(16, 3, activation="relu"),
            layer(first),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dropout(last),
            layers.Dense(10, activation=activation),
        ]
    )


class Functional(nn.Module):
    """Dropout as a function. ``training`` says what it is told: the mode, or always the same."""

    def __init__(self, training=None, before_pooling=True, drop=F.dropout):
        super().__init__()
        self.out, self.a, self.b = nn.Linear(64, 10), nn.Conv2d(1, 16, 3), nn.Linear(144, 64)
        self.told, self.before_pooling, self.drop = training, before_pooling, drop

    def forward(self, x):
        told = self.training if self.told is None else self.told
        x = F.relu(self.a(x))
        x = self.drop(x, 0.5, told) if self.before_pooling else x
        x = F.max_pool2d(x, 2)
        x = x if self.before_pooling else self.drop(x, 0.5, told)
        return F.log_softmax(self.out(F.dropout(F.relu(self.b(x.flatten(1))), 0.5, told)), 1)


def by_hand(x, rate, training):
    return x * (torch.rand(x.shape) >= rate) / (1 - rate) if training else x


def one_mask(x, rate, training):
    return x * (torch.rand(x.shape[1:]) >= rate) / (1 - rate) if training else x


class HandWritten(nn.Module):
    """Drops with a mask of its own, which no description knows; parameters in the order of the data."""

    def __init__(self, last=by_hand):
        super().__init__()
        self.a, self.b, self.out, self.last = nn.Conv2d(1, 16, 3), nn.Linear(144, 64), nn.Linear(64, 10), last

    def forward(self, x):
        x = F.max_pool2d(by_hand(F.relu(self.a(x)), 0.5, self.training), 2).flatten(1)
        return self.out(self.last(F.relu(self.b(x)), 0.5, self.training))


REFERENCE = without_softmax(trace(torch_dropout(), SHAPE).network)


def dropout(model, reference=REFERENCE, *, either=False, seed=SEED):
    models, rng = InProcess(), np.random.default_rng(seed)
    built = models.build(model, SHAPE)
    evaluation = see_evaluation(models, built, reference, rng)
    seen = see_dropout(models, built, evaluation, rng, either_side_of_pooling=either)
    return judge_dropout(seen, either_side_of_pooling=either)


RIGHT = {
    "torch": torch_dropout,
    "torch, softmax": lambda: torch_dropout(ending=nn.Softmax(1)),
    "torch, float64": lambda: torch_dropout().double(),
    "torch, functional": Functional,
    "torch, by hand": HandWritten,
    "keras": keras_dropout,
    "keras, softmax": lambda: keras_dropout(activation="softmax"),
}


@pytest.mark.parametrize("build", RIGHT.values(), ids=RIGHT)
def test_right_dropout_passes_however_it_is_written(build):
    outcome = dropout(build())
    assert outcome.is_right is True, (SEED, outcome)


WHOLE = "whole channels are dropped after weight layer 1"
WRONG = {
    "always on": (lambda: Functional(training=True), "In evaluation mode dropout is still active"),
    "never on": (lambda: Functional(training=False), "nothing is dropped after weight layer 1"),
    "missing": (lambda: torch_dropout(last=0.0), "nothing is dropped after weight layer 2"),
    "other rate": (lambda: keras_dropout(last=0.3), "dropout after weight layer 2 drops about 3"),
    "spatial": (lambda: torch_dropout(layer=nn.Dropout2d), WHOLE),
    "spatial, keras": (
        lambda: keras_dropout(layer=layers.SpatialDropout2D),
        WHOLE,
    ),
    "other side": (lambda: Functional(before_pooling=False), "on the other side of the pooling"),
    "one mask": (lambda: HandWritten(one_mask), "the same for every example"),
    "at the input": (lambda: nn.Sequential(nn.Dropout(0.2), *torch_dropout()), "dropped before the first layer"),
    "at the output": (lambda: nn.Sequential(*torch_dropout(), nn.Dropout(0.2)), "after the last layer"),
}


@pytest.mark.parametrize(("build", "words"), WRONG.values(), ids=WRONG)
def test_wrong_dropout_is_named(build, words):
    outcome = dropout(build())
    assert outcome.is_right is False, (SEED, outcome)
    assert words in outcome.summary, (SEED, outcome)
    assert "50%" not in " ".join((outcome.summary, *outcome.facts))


def test_a_rate_taken_for_what_is_kept_is_explained():
    reference = without_softmax(trace(torch_dropout(0.1, 0.2), SHAPE).network)
    outcome = dropout(torch_dropout(0.1, 0.8), reference)
    assert "the rate is the share that is dropped" in " ".join(outcome.facts), (SEED, outcome)


def test_either_side_of_a_pooling_can_be_accepted():
    assert dropout(Functional(before_pooling=False), either=True).is_right is True
    assert dropout(Functional(), either=True).is_right is True


def test_another_network_is_not_taken_for_one_in_another_mode():
    other = torch_dropout()
    other[1] = nn.Sigmoid()
    assert "even in evaluation mode" in dropout(other).summary


# --- batch norm -------------------------------------------------------------------------------------------------------


def torch_norm(layer=None, **settings):
    first, second = nn.BatchNorm2d(6, **settings), nn.BatchNorm1d(20, **settings)
    found = [nn.Conv2d(1, 6, 3), first, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(54, 20), second, nn.ReLU()]
    return nn.Sequential(*found, *([layer] if layer else []), nn.Linear(20, 10))


def keras_norm(**settings):
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(6, 3),
            layers.BatchNormalization(**settings),
            layers.ReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(20),
            layers.BatchNormalization(**settings),
            layers.ReLU(),
            layers.Dense(10, activation="softmax"),
        ]
    )


class AlwaysTheBatch(nn.Module):
    """Normalizes by the batch in both modes; parameters and running figures as PyTorch lists them."""

    def __init__(self):
        super().__init__()
        self.net = torch_norm()

    def forward(self, x):
        for layer in self.net:
            norm = isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)
            x = F.batch_norm(x, None, None, layer.weight, layer.bias, training=True) if norm else layer(x)
        return x


class NeverTheBatch(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch_norm()

    def forward(self, x):
        for layer in self.net:
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.eval()
        return self.net(x)


NORMALIZED = without_softmax(trace(torch_norm(eps=1e-3, momentum=0.01), SHAPE).network)


def batch_norm(model, seed=SEED, described=True):
    models, rng = InProcess(), np.random.default_rng(seed)
    built = models.build(model, SHAPE, described)
    return judge_batch_norm(see_batch_norm(models, built, see_evaluation(models, built, NORMALIZED, rng), rng))


@pytest.mark.parametrize("settings", [{}, {"eps": 1e-3, "momentum": 0.01}, {"momentum": 0.05}, {"eps": 1e-4}], ids=str)
def test_right_batch_norm_passes_in_torch(settings):
    outcome = batch_norm(torch_norm(**settings))
    assert outcome.is_right is True, (SEED, outcome)


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.9, "epsilon": 1e-5}], ids=str)
def test_right_batch_norm_passes_in_keras(settings):
    outcome = batch_norm(keras_norm(**settings))
    assert outcome.is_right is True, (SEED, outcome)


@pytest.mark.parametrize("settings", [{}, {"momentum": 0.05}], ids=str)
def test_right_batch_norm_passes_without_a_description(settings):
    outcome = batch_norm(torch_norm(**settings), described=False)
    assert outcome.is_right is True, (SEED, outcome)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: torch_norm(momentum=0.99), "the last batch decides"),
        (lambda: torch_norm(momentum=0.0), "do not change in training mode"),
        (lambda: torch_norm(nn.Dropout(0.5)), "dropped at random"),
        (NeverTheBatch, "uses its running mean and variance instead"),
        (lambda: keras_norm(momentum=0.1), "the last batch decides"),
    ],
)
def test_wrong_batch_norm_is_named(build, words):
    outcome = batch_norm(build())
    assert outcome.is_right is False, (SEED, outcome)
    assert words in outcome.summary, (SEED, outcome)


def test_batch_statistics_in_evaluation_are_named():
    outcome = batch_norm(AlwaysTheBatch())
    assert outcome.is_right is False
    assert "depends on the others in its batch" in outcome.summary


@pytest.mark.parametrize("build", [torch_norm, keras_norm])
def test_training_mode_in_numpy_is_the_frameworks(build):
    models, rng = InProcess(), np.random.default_rng(SEED)
    built = models.build(build(), SHAPE)
    drawn = draw_arrays(with_precision(built.network, np.float64), rng)
    models.write(built, drawn.arrays)
    batch = rng.uniform(0, 1, (32, *SHAPE))
    ours = run(drawn, batch, rng)
    np.testing.assert_allclose(models.forward(built, batch, training=True), ours.outputs, atol=1e-4)
    kept = {"torch": 0.9, "keras": 0.99}[built.framework]
    theirs = models.operate(built, "read", {"handle": built.handle}, doing="")
    moved = updated(drawn, ours.statistics, kept=kept, unbiased=built.framework == "torch").arrays
    for number in ours.statistics:
        np.testing.assert_allclose(theirs[number]["mean"], moved[number]["mean"], atol=1e-5)
        np.testing.assert_allclose(theirs[number]["variance"], moved[number]["variance"], atol=1e-5)


# --- L2 ---------------------------------------------------------------------------------------------------------------

FACTOR = 0.01
REQUEST = PenaltyRequest(FACTOR, "l2_penalty", "make_optimizer")


def torch_plain():
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 8), nn.ReLU(), nn.Linear(8, 10))


def keras_plain(regularizer=None, *, everywhere=None):
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer=regularizer, bias_regularizer=everywhere),
            layers.Flatten(),
            layers.Dense(8, activation="relu", kernel_regularizer=regularizer),
            layers.Dense(10, kernel_regularizer=everywhere),
        ]
    )


PLAIN = without_softmax(trace(torch_plain(), SHAPE).network)


def penalty(model, *, on="hidden", seed=SEED, described=True, **functions):
    models = InProcess(**functions)
    built = models.build(model, SHAPE, described)
    layers_on = penalized_layers(PLAIN, on)
    seen = see_penalty(models, built, PLAIN, layers_on, REQUEST, np.random.default_rng(seed), AssertionError)
    return judge_penalty(seen)


def kernels(model):
    return [layer.weight for layer in model if isinstance(layer, nn.Conv2d | nn.Linear)][:2]


def squares(model, factor=FACTOR):
    return sum(factor * kernel.square().sum() for kernel in kernels(model))


def sgd(model, decay=2 * FACTOR, parameters=None):
    chosen = kernels(model)
    rest = [p for p in model.parameters() if not any(p is kernel for kernel in chosen)]
    return torch.optim.SGD([{"params": chosen, "weight_decay": decay}, {"params": rest}], lr=0.1)


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("functions", [{"l2_penalty": squares}, {"make_optimizer": sgd}], ids=["function", "optimizer"])
def test_a_right_penalty_passes_in_torch(functions, described):
    outcome = penalty(torch_plain(), described=described, **functions)
    assert outcome.is_right is True, (SEED, outcome)


@pytest.mark.parametrize("described", [True, False])
def test_a_right_penalty_passes_in_keras(described):
    outcome = penalty(keras_plain(keras.regularizers.L2(FACTOR)), described=described)
    assert outcome.is_right is True, (SEED, outcome)


def test_a_function_of_a_keras_network_passes():
    def l2_penalty(model):
        return sum(
            FACTOR * keras.ops.sum(keras.ops.square(layer.kernel)) for layer in model.layers[:-1] if layer.weights
        )

    assert penalty(keras_plain(), l2_penalty=l2_penalty).is_right is True


WRONG_PENALTIES = {
    "none": ({}, "no L2 penalty"),
    "zero": ({"l2_penalty": lambda model: squares(model, 0.0)}, "is zero"),
    "half": ({"l2_penalty": lambda model: squares(model, FACTOR / 2)}, "half the handout's"),
    "decay not doubled": ({"make_optimizer": lambda model: sgd(model, FACTOR)}, "half the handout's"),
    "other factor": ({"l2_penalty": lambda model: squares(model, 0.03)}, "another factor"),
    "detached": ({"l2_penalty": lambda model: squares(model).item()}, "plain number without a gradient"),
    "norm": ({"l2_penalty": lambda model: sum(FACTOR * k.norm() for k in kernels(model))}, "the norm of the weights"),
    "mean": ({"l2_penalty": lambda model: sum(FACTOR * k.square().mean() for k in kernels(model))}, "the mean of"),
    "absolute": ({"l2_penalty": lambda model: sum(FACTOR * k.abs().sum() for k in kernels(model))}, "not proportional"),
    "one layer": (
        {"l2_penalty": lambda model: FACTOR * kernels(model)[0].square().sum()},
        "on the kernel of layer 1,",
    ),
    "everything": (
        {"make_optimizer": lambda model: torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=2 * FACTOR)},
        "the bias of layer 3",
    ),
    "decoupled": (
        {"make_optimizer": lambda model: torch.optim.AdamW(model.parameters(), weight_decay=2 * FACTOR)},
        "is zero",
    ),
    "value": ({"l2_penalty": lambda model: squares(model) + 1.0}, "not its value"),
}


@pytest.mark.parametrize(("functions", "words"), WRONG_PENALTIES.values(), ids=WRONG_PENALTIES)
def test_a_wrong_penalty_is_named(functions, words):
    outcome = penalty(torch_plain(), **functions)
    assert outcome.is_right is False, (SEED, outcome)
    assert words in outcome.summary, (SEED, outcome)
    assert "0.01" not in " ".join((outcome.summary, *outcome.facts))


def test_a_penalty_on_more_than_the_kernels_is_named_in_keras():
    l2 = keras.regularizers.L2(FACTOR)
    outcome = penalty(keras_plain(l2, everywhere=l2))
    assert "the bias of layer 1" in outcome.summary
    assert penalty(keras_plain(l2), on="convolutions").is_right is False
    assert penalty(keras_plain(l2), on=(1, 2)).is_right is True
