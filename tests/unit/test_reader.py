"""Reading sources: what is found, what is followed, and what is said of a file that cannot be read."""

import json
from pathlib import Path

import pytest

from grader.sandbox.wire import Evasion, Import, Problem, SourceFacts
from grader.sandbox.worker import reader


def read(root: Path, files: dict[str, str | bytes]) -> dict[str, SourceFacts]:
    for path, content in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    return {facts.path: facts for facts in reader.read(root, tuple(files)).sources}


def read_one(root: Path, content: str | bytes, path: str = "hw.py") -> SourceFacts:
    return read(root, {path: content})[path]


def problem_of(root: Path, content: str | bytes, path: str = "hw.py") -> Problem:
    problem = read_one(root, content, path).problem
    assert problem is not None
    return problem


def notebook(*cells: str | tuple[str, str]) -> str:
    """A notebook of code cells; a pair is (cell type, source)."""
    made = []
    for cell in cells:
        kind, source = cell if isinstance(cell, tuple) else ("code", cell)
        made.append({"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)})
        if kind == "code":
            made[-1] |= {"outputs": [], "execution_count": None}
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


def needed(facts: SourceFacts, function: str) -> set[str]:
    return {found.module for found in facts.imports if function in found.needed_by}


def evasions_of(facts: SourceFacts, function: str) -> set[str]:
    return {found.what for found in facts.evasions if function in found.needed_by}


# --- files that cannot be read ----------------------------------------------------------------------------------------


def test_a_syntax_error_is_named_with_its_line(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "x = 1\ndef f(:\n    pass\n")
    assert problem == Problem("syntax error: invalid syntax", line=2, quote="def f(:")


def test_what_the_compiler_alone_refuses_is_a_problem_too(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "x = 1\nreturn x\n")
    assert problem.message == "syntax error: 'return' outside function"
    assert problem.line == 2


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip install numpy"])
def test_a_magic_in_a_py_file_is_explained(tmp_path: Path, line: str) -> None:
    problem = problem_of(tmp_path, f"import numpy as np\n{line}\n")
    assert "magics and shell commands work in notebooks only" in problem.message
    assert (problem.line, problem.quote) == (2, line)


def test_a_binary_file_is_not_python_source(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, b"\x7fELF\x02\x01\n\x00\x00\x00")
    assert problem.message == "it is not Python source: byte 7 is NUL, as in a binary file"
    assert problem.line == 2


def test_a_source_that_is_not_utf8_names_the_byte_and_the_line(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, b"# one\r\n# two\r\nname = 'J\xe4ger'\r\n")
    assert problem.line == 3
    assert problem.message.startswith("byte 23 (0xE4) does not belong to UTF-8 text; save it as UTF-8")
    assert problem.quote == "name = 'J\\xe4ger'"


def test_bytes_that_are_not_utf8_in_the_first_line_are_found_there(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, b"# Stra\xdfe\nx = 1\n")
    assert problem.line == 1
    assert "byte 6 (0xDF)" in problem.message


def test_a_declared_encoding_and_a_byte_order_mark_are_followed(tmp_path: Path) -> None:
    facts = read(
        tmp_path,
        {
            "latin.py": b"# coding: latin-1\nname = 'J\xe4ger'\n",
            "mark.py": b"\xef\xbb\xbfname = 'J\xc3\xa4ger'\n",
        },
    )
    assert [facts[path].problem for path in facts] == [None, None]
    assert [facts[path].definitions[0].name for path in facts] == ["name", "name"]


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "hex"])
def test_an_encoding_that_python_does_not_read_is_a_problem(tmp_path: Path, encoding: str) -> None:
    problem = problem_of(tmp_path, f"# coding: {encoding}\nx = 1\n".encode())
    assert encoding.replace("_", "-") in problem.message
    assert problem.line == 1


def test_utf16_is_recognized(tmp_path: Path) -> None:
    assert "UTF-16" in problem_of(tmp_path, "x = 1\n".encode("utf-16")).message


@pytest.mark.parametrize("text", ["(" * 5000 + ")" * 5000, "-" * 100_000 + "1", "x = " + "[" * 250 + "]" * 250])
def test_code_nested_too_deeply_is_a_problem_and_not_a_crash(tmp_path: Path, text: str) -> None:
    assert "nested" in problem_of(tmp_path, text).message


