"""The first assignment's content: the oracle meets the published figures, and everything beside it fits the oracle."""

import ast
import contextlib
import io
import re
import runpy
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.numerics.compare import compare
from grader.oracle.run import load_module

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "reference" / "backprop_to_lenet"
# those with a base are about networks; tests/unit/test_assignments.py has them
FAULTS = sorted(path for path in (FOLDER / "faults").glob("*.py") if "\nBase: " not in path.read_text())
VARIANTS = sorted([*(FOLDER / "variants").glob("*.py"), *(FOLDER / "variants").glob("*/backprop.py")])
CASES = ("handout", "one_example", "random_draws", "other_sizes", "extreme")
RETURNS = {
    "forward_propagation": ("Y", "Z2", "H", "Z1"),
    "back_propagation": ("gradients", "loss"),
}

oracle = load_module(FOLDER / "oracle_numpy.py")
cases = load_module(FOLDER / "cases.py")


def draw(name: str, seed: int = 0) -> dict:
    return getattr(cases, name)(np.random.default_rng(seed))


def arguments(case: dict) -> tuple:
    return case["X"], case["Y_T"], case["weights"]


# --- the oracle -------------------------------------------------------------------------------------------------------


def test_published_loss():
    _, loss = oracle.back_propagation(*arguments(draw("handout")))
    assert loss == pytest.approx(0.1332476222330792, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "published"),
    [
        (
            "W1",
            [[0.00244595848, 0.00262019342], [-0.000307645666, -0.000241875023], [-0.000347681678, -0.000371996391]],
        ),
        ("b1", [0.00492576663, -0.000580228684, -0.000659765095]),
        ("W2", [0.0221601126, 0.0243309729, 0.0179717414]),
        ("b2", 0.0292492303),
    ],
)
def test_published_gradients_to_every_printed_digit(name, published):
    gradients, _ = oracle.back_propagation(*arguments(draw("handout")))
    assert gradients[name].shape == np.shape(published)
    printed = [f"{value:.9g}" for value in np.ravel(gradients[name])]
    assert printed == [f"{value:.9g}" for value in np.ravel(published)]


@pytest.mark.parametrize("name", CASES)
def test_shapes(name):
    case = draw(name)
    X, _, weights = arguments(case)
    (N, _), h = X.shape, len(weights["b1"])
    assert [np.shape(value) for value in oracle.forward_propagation(X, weights)] == [(N,), (N,), (N, h), (N, h)]
    gradients, loss = oracle.back_propagation(*arguments(case))
    assert {key: np.shape(value) for key, value in gradients.items()} == {k: np.shape(v) for k, v in weights.items()}
    assert np.shape(loss) == ()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_the_slope_of_the_loss(name, seed):
    X, Y_T, weights = arguments(draw(name, seed))
    gradients, _ = oracle.back_propagation(X, Y_T, weights)

    def loss_with(key, where, offset):
        moved = {**weights, key: weights[key].copy()}
        moved[key][where] += offset
        return oracle.back_propagation(X, Y_T, moved)[1]

    for key, gradient in gradients.items():
        slopes = np.zeros(np.shape(gradient))
        for where in np.ndindex(slopes.shape):
            slopes[where] = (loss_with(key, where, 1e-5) - loss_with(key, where, -1e-5)) / 2e-5
        scale = np.abs(gradient).max()
        np.testing.assert_allclose(gradient, slopes, rtol=0, atol=1e-6 * scale, err_msg=f"{key}, {name}, seed {seed}")


def test_sigmoid_is_stable():
    z = np.array([-1e308, -800.0, -1.0, 0.0, 1.0, 800.0, 1e308])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(oracle.sigmoid(z), [0, 0, 1 / (1 + np.e), 0.5, np.e / (1 + np.e), 1, 1], rtol=1e-15)


def test_oracle_leaves_its_inputs_alone():
    case, again = draw("random_draws"), draw("random_draws")
    oracle.back_propagation(*arguments(case))
    np.testing.assert_equal(case, again)


