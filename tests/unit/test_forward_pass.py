"""Following a pass written by hand from layer to layer, and judging it: mistakes are put in one at a time."""

import numpy as np
import pytest

from grader.checks.numpy_forward import ForwardSeen, NumpyForward, NumpyForwardOptions
from grader.course.model import FunctionSpec, ModelSpec, Part, Source
from grader.networks.forward_mistakes import likely_mistake
from grader.networks.forward_pass import fitting_order, named_arrays, named_layers, steps
from grader.oracle.run import load_module
from grader.results import Verdict
from grader.transplant.architecture import Activation, Convolution, Dense, Flatten, Network, Pooling, draw_arrays

SEED = 5
NAMES = ("conv1", "pool1", "relu1", "flatten", "dense1", "relu2", "logits", "probabilities")
IMAGES = 7
SHAPE = (10, 8, 1)
NETWORK = Network(
    SHAPE,
    (
        Convolution(kernel=np.zeros((3, 3, 1, 4)), bias=np.zeros(4)),
        Pooling(reduction="maximum", size=(2, 2), strides=(2, 2)),
        Activation(function="relu"),
        Flatten(),
        Dense(kernel=np.zeros((48, 12)), bias=np.zeros(12)),
        Activation(function="relu"),
        Dense(kernel=np.zeros((12, 10)), bias=np.zeros(10)),
    ),
)


@pytest.fixture(scope="module")
def oracle(root):
    return load_module(root / "reference" / "cnn_in_numpy" / "oracle_numpy.py")


@pytest.fixture
def drawn():
    return named_layers(draw_arrays(NETWORK, np.random.default_rng(SEED)), NAMES)


@pytest.fixture
def images():
    return np.random.default_rng(SEED + 1).uniform(0, 1, (IMAGES, *SHAPE))


@pytest.fixture
def functions(oracle):
    """The layers that a student writes, to be replaced by wrong ones."""
    names = ("convolution", "max_pooling", "relu", "flatten", "dense", "softmax")
    return {name: getattr(oracle, name) for name in names}


@pytest.fixture
def forward(drawn, images, functions):
    """Return the student's pass as it is when called, with the functions as they are then."""

    def run(pool_first=True):
        weights, f = named_arrays(drawn), functions
        conv1 = f["convolution"](images, weights["conv1_kernel"], weights["conv1_bias"])
        if pool_first:
            pool1 = f["max_pooling"](conv1)
            relu1 = f["relu"](pool1)
            flat = f["flatten"](relu1)
        else:
            relu1 = f["relu"](conv1)
            pool1 = f["max_pooling"](relu1)
            flat = f["flatten"](pool1)
        dense1 = f["dense"](flat, weights["dense1_kernel"], weights["dense1_bias"])
        relu2 = f["relu"](dense1)
        logits = f["dense"](relu2, weights["logits_kernel"], weights["logits_bias"])
        outputs = (conv1, pool1, relu1, flat, dense1, relu2, logits, f["softmax"](logits))
        return dict(zip(NAMES, outputs, strict=True))

    return run


@pytest.fixture
def judge(drawn, images, make_criterion):
    def run(outputs, *, by_layer=True):
        options = NumpyForwardOptions(
            function="forward_pass", model="cnn", layers=NAMES, points_by=dict.fromkeys(NAMES, 0.25) if by_layer else {}
        )
        order = fitting_order(drawn, images, outputs)
        seen = ForwardSeen(outputs, steps(order, images, outputs), IMAGES)
        return NumpyForward().judge(seen, make_criterion(options, points=2.0, kind="numpy_forward"))

    return run


def wrong(judgement):
    return {row[0] for row in judgement.feedback.table.rows if row[-1] != "ok"}


def test_the_reference_agrees_with_the_layers_of_the_oracle(drawn, images, forward):
    outputs = forward()
    for step in steps(drawn, images, {}):
        np.testing.assert_allclose(step.output, outputs[step.name], atol=1e-12, err_msg=f"{step.name}, seed {SEED}")