def test_an_expression_that_python_accepts_is_not_too_deep_for_the_reader(tmp_path: Path) -> None:
    facts = read_one(tmp_path, f"import numpy as np\ndef f(x):\n    return {' + '.join(['x'] * 700)} + np.pi\n")
    assert facts.problem is None
    assert needed(facts, "f") == {"numpy"}


def test_a_huge_source_is_not_read(tmp_path: Path) -> None:
    assert "more than 4 MiB" in problem_of(tmp_path, b"#" * (4 * 2**20 + 1)).message


def test_invalid_escapes_do_not_warn(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert read_one(tmp_path, r"pattern = '\d'; x = 1 is 1").problem is None
    assert not recwarn.list


def test_one_unreadable_file_does_not_hide_another(tmp_path: Path) -> None:
    facts = read(tmp_path, {"bad.py": "def", "good.py": "def f(): pass"})
    assert facts["bad.py"].problem is not None
    assert facts["good.py"].definitions[0].name == "f"


def test_facts_that_would_not_fit_are_refused_and_not_cut(tmp_path: Path) -> None:
    many = "\n".join(f"def {'a' * 90}{i}(): pass" for i in range(10_000))
    facts = read_one(tmp_path, many)
    assert facts.problem == Problem("it has more definitions and imports than are read")
    assert facts.definitions == ()


def test_another_kind_of_file_is_a_problem(tmp_path: Path) -> None:
    assert "neither a .py file nor a notebook" in problem_of(tmp_path, "hello", "README.md").message


# --- definitions ------------------------------------------------------------------------------------------------------


def test_top_level_definitions_have_kind_and_line(tmp_path: Path) -> None:
    facts = read_one(
        tmp_path,
        """import numpy as np
from math import exp as e
@staticmethod
def f(): inner = 1
class C: pass
a, (b, *c) = 1, (2, 3)
async def g(): pass
if a:
    h = lambda: 0
""",
    )
    assert [(d.name, d.kind, d.line) for d in facts.definitions] == [
        ("np", "import", 1),
        ("e", "import", 2),
        ("f", "function", 4),
        ("C", "class", 5),
        ("a", "variable", 6),
        ("b", "variable", 6),
        ("c", "variable", 6),
        ("g", "function", 7),
        ("h", "variable", 9),
    ]


def test_the_last_definition_wins(tmp_path: Path) -> None:
    facts = read_one(tmp_path, "import torch\nimport numpy\ndef f(): torch.x\ndef f(): numpy.x\n")
    assert [(d.name, d.line) for d in facts.definitions if d.name == "f"] == [("f", 4)]
    assert needed(facts, "f") == {"numpy"}


def test_what_only_runs_as_a_script_is_no_definition(tmp_path: Path) -> None:
    facts = read_one(tmp_path, "if __name__ == '__main__':\n    X = exec('1')\nelse:\n    Y = 2\ndef f(): pass\n")
    assert [d.name for d in facts.definitions] == ["Y", "f"]
    assert evasions_of(facts, "f") == set()


def test_a_renamed_module_runs_its_script_part(tmp_path: Path) -> None:
    facts = read_one(tmp_path, "__name__ = '__main__'\nif __name__ == '__main__':\n    exec('1')\ndef f(): pass\n")
    assert evasions_of(facts, "f") == {"exec"}


# --- what a function needs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f(x): return torch.exp(x)",
        "import torch.nn.functional as F\ndef f(x): return F.relu(x)",
        "from torch import exp as e\ndef f(x): return e(x)",
        "def f(x):\n    import torch\n    return torch.exp(x)",
        "import torch\ndef g(x): return torch.exp(x)\ndef f(x): return g(x)",
        "import torch\ndef g(x): return torch.exp(x)\nh = g\ndef f(x): return h(x)",
        "import torch\nW = torch.zeros(3)\ndef f(x): return x + W",
        "import torch\nW = [0]\nW[0] = torch.zeros(3)\ndef f(x): return x + W[0]",
        "import torch\nclass A: pass\nA.b = torch.exp\ndef f(x): return A.b(x)",
        "import torch\n@torch.no_grad()\ndef f(x): return x",
        "import torch\ndef f(x, y=torch.ones(2)): return x",
        "import torch\ndef f(x: torch.Tensor): return x",
        "import torch\nclass f:\n    size = torch.ones(1)",
        "import torch\nclass f:\n    def __call__(self, x): return torch.exp(x)",
        "import torch\nclass f(torch.nn.Module): pass",
        "import torch\nf = lambda x: torch.exp(x)",
        "import torch\ndef f(x): return [torch.exp(y) for y in x]",
        "import torch\ndef f(torch_): \n    def g(): return torch.ones(1)\n    return g()",
        "import torch\ndef f():\n    def g(torch): return torch\n    return g(torch)",
        "import torch\ndef f():\n    class C:\n        torch = torch\n    return C",
        "import torch\nif True:\n    def f(x): return torch.exp(x)",
        "import torch\nwith torch.no_grad():\n    W = 1\ndef f(x): return x + W",
        "try:\n    import torch\nexcept ImportError:\n    torch = None\ndef f(x): return torch",
        "from torch import *\ndef f(x): return tensor(x)",
        "import torch\nimport numpy as np\nnp.dot = torch.matmul\ndef f(x): return np.dot(x, x)",
        "import torch\nW = 0\ndef init():\n    global W\n    W = torch.ones(1)\ninit()\ndef f(x): return x + W",
        "import torch\nfor i in range(3):\n    W = torch.ones(1)\ndef f(x): return x + W",
        "import torch\nmatch torch.ones(1):\n    case W: pass\ndef f(x): return x + W",
        "import torch\nif (W := torch.ones(1)) is None: pass\ndef f(x): return x + W",
        "import torch\ndef f(x): return (lambda y=torch.ones(1): y)()",
    ],
)
def test_an_import_is_followed_to_the_function_that_needs_it(tmp_path: Path, source: str) -> None:
    assert "torch" in needed(read_one(tmp_path, source), "f")