# --- the cases --------------------------------------------------------------------------------------------------------


def test_handout_is_what_students_draw():
    """The starter draws with NumPy's global generator; the case must be that draw, whatever the seed given to it."""
    state = np.random.get_state()
    try:
        np.random.seed(0)
        W1, b1, W2 = np.random.randn(3, 2), np.zeros(3), np.random.randn(3)
        X, Y_T = np.random.rand(1000, 2), np.random.randint(0, 2, 1000)
    finally:
        np.random.set_state(state)
    expected = {"X": X, "Y_T": Y_T, "weights": {"W1": W1, "b1": b1, "W2": W2, "b2": np.zeros(())}}
    np.testing.assert_equal(draw("handout", seed=1), expected)


@pytest.mark.parametrize("name", CASES)
def test_cases_are_deterministic_arrays(name):
    case = draw(name, seed=3)
    np.testing.assert_equal(case, draw(name, seed=3))
    assert case["X"].dtype == np.float64
    assert case["Y_T"].dtype == np.int64
    assert set(case["Y_T"]) <= {0, 1}
    assert {key: value.dtype for key, value in case["weights"].items()} == dict.fromkeys(
        ("W1", "b1", "W2", "b2"), np.float64
    )
    if name != "handout":
        assert not np.array_equal(case["X"], draw(name, seed=4)["X"])
        assert all(np.abs(value).min() > 0.1 for value in case["weights"].values())


@pytest.mark.parametrize("seed", range(20))
def test_sizes(seed):
    assert draw("one_example", seed)["X"].shape == (1, 2)
    assert draw("random_draws", seed)["X"].shape == (1000, 2)
    case = draw("other_sizes", seed)
    N, d = case["X"].shape
    h = len(case["weights"]["W2"])
    assert len({N, d, h, 1000, 2, 3, 1}) == 7


@pytest.mark.parametrize("seed", range(20))
def test_extreme_inputs_overflow_in_both_layers_and_leave_gradients_of_ordinary_size(seed):
    X, Y_T, weights = arguments(draw("extreme", seed))
    _, Z2, _, Z1 = oracle.forward_propagation(X, weights)
    for Z in (Z1, Z2):
        assert Z.max() > 720
        assert Z.min() < -720
        assert np.mean(np.abs(Z) < 50) > 0.5
    gradients, _ = oracle.back_propagation(X, Y_T, weights)
    assert all(1e-4 < np.abs(value).max() < 10 for value in gradients.values()), gradients


def test_extreme_inputs_tell_a_naive_sigmoid_from_one_that_gives_nan():
    X, _, weights = arguments(draw("extreme"))
    Y, Z2, H, Z1 = oracle.forward_propagation(X, weights)
    with np.errstate(over="ignore", invalid="ignore"):
        for Z, right in ((Z1, H), (Z2, Y)):
            np.testing.assert_allclose(1 / (1 + np.exp(-Z)), right, atol=1e-15)
            assert np.isnan(np.exp(Z) / (1 + np.exp(Z))).any()


@pytest.mark.parametrize("name", CASES)
def test_single_precision_is_enough_for_right_work(name):
    """The cases are drawn so that nothing cancels: what is right in float32 must not look wrong beside float64."""
    variant = load_module(FOLDER / "variants" / "single_precision.py")
    for seed in range(100):
        case = draw(name, seed)
        right, _ = oracle.back_propagation(*arguments(case))
        with np.errstate(over="ignore"):
            single, _ = variant.back_propagation(*arguments(case))
        for key, value in right.items():
            error = np.abs(single[key] - value).max() / np.abs(value).max()
            assert error < 1e-5, f"{key}, {name}, seed {seed}"


# --- what students and instructors receive ----------------------------------------------------------------------------


