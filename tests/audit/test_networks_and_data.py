"""Readers of networks, loaders, loops and rows, on code as students write it."""

import pytest
from audit_notebooks import Bench, Cell, notebook_bytes

from grader.audit.facts import decode
from grader.audit.readers.curves import read_curves
from grader.audit.readers.loaders import loaders
from grader.audit.readers.loops import trainings
from grader.audit.readers.naming import named, patterns
from grader.audit.readers.networks import ends_in_softmax, forward_softmax, last_layer
from grader.audit.readers.rows import certainly_overlap, rows_of
from grader.sandbox.worker.operations.notebook_facts import read_notebook

LOAD = "(X, Y), (x_test, y_test) = keras.datasets.mnist.load_data()\n"


@pytest.fixture
def read(tmp_path):
    def of(*sources):
        (tmp_path / "work.ipynb").write_bytes(notebook_bytes([Cell("code", source, 1) for source in sources]))
        (facts,) = read_notebook(Bench(tmp_path), ("work.ipynb",), {})
        return decode(facts.tobytes())

    return of


def test_comments_are_told_from_strings(read):
    notebook = read("a = '# no comment'  # one\n# two\nb = '''\n# no\n'''")
    assert [(one.line, one.text, one.is_alone) for one in notebook.cells[0].code.comments] == [
        (1, "one", False),
        (2, "two", True),
    ]


@pytest.mark.parametrize(
    ("source", "layer"),
    [
        ("m = Sequential([Flatten(), Dense(10, activation='softmax')])", "Dense(10, activation='softmax')"),
        ("m = Sequential()\nm.add(layers.Dense(10))\nm.add(layers.Softmax())", "layers.Softmax()"),
        ("x = Input((4,))\ny = Dense(3)(x)\nm = Model(x, y)", "Dense(3)(x)"),
        ("m = Sequential([Dense(1)])\nif big:\n    m.add(Dense(2))", None),
        ("for n in (1, 2):\n    m = Sequential([Dense(n)])", None),
        ("m = build()", None),
    ],
)
def test_the_last_layer_is_found_where_it_is_certain(read, source, layer):
    found = last_layer(read(source), "m", 1, 100)
    assert (found[2] if found else None) == layer


@pytest.mark.parametrize(
    ("layer", "answer"),
    [
        ("Dense(10, activation='softmax')", True),
        ("layers.Softmax()", True),
        ("layers.Dense(10)", False),
        ("Dense(units=10, name='out')(x)", False),
        ("Dense(10, 'relu')", None),
        ("Dense(10, activation=act)", None),
        ("head(x)", None),
    ],
)
def test_what_a_layer_gives(layer, answer):
    assert ends_in_softmax(layer) is answer


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("        return F.softmax(self.fc(x), dim=1)", 5),
        ("        x = torch.softmax(self.fc(x), 1)\n        return x", 5),
        ("        return self.out(self.fc(x))", 3),
        ("        return F.log_softmax(self.fc(x), dim=1)", None),
        ("        if self.training:\n            return self.fc(x)\n        return F.softmax(self.fc(x), 1)", None),
    ],
)
def test_a_softmax_at_the_end_of_forward(read, body, line):
    head = "class Net(nn.Module):\n    def __init__(self):\n        self.out = nn.Softmax(dim=1)\n"
    found = forward_softmax(read(f"{head}    def forward(self, x):\n{body}"), "Net")
    assert (found[1] if found else None) == line


def test_loaders_know_their_examples(read):
    notebook = read(
        "full = datasets.MNIST('d', train=True)\nhidden = datasets.MNIST('d', train=False)\n"
        "a, b = random_split(full, [55000, 5000])\nc = Subset(full, range(100, 300))\nother = MyData()",
        "la = DataLoader(a, batch_size=64, shuffle=True)\nlb = DataLoader(b, 100)\nlc = DataLoader(c, batch_size=64)\n"
        "lh = DataLoader(hidden, batch_size=1000, drop_last=True)\nlo = DataLoader(other, 8)",
    )
    assert {one.name: (one.data_set.examples if one.data_set else None, one.steps) for one in loaders(notebook)} == {
        "la": (55_000, 860), "lb": (5_000, 50), "lc": (200, 4), "lh": (10_000, None), "lo": (None, None),
    }  # fmt: skip