def test_a_right_pass_gets_everything(judge, forward):
    judgement = judge(forward())
    assert (judgement.verdict, judgement.fraction) == (Verdict.PASS, 1.0)
    assert judgement.feedback.summary == "Each of 8 layers gives what it should on 7 images."


def test_relu_before_the_pooling_is_the_same_pass(judge, forward):
    assert judge(forward(pool_first=False)).verdict is Verdict.PASS


def test_single_precision_is_right_too(judge, forward, functions):
    for name, function in dict(functions).items():
        functions[name] = lambda *given, f=function: f(*[np.asarray(array, np.float32) for array in given])
    outputs = forward()
    assert outputs["probabilities"].dtype == np.float32
    assert judge(outputs).verdict is Verdict.PASS


MISTAKES = {
    "kernel turned": ("convolution", lambda f, X, K, b: f(X, K[::-1, ::-1], b), {"conv1"}, "turned by 180 degrees"),
    "kernel transposed": ("convolution", lambda f, X, K, b: f(X, K.swapaxes(0, 1), b), {"conv1"}, "rows and columns"),
    "no bias": ("convolution", lambda f, X, K, b: f(X, K, 0 * b), {"conv1"}, "without the bias"),
    "mean": (
        "max_pooling",
        lambda _, X: X.reshape(len(X), 4, 2, 3, 2, 4).mean(axis=(2, 4)),
        {"pool1"},
        "the mean of each window",
    ),
    "channels first": (
        "flatten",
        lambda _, X: X.transpose(0, 3, 1, 2).reshape(len(X), -1),
        {"flatten"},
        "in the order channel, row, column",
    ),
    "columns first": (
        "flatten",
        lambda _, X: X.transpose(0, 2, 1, 3).reshape(len(X), -1),
        {"flatten"},
        "in the order column, row, channel",
    ),
    "no dense bias": ("dense", lambda f, X, W, b: f(X, W, 0 * b), {"dense1", "logits"}, "without the bias"),
    "no relu": ("relu", lambda _, X: X, {"relu1", "relu2"}, "nothing is cut off"),
    "over images": ("softmax", lambda f, Z: f(Z.T).T, {"probabilities"}, "over the examples"),
    "over all": ("softmax", lambda _, Z: np.exp(Z) / np.exp(Z).sum(), {"probabilities"}, "together add up to 1"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_one_layer_costs_that_layer_only_and_is_named(mistake, judge, forward, functions):
    name, replacement, layers, words = MISTAKES[mistake]
    right = functions[name]
    functions[name] = lambda *given: replacement(right, *given)
    judgement = judge(forward())
    assert wrong(judgement) == layers, f"seed {SEED}"
    assert judgement.verdict is Verdict.PARTIAL
    assert judgement.fraction == pytest.approx(1 - len(layers) / 8)
    assert words in " ".join(judgement.feedback.facts)


def test_a_pooling_that_moves_by_one_place_is_named(drawn, images):
    pooling = dict(drawn)["pool1"]
    moved = images[:, :-1, :-1]
    for i, j in ((1, 0), (0, 1), (1, 1)):
        moved = np.maximum(moved, images[:, i : 9 + i, j : 7 + j])
    assert likely_mistake(pooling, images, moved) == "It is what a stride of 1 gives."


def test_an_unknown_mistake_is_not_named(drawn, images):
    assert likely_mistake(dict(drawn)["pool1"], images, images[:, ::2, ::2]) == ""


def test_what_follows_is_not_right_because_zeros_follow_from_zeros(judge, forward):
    """Else an empty pass would earn the points of every layer after the first."""
    zeros = {name: np.zeros_like(output) for name, output in forward().items()}
    zeros["probabilities"] += 0.1
    judgement = judge(zeros)
    assert judgement.fraction == 0
    assert judgement.feedback.summary.startswith("None of the layers gives what it should")


def test_what_follows_a_layer_of_another_size_is_judged_by_that_size(judge, forward, functions):
    functions["max_pooling"] = lambda X: X[:, ::2, ::4]
    functions["dense"] = lambda X, W, b: X @ W[: X.shape[1]] + b
    judgement = judge(forward())
    # the dense layer cannot take what reaches it, so it is held against the reference's own
    assert wrong(judgement) == {"pool1", "dense1"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "is not an array"),
        ("text", "is not an array"),
        (np.full((7, 12), np.nan), "Your value there is nan"),
        (np.zeros((7, 11)), "(7, 11)"),
    ],
)
def test_a_strange_output_costs_its_layer_only(value, words, judge, forward):
    judgement = judge(forward() | {"dense1": value})
    assert wrong(judgement) == {"dense1"}
    assert words in " ".join(judgement.feedback.facts)


