"""Loops that are ended because they train, and loops that are left alone; what a rewritten cell still does."""

import ast

import pytest

from grader.sandbox.worker.replay.budget import BUDGETS, OutOfTime, Spending
from grader.sandbox.worker.replay.loops import NAME, Loops
from grader.sandbox.worker.replay.old_modules import new_module
from grader.sandbox.worker.replay.rewrite import rewrite


class Optimizer:
    """Counts its steps as the recorder would."""

    def __init__(self, spending):
        self._spending = spending
        self.steps = 0

    def step(self):
        self.steps += 1
        self._spending.count(1, self)


def run(source, mode="quick"):
    spending = Spending(BUDGETS[mode])
    loops = Loops(spending)
    rewritten = rewrite(ast.parse(source), guard_loops=True)
    namespace = {NAME: loops, "optimizer": Optimizer(spending), "Optimizer": lambda: Optimizer(spending)}
    namespace["fit"] = lambda model: spending.count(5, model, fit=True)
    exec(compile(rewritten.tree, "cell", "exec"), namespace)
    return namespace, spending, loops


def test_epochs_and_batches_are_cut():
    namespace, spending, loops = run("""
count = 0
for epoch in range(20):
    for batch in range(469):
        optimizer.step()
    count += 1
""")
    assert (namespace["count"], namespace["optimizer"].steps) == (2, 20)
    assert spending.cuts == ["the loop in line 4 ran 10 of 469 times", "the loop in line 3 ran 2 of 20 times"]
    (epochs,) = loops.finished
    assert (epochs.asked, epochs.turns, epochs.trainer) == (20, 2, namespace["optimizer"])


def test_a_loop_inside_a_function_is_cut_like_one_at_the_top():
    namespace, _, _ = run("""
def train(epochs):
    return [[optimizer.step() for _ in range(100)] for _ in range(epochs)]
losses = train(7)
""")
    assert [len(steps) for steps in namespace["losses"]] == [10, 10]


def test_a_loop_over_networks_goes_on():
    namespace, _, _ = run("""
trained = 0
for size in range(6):
    optimizer = Optimizer()
    for epoch in range(3):
        for batch in range(50):
            optimizer.step()
    trained += 1
""")
    assert namespace["trained"] == 6


def test_a_loop_over_calls_of_fit_may_run_longer():
    namespace, _, _ = run("n = 0\nfor epoch in range(50):\n    fit('model')\n    n += 1")
    assert namespace["n"] == 10
    namespace, _, _ = run("n = 0\nfor k in range(50):\n    fit(k)\n    n += 1")
    assert namespace["n"] == 50


def test_a_loop_that_trains_nothing_is_left_alone():
    namespace, spending, loops = run("squares = [n * n for n in range(1000)]\nfor n in range(1000): pass")
    assert (len(namespace["squares"]), namespace["n"]) == (1000, 999)
    assert (spending.cuts, loops.finished, loops.active) == ([], [], [])


def test_while_keeps_its_meaning():
    namespace, _, _ = run("""
n, seen = 0, []
while n < 10:
    n += 1
    if n == 3: continue
    if n == 6: break
    seen.append(n)
m = 0
while m < 3: m += 1
else: ended = True
""")
    assert (namespace["seen"], namespace["m"], namespace["ended"]) == ([1, 2, 4, 5], 3, True)


def test_a_while_that_trains_is_cut():
    namespace, _, _ = run("steps = 0\nwhile True:\n    optimizer.step()\n    steps += 1")
    assert namespace["steps"] == 10


def test_for_keeps_its_meaning():
    namespace, _, _ = run("""
seen = []
for n in iter([1, 2, 3]):
    seen.append(n)
else:
    seen.append('else')
for n in (1, 2):
    break
else:
    seen.append('never')
try:
    for n in range(3):
        raise KeyError(n)
except KeyError as error:
    seen.append(error.args)
""")
    assert namespace["seen"] == [1, 2, 3, "else", (0,)]


def test_loops_that_are_left_by_an_exception_are_no_longer_active():
    with pytest.raises(ZeroDivisionError):
        run("for a in range(3):\n    for b in range(3):\n        1 / 0")
    _, _, loops = run("try:\n    for a in range(3):\n        1 / 0\nexcept ZeroDivisionError: pass")
    assert loops.active == []


def test_evaluation_inside_a_training_loop_is_told_apart():
    spending = Spending(BUDGETS["quick"])
    loops = Loops(spending)
    optimizer = Optimizer(spending)
    seen = []
    for _ in loops.over(range(2), 1):
        seen.append(loops.is_training)
        optimizer.step()
        seen.append(loops.is_training)
    assert seen == [False, True, True, True]
    assert not loops.is_training


def test_the_time_of_a_cell_ends_a_loop():
    spending = Spending(BUDGETS["full"])
    spending.begin_cell(-1.0)
    optimizer = Optimizer(spending)
    with pytest.raises(OutOfTime):  # noqa: PT012 - the loop is what raises
        for _ in Loops(spending).over(range(3), 1):
            optimizer.step()
    assert optimizer.steps == 1


def test_full_cuts_nothing():
    namespace, spending, _ = run("for e in range(3):\n    for b in range(40): optimizer.step()", mode="full")
    assert namespace["optimizer"].steps == 120
    assert spending.cuts == []


def test_lines_stay_where_they_are():
    tree = rewrite(
        ast.parse("x = 1\n\nwhile x < 3:\n    x += 1\nfor n in range(3):\n    1 / 0\n"), guard_loops=True
    ).tree
    lines = {node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt)}
    assert lines == {1, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tensorflow.python.keras", "tensorflow.keras"),
        ("tensorflow.python.keras.layers", "tensorflow.keras.layers"),
        ("tensorflow.python.keras.layers.core", "tensorflow.keras.layers"),
        ("tensorflow.contrib.keras.python.keras.models", "tensorflow.keras.models"),
        ("keras.layers.core", "keras.layers"),
        ("keras.layers.convolutional", "keras.layers"),
        ("keras.utils.np_utils", "keras.utils"),
        ("tensorflow.keras.utils.np_utils", "tensorflow.keras.utils"),
        ("keras.optimizers.legacy", "keras.optimizers"),
        ("keras.preprocessing.image", "tensorflow.keras.preprocessing.image"),
        ("keras.layers", None),
        ("tensorflow.keras.preprocessing.image", None),
        ("tensorflow.keras.layers", None),
        ("torch.nn", None),
        ("", None),
    ],
)
def test_where_modules_have_gone(old, new):
    assert new_module(old) == new


def test_imports_are_led_to_where_modules_are():
    rewritten = rewrite(
        ast.parse(
            "from keras.layers.core import Dense\nimport tensorflow.python.keras.backend as K\nimport keras.layers.core"
        ),
        guard_loops=False,
    )
    assert ast.unparse(rewritten.tree).splitlines() == [
        "from keras.layers import Dense",
        "import tensorflow.keras.backend as K",
        "import keras.layers.core",
    ]
    assert [line for line, _, _ in rewritten.old] == [1, 2]