@pytest.mark.parametrize(
    "source",
    [
        "import torch\ndef f(x): return x",
        "import torch\ndef f(torch): return torch.exp(1)",
        "import torch\ndef f(x):\n    torch = x\n    return torch",
        "import torch\ndef f(x): return [torch for torch in x]",
        "import torch\ndef f(x):\n    for torch in x: pass\n    return torch",
        "import torch\ndef f(x):\n    with x as torch: return torch",
        "import torch\ndef f(x):\n    def g(): return torch\n    torch = 1\n    return g()",
        "import torch\ndef f(x): return x.torch",
        "import torch\ndef f(x): return [(torch := y) for y in x], torch",
        "import torch\ndef plot(): torch.show()\ndef f(x): return x",
        "import torch\nW = 1\ndef f(x): return x + W\nhistory = torch.fit(f, W)",
        "from torch import *\ndef f(x): return sum(x)",
        "import torch\ndef f(x):\n    match x:\n        case [torch, *_]: return torch",
        "import torch\ndef g(): return torch\ndef f(x): return x\ng = 1",
    ],
)
def test_an_import_that_a_function_does_not_use_is_not_held_against_it(tmp_path: Path, source: str) -> None:
    assert "torch" not in needed(read_one(tmp_path, source), "f")


def test_an_import_says_where_it_stands_and_what_it_is(tmp_path: Path) -> None:
    facts = read(
        tmp_path, {"hw.py": "import os.path\n\nfrom  helper import g\ndef f(): return g", "helper.py": "g = 1"}
    )
    assert facts["hw.py"].imports == (
        Import("os", 1, None, "import os.path", (), standard=True, own=False),
        Import("helper", 3, None, "from  helper import g", ("f",), standard=False, own=True),
    )


def test_what_an_own_module_imports_counts_as_needed(tmp_path: Path) -> None:
    facts = read(
        tmp_path,
        {
            "backprop.py": "from helper import g\nimport other\ndef f(x): return g(x)\ndef h(x): return x\n",
            "helper.py": "import deeper\nimport pandas\ndef g(x): return deeper.run(x)\ndef p(): import pylab\n",
            "deeper.py": "def run(x):\n    import torch\n",
            "other.py": "import tensorflow\n",
        },
    )
    assert needed(facts["backprop.py"], "f") == {"helper", "deeper", "pandas", "torch"}
    assert needed(facts["backprop.py"], "h") == set()
    assert Import("torch", 2, None, "import torch", ("f",), False, False, "deeper.py") in facts["backprop.py"].imports