def test_numbers_too_large_for_the_next_layer_are_nothing_to_go_on_from(judge, forward):
    largest = np.random.default_rng(SEED).uniform(0.9, 1, (IMAGES, 12)) * np.finfo(np.float64).max
    judgement = judge(forward() | {"relu2": largest})
    assert wrong(judgement) == {"relu2"}


def test_a_missing_output_costs_its_layer_only(judge, forward):
    outputs = forward()
    del outputs["relu1"]
    judgement = judge(outputs)
    assert wrong(judgement) == {"relu1"}
    assert "relu1 was not returned" in " ".join(judgement.feedback.facts)


def test_without_points_by_it_is_all_or_nothing(judge, forward, functions):
    functions["relu"] = lambda X: X
    assert judge(forward(), by_layer=False).verdict is Verdict.FAIL


def test_nothing_of_the_reference_shows_below_expected(judge, forward, drawn, images, functions):
    functions["relu"] = lambda X: np.maximum(X, 0.25)
    feedback = judge(forward()).feedback
    shown = " ".join([feedback.summary, *feedback.facts, str(feedback.table)])
    reference = {step.name: step for step in steps(drawn, images, {})}["relu1"].output
    assert not any(f"{number:.6g}" in shown for number in reference[reference > 0])


def test_two_poolings_are_never_exchanged():
    wide, high = (Pooling(reduction="maximum", size=size, strides=size) for size in ((1, 2), (2, 1)))
    network = Network((8, 8, 1), (wide, Activation(function="relu"), high))
    layers = named_layers(network, ("wide", "relu", "high"))
    own = {"wide": np.zeros((2, 4, 4, 1)), "relu": np.zeros((2, 8, 8, 1)), "high": np.zeros((2, 4, 8, 1))}
    order = [name for name, _ in fitting_order(layers, np.zeros((2, 8, 8, 1)), own)]
    assert order.index("wide") < order.index("high")


def test_names_that_do_not_fit_the_layers():
    with pytest.raises(ValueError, match="6 names are given to a network of 7 layers"):
        named_layers(NETWORK, NAMES[:6])


# --- what a rubric may say --------------------------------------------------------------------------------------------


def part(accepts=("images", "weights")):
    return Part(
        "numpy_pass", "", (FunctionSpec("forward_pass", accepts, ("outputs",)),), "oracle_numpy.py", (),
        Source("rubric.yaml", 1), models=(ModelSpec("cnn", "build_cnn", (28, 28, 1), "build_cnn"),),
    )  # fmt: skip


def problems(points=2.0, in_part=None, **fields):
    fields = {"function": "forward_pass", "model": "cnn", "layers": ("conv1", "pool1")} | fields
    return list(NumpyForwardOptions(**fields).problems(points=points, part=in_part or part()))


def test_a_right_rubric_has_no_problem():
    assert problems() == []
    assert problems(points_by={"conv1": 1.5, "pool1": 0.5}) == []


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"model": "lenet"}, "model", "has no model 'lenet'; it has cnn"),
        ({"function": "forward"}, "function", "has no function 'forward'; it has forward_pass"),
        ({"in_part": part(("images",))}, "function", "must accept 2 values, images and weights, and return one"),
        ({"layers": ("conv1", "conv1")}, "layers", "names a layer twice"),
        ({"points_by": {"conv1": 1.0, "pool1": 0.5}}, "points_by", "adds up to 1.5, the criterion has 2"),
        ({"points_by": {"conv1": 2.0}}, "points_by", "the values are conv1, pool1"),
    ],
)
def test_a_wrong_rubric_is_told_where(fields, field, words):
    ((found, message),) = problems(**fields)
    assert found == field
    assert words in message
