"""The assignment cnn_in_numpy as its author wrote it: cases that can tell right from wrong, starters that agree."""

import ast

import nbformat
import numpy as np
import pytest

from grader.oracle.run import load_module

SEEDS = range(20)


@pytest.fixture(scope="module")
def folder(root):
    return root / "reference" / "cnn_in_numpy"


@pytest.fixture(scope="module")
def cases(folder):
    return load_module(folder / "cases.py")


@pytest.fixture(scope="module")
def oracle(folder):
    return load_module(folder / "oracle_numpy.py")


def drawn(function):
    return [(seed, function(np.random.default_rng(seed))) for seed in SEEDS]


def test_a_turned_or_transposed_kernel_shows_in_every_case_where_it_can(cases, oracle):
    for seed, case in drawn(cases.convolutions) + drawn(cases.network_convolution)[:3]:
        maps, kernel, bias = case["maps"], case["kernel"], case["bias"]
        right = oracle.convolution(maps, kernel, bias)
        assert kernel.shape[2] != kernel.shape[3], f"seed {seed}"
        assert right.shape[1] != right.shape[2] or kernel.shape == (3, 3, 1, 64), f"seed {seed}"
        if kernel.shape[:2] != (1, 1):
            assert np.abs(oracle.convolution(maps, kernel[::-1, ::-1], bias) - right).max() > 0.01, f"seed {seed}"
        assert np.abs(bias).max() > 0.01 * np.abs(right).max(), f"seed {seed}"


def test_kernels_are_square_and_not_square(cases):
    square = {case["kernel"].shape[0] == case["kernel"].shape[1] for _, case in drawn(cases.convolutions)}
    assert square == {True, False}


def test_maps_have_even_sides_of_two_lengths_and_windows_without_a_positive_value(cases, oracle):
    for seed, case in drawn(cases.maps):
        _, rows, columns, _ = case["maps"].shape
        assert rows != columns, f"seed {seed}"
        assert (rows % 2, columns % 2) == (0, 0), f"seed {seed}"
        assert oracle.max_pooling(case["maps"]).min() < 0, f"seed {seed}"


def test_no_two_axes_of_vectors_fit_by_accident(cases):
    for seed, case in drawn(cases.vectors):
        assert len({*case["vectors"].shape, case["kernel"].shape[1]}) == 3, f"seed {seed}"


def test_scores_are_not_saturated(cases, oracle):
    for seed, case in drawn(cases.scores):
        assert oracle.softmax(case["scores"]).max(axis=1).mean() < 0.95, f"seed {seed}"
        assert len(case["scores"]) != cases.CLASSES, f"seed {seed}"


def test_large_scores_overflow_and_underflow_but_single_precision_holds_them(cases, oracle):
    for seed, case in drawn(cases.large_scores):
        scores = case["scores"]
        with np.errstate(all="ignore"):
            naive = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        assert not np.isfinite(naive).any(axis=1).any(), f"seed {seed}"
        assert (scores.astype(np.float32) == scores).all(), f"seed {seed}"
        assert np.isfinite(oracle.softmax(scores)).all(), f"seed {seed}"


def test_points_add_up_to_a_round_number(course):
    assignment = next(assignment for assignment in course.assignments if assignment.id == "cnn_in_numpy")
    assert sum(part.points for part in assignment.parts) % 5 == 0


# --- starters ---------------------------------------------------------------------------------------------------------


def functions(source):
    return {node.name: ast.unparse(node) for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_the_notebook_and_the_files_ask_for_the_same(framework, folder):
    starter = folder / "starter"
    notebook = nbformat.read(starter / framework / "cnn_in_numpy.ipynb", as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    in_cells = functions("\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    networks = functions((starter / framework / "networks.py").read_text())
    assert in_cells == networks | functions((starter / "forward_pass.py").read_text())


@pytest.mark.parametrize("framework", ["pytorch", "keras"])
def test_the_starter_has_every_function_of_the_rubric(framework, folder, course):
    assignment = next(assignment for assignment in course.assignments if assignment.id == "cnn_in_numpy")
    models = [model for part in assignment.parts for model in part.models]
    wanted = {function.name for part in assignment.parts for function in part.functions}
    wanted |= {model.build for model in models} | {model.train for model in models if model.train}
    starter = folder / "starter"
    given = functions((starter / framework / "networks.py").read_text())
    assert wanted <= given.keys() | functions((starter / "forward_pass.py").read_text()).keys()