def test_handout_prints_figures_that_right_work_meets_within_their_rounding():
    text = (FOLDER / "handout.md").read_text()
    gradients, loss = oracle.back_propagation(*arguments(draw("handout")))
    printed_loss = float(re.search(r"L  ≈ ([\d.]+)", text)[1])
    printed_b1 = [float(number) for number in re.search(r"b1 ≈ \[([^]]+)\]", text)[1].split(",")]
    assert printed_loss == pytest.approx(loss, rel=2e-3)
    assert printed_b1 == pytest.approx(list(gradients["b1"]), rel=1.4e-3)


def test_handout_snippets_run():
    text = (FOLDER / "handout.md").read_text()
    names = {"np": np, "back_propagation": oracle.back_propagation}
    output = io.StringIO()
    state = np.random.get_state()
    try:
        with contextlib.redirect_stdout(output):
            for snippet in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
                exec(snippet, names)
    finally:
        np.random.set_state(state)
    gradient, slope = map(float, output.getvalue().split())
    assert slope == pytest.approx(gradient, rel=1e-7)


def test_starters_are_the_same_and_unfinished():
    notebook = nbformat.read(FOLDER / "starter" / "backprop.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    in_cells = _functions("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    in_file = _functions((FOLDER / "starter" / "backprop.py").read_text())
    assert list(in_file) == list(RETURNS)
    assert {name: ast.dump(node) for name, node in in_file.items()} == {
        name: ast.dump(node) for name, node in in_cells.items()
    }
    starter = runpy.run_path(str(FOLDER / "starter" / "backprop.py"))
    with pytest.raises(NotImplementedError):
        starter["back_propagation"](*arguments(draw("handout")))


def test_example_notebook_is_valid():
    notebook = nbformat.read(ROOT / "submissions" / "carol" / "backprop.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


# --- rubric, faults, variants -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def part():
    course = load(ROOT, KINDS)
    assignment = next(assignment for assignment in course.assignments if assignment.id == "backprop_to_lenet")
    return next(part for part in assignment.parts if part.id == "backprop")


def test_rubric_names_the_functions_of_the_oracle_and_its_cases(part):
    assert {function.name: function.returns for function in part.functions} == RETURNS
    assert part.points == 20
    named = {plan.name for criterion in part.criteria for plan in criterion.cases}
    assert named == set(CASES)


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: path.stem)
def test_fault_names_criteria_of_the_rubric(path, part):
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    match = re.fullmatch(r"Fails: (\w+(?:, \w+)*)", docstring.splitlines()[-1])
    assert match, f"{path.name}: the docstring's last line must read 'Fails: criterion, criterion'"
    named = match[1].split(", ")
    known = [criterion.id.removeprefix("backprop.") for criterion in part.criteria]
    assert named == [criterion for criterion in known if criterion in named]


def test_every_criterion_is_failed_by_some_fault(part):
    failed = {name for path in FAULTS for name in re.findall(r"Fails: (.*)", path.read_text())[0].split(", ")}
    assert failed == {criterion.id.removeprefix("backprop.") for criterion in part.criteria}


@pytest.mark.parametrize("path", VARIANTS, ids=lambda path: str(path.relative_to(FOLDER / "variants")))
def test_variant_computes_what_the_oracle_computes(path):
    variant = load_module(path)
    manifest = path.parent / "submission.yaml"
    order = {**RETURNS, **(yaml.safe_load(manifest.read_text())["returns"] if manifest.is_file() else {})}
    for name in CASES:
        case = draw(name)
        values, expected = _named(variant, order, case), _named(oracle, RETURNS, case)
        for key, right in expected.items():
            found = compare(values[key].reshape(right.shape), right, relative=1e-6)
            assert found.agrees, f"{key} on {name}: off by {found.worst}"


def _named(module, order: dict, case: dict) -> dict[str, np.ndarray]:
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
        forward = module.forward_propagation(case["X"].copy(), case["weights"])
        back = module.back_propagation(case["X"].copy(), case["Y_T"], case["weights"])
    values = dict(zip(order["forward_propagation"], forward, strict=True))
    values |= dict(zip(order["back_propagation"], back, strict=True))
    values |= values.pop("gradients")
    return {key: np.asarray(value) for key, value in values.items()}


def _functions(source: str) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