def test_training_loops_at_the_top_level_and_in_functions(read):
    loop = "for x, y in {}:\n{}    loss = f({}(x), y)\n{}    loss.backward()\n"
    notebook = read(
        "def train(net, data, epochs):\n    for e in range(epochs):\n        for i, (x, y) in enumerate(data):\n"
        "            out = net(x)\n            f(out, y).backward()",
        "train(first, loader_a, 3)\ntrain(net=second, data=loader_b, epochs=3)",
        "for epoch in range(2):\n    " + loop.format("tqdm(loader_c)", "    ", "third", "    "),
        "for x, y in loader_d:\n    third(x)",
    )
    assert [(one.cell.number, one.loader, one.model) for one in trainings(notebook)] == [
        (2, "loader_a", "first"),
        (2, "loader_b", "second"),
        (3, "loader_c", "third"),
    ]


@pytest.mark.parametrize(
    ("source", "overlap"),
    [
        ("a = X[:50000]\nb = X[50000:]", False),
        ("a = X[:50001]\nb = X[50000:]", True),
        ("a = X[:-10000]\nb = X[-10000:]", False),
        ("a = X[:55000] / 255\nb = X[-10000:] / 255", True),
        ("p = np.random.permutation(60000)\na = X[p[:9]]\nb = X[p[9:]]", False),
        ("p = np.random.permutation(60000)\nq = np.random.permutation(60000)\na = X[p[:9]]\nb = X[q[9:]]", True),
        ("a = X[:50000]\nb = x_test[:50000]", False),
        ("a, b = train_test_split(X, test_size=.1)", False),
        ("a, _ = train_test_split(X, test_size=.1)\n_, b = train_test_split(X, test_size=.1)", True),
    ],
)
def test_rows_in_common(read, source, overlap):
    notebook = read("from tensorflow import keras\nimport numpy as np\n" + LOAD + source)
    first, second = (rows_of(notebook, name, 1, 100) for name in "ab")
    assert first is not None
    assert second is not None
    assert certainly_overlap(first, second, seeds=0) is overlap
    assert certainly_overlap(second, first, seeds=0) is overlap


def test_two_permutations_under_seeds_that_are_set_again_may_be_one(read):
    notebook = read(
        "import numpy as np\nfrom tensorflow import keras\n" + LOAD + "p = np.random.permutation(60000)\n"
        "q = np.random.permutation(60000)\na = X[p[:9]]\nb = X[q[9:]]"
    )
    first, second = rows_of(notebook, "a", 1, 100), rows_of(notebook, "b", 1, 100)
    assert certainly_overlap(first, second, seeds=1)
    assert not certainly_overlap(first, second, seeds=2)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("the network with dropout", "lenet_dropout"),
        ("batch normalization", "lenet_bn"),
        ("LeNet", ""),
        ("dropout and batch norm", ""),
        ("lenet_bn", "lenet_bn"),
    ],
)
def test_words_for_networks(text, model):
    assert named(text, patterns(["lenet", "lenet_dropout", "lenet_bn"])) == model


def test_numbered_networks_are_named_in_words():
    words = patterns(["model1", "model2"])
    assert [named(text, words) for text in ("the second model", "model 1", "two of them")] == ["model2", "model1", ""]


def test_curves_of_a_printed_loop():
    lines = [f"Epoch {n}/4: train loss: 0.{9 - n}10, val acc = 0.9{n}" for n in range(1, 5)]
    assert read_curves("\n".join(lines)).values == {
        "training loss": (0.81, 0.71, 0.61, 0.51),
        "validation accuracy": (0.91, 0.92, 0.93, 0.94),
    }
    # twice the same epochs: two trainings, of which neither is the one
    assert read_curves("\n".join(lines + lines)) is None