def test_own_modules_that_import_each_other_end(tmp_path: Path) -> None:
    facts = read(
        tmp_path, {"a.py": "import b\ndef f(): return b.g()", "b.py": "import a, torch\ndef g(): return a.f()"}
    )
    assert needed(facts["a.py"], "f") == {"a", "b", "torch"}


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("from . import helper", "helper"),
        ("from .helper import g", "helper"),
        ("from .. import shared", "shared"),
        ("import helper", "helper"),
        ("import shared", "shared"),
        ("from tools.deep import g", "tools"),
        ("from tools import deep", "tools"),
        ("import tools.deep", "tools"),
    ],
)
def test_own_files_are_found_as_python_finds_them(tmp_path: Path, statement: str, module: str) -> None:
    files = {
        "backprop/hw.py": f"def f():\n    {statement}\n",
        "backprop/helper.py": "import torch\ng = 1\n",
        "shared.py": "import torch\n",
        "tools/deep.py": "import torch\ng = 1\n",
    }
    facts = read(tmp_path, files)["backprop/hw.py"]
    assert [(i.module, i.own, i.standard) for i in facts.imports if not i.path] == [(module, True, False)]
    assert needed(facts, "f") == {module, "torch"}


def test_a_file_that_is_named_like_numpy_is_not_what_numpy_means(tmp_path: Path) -> None:
    facts = read(tmp_path, {"hw.py": "import numpy\ndef f(): return numpy", "numpy.py": "import torch"})["hw.py"]
    assert [(i.module, i.own) for i in facts.imports] == [("numpy", False)]


# --- evasions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("exec('import torch')", "exec"),
        ("eval('1')", "eval"),
        ("compile('1', '', 'eval')", "compile"),
        ("__import__('torch')", "__import__"),
        ("run = __import__; run('torch')", "__import__"),
        ("import importlib; importlib.import_module('torch')", "importlib"),
        ("from importlib import import_module", "importlib"),
        ("import ctypes", "ctypes"),
        ("import runpy", "runpy"),
        ("import pkgutil", "pkgutil"),
        ("getattr(__builtins__, 'ex' + 'ec')", "__builtins__"),
        ("import sys; sys.modules['torch']", "sys.modules"),
        ("import sys as s; s.modules['torch']", "sys.modules"),
        ("from sys import modules", "sys.modules"),
        ("import numpy; numpy.os.sys.modules", "sys.modules"),
        ("(lambda: 0).__globals__['x']", "__globals__"),
        ("globals()['__builtins__']", "the text '__builtins__'"),
        ("exec(open('x.py').read())", "exec"),
    ],
)
def test_ways_around_an_import_are_found(tmp_path: Path, body: str, what: str) -> None:
    facts = read_one(tmp_path, f"def g():\n    {body}\ndef f():\n    return g()\ndef innocent(): pass\n")
    assert what in evasions_of(facts, "f")
    assert evasions_of(facts, "innocent") == set()
    assert {(e.line, e.quote) for e in facts.evasions if e.what == what} == {(2, body)}


@pytest.mark.parametrize(
    "source",
    [
        "def f(model): model.eval(); model.compile(); return model.modules()",
        "def f(eval): return eval(1)",
        "def eval(model): return model\ndef f(x): return eval(x)",
        "import sys\nIN_COLAB = 'google.colab' in sys.modules\ndef f(): return IN_COLAB",
        "import re\ndef f(x): return re.compile(x)",
    ],
)
def test_innocent_code_is_not_an_evasion(tmp_path: Path, source: str) -> None:
    assert read_one(tmp_path, source).evasions == ()


def test_an_evasion_when_the_file_is_loaded_concerns_every_function(tmp_path: Path) -> None:
    facts = read_one(tmp_path, "import importlib\ndef f(): pass\n_ = exec('f = 1')\n")
    assert Evasion("exec", 3, None, "_ = exec('f = 1')", ("f", "_")) in facts.evasions
    assert evasions_of(facts, "f") == {"exec"}, "importing importlib without using it concerns nobody"


def test_an_evasion_in_a_default_value_happens_when_the_file_is_loaded(tmp_path: Path) -> None:
    facts = read_one(tmp_path, "def trap(x=exec('1')): pass\ndef f(): pass\n")
    assert evasions_of(facts, "f") == {"exec"}


def test_an_evasion_in_an_own_module_is_followed(tmp_path: Path) -> None:
    facts = read(tmp_path, {"hw.py": "from helper import g\ndef f(): return g()", "helper.py": "def g(): exec('1')"})
    assert [(e.what, e.path) for e in facts["hw.py"].evasions] == [("exec", "helper.py")]


