"""Functions are cut out of a course's own files."""

import ast

from grader.export.functions import stub_of, without_functions

SOURCE = '''"""Cases."""

import numpy as np


# how the first ones
# are drawn
@np.vectorize
def first(rng):
    return helper(rng)

def helper(rng):
    """Used by the first."""
    return first

def second(rng):
    def first(): return 1
    return first()
'''


def test_a_function_goes_with_its_comments_and_decorators():
    left = without_functions(SOURCE, {"second"})
    assert "second" not in left
    assert "def first(rng)" in left


def test_a_function_that_another_uses_stays():
    assert without_functions(SOURCE, {"helper"}) == SOURCE


def test_nothing_of_a_function_is_left():
    left = without_functions("# why\n@f\ndef a(): pass\nx = 1\n", {"a"})
    assert left == "x = 1\n"


def test_a_function_that_calls_itself_goes():
    assert without_functions("def a(n):\n    return a(n - 1)\n", {"a"}) == ""


def test_a_stub_defines_every_function_and_computes_nothing():
    tree = ast.parse(stub_of(["a", "b"]))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in functions] == ["a", "b"]
    assert all(isinstance(node.body[0], ast.Raise) for node in functions)