# --- notebooks --------------------------------------------------------------------------------------------------------


def test_cells_are_counted_as_on_the_screen(tmp_path: Path) -> None:
    content = notebook(
        ("markdown", "# Title"), "import numpy as np", ("raw", "x"), "\ndef f(x):\n    return np.exp(x)\n"
    )
    facts = read_one(tmp_path, content, "hw.ipynb")
    assert [(d.name, d.cell, d.line) for d in facts.definitions] == [("np", 2, 1), ("f", 4, 2)]
    assert facts.imports == (Import("numpy", 1, 2, "import numpy as np", ("f",), standard=False, own=False),)


def test_magics_do_not_hide_the_rest_of_a_cell(tmp_path: Path) -> None:
    content = notebook(
        "%matplotlib inline\n!pip install x\nimport numpy as np\n",
        "%%time\ndef f(x):\n    return np.exp(x)\n",
        "%%bash\ndef g(x):\n",
        "\n\nfiles = !ls\ndef h(): return files\n",
        "f?\n",
        "await something()",
    )
    facts = read_one(tmp_path, content, "hw.ipynb")
    assert facts.problem is None
    assert [(d.name, d.cell, d.line) for d in facts.definitions] == [
        ("np", 1, 3),
        ("f", 2, 2),
        ("files", 4, 3),
        ("h", 4, 4),
    ]
    assert facts.definitions[1].name == "f"


def test_a_broken_cell_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    facts = read_one(tmp_path, notebook("def f(): pass", "x = 1\ndef g(:\n", "def h(): pass"), "hw.ipynb")
    assert facts.problem == Problem("syntax error: invalid syntax", line=2, cell=2, quote="def g(:")
    assert [d.name for d in facts.definitions] == ["f", "h"]


def test_training_cells_give_nothing_to_a_function(tmp_path: Path) -> None:
    content = notebook(
        "import torch", "for i in range(9):\n    W = torch.ones(1)\n    exec('1')", "def f(x): return x + W"
    )
    facts = read_one(tmp_path, content, "hw.ipynb")
    assert needed(facts, "f") == set()
    assert evasions_of(facts, "f") == set()
    assert "W" not in [d.name for d in facts.definitions]


def test_a_notebook_imports_own_files(tmp_path: Path) -> None:
    files = {"hw.ipynb": notebook("import helper", "def f(): return helper.g()"), "helper.py": "import torch"}
    assert needed(read(tmp_path, files)["hw.ipynb"], "f") == {"helper", "torch"}


def test_an_old_notebook_is_read(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": ["def f():\n", "  pass"]}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [cell]}]}
    assert [d.name for d in read_one(tmp_path, json.dumps(old), "hw.ipynb").definitions] == ["f"]


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ('{"cells": [,]}', "not JSON at line 1, column 12", 1),
        ('{\n"cells": \n', "not JSON at line 3, column 1", 3),
        ("", "not JSON at line 1", 1),
        (b"\xff\xfe{}", "byte 0 does not belong to UTF-8", None),
        ("[1, 2]", "it is JSON but not a notebook: it has no cells", None),
        ('{"x": 1}', "it is JSON but not a notebook: it has no cells", None),
        ('{"cells": 5, "nbformat": 4, "nbformat_minor": 4, "metadata": {}}', "not a notebook", None),
        ('{"cells": [5], "nbformat": 4, "nbformat_minor": 4, "metadata": {}}', "not a notebook", None),
        ('{"cells": [], "nbformat": "x", "metadata": {}}', "not a notebook", None),
        ("[" * 100_000, "cannot be read", None),
        (notebook(("markdown", "only text")), "it has no code cells", None),
        (notebook(), "it has no code cells", None),
    ],
)
def test_what_is_not_a_notebook_says_why(tmp_path: Path, content: str | bytes, message: str, line: int | None) -> None:
    problem = problem_of(tmp_path, content, "hw.ipynb")
    assert message in problem.message
    assert problem.line == line


def test_a_lone_surrogate_in_a_notebook_is_a_problem_of_its_cell(tmp_path: Path) -> None:
    content = notebook("x = 'REPLACED'", "def f(): pass").replace("REPLACED", "\\ud800")
    facts = read_one(tmp_path, content, "hw.ipynb")
    assert facts.problem is not None
    assert facts.problem.cell == 1
    assert [d.name for d in facts.definitions] == ["f"]
