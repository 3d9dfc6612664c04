"""Running student files in this process: modules, calls, packing, and exceptions of every kind."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.sandbox.wire import Array, Loaded, Mapping, Opaque, Raised, Returned, Where
from grader.sandbox.worker.loader import Loader


@pytest.fixture(autouse=True)
def _undo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker ends with its submission; this process goes on."""
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "argv", sys.argv)
    yield
    for name in ("hw", "helper", "shared"):
        sys.modules.pop(name, None)


def loader_of(root: Path, **files: str) -> Loader:
    for stem, text in files.items():
        (root / f"{stem}.py").write_text(text)
    return Loader(root)


def call_one(root: Path, body: str, *arguments: object) -> tuple[Returned | Raised, list[np.ndarray]]:
    """Call ``f(*arguments)`` of a file that holds ``body``."""
    loader = loader_of(root, hw=body)
    loaded = loader.load("hw.py", ("f",))
    assert isinstance(loaded, Loaded), loaded
    assert loaded.missing == ()
    return loader.call("hw.py", "f", arguments)


def raised_by(root: Path, body: str, *arguments: object) -> Raised:
    answer, arrays = call_one(root, body, *arguments)
    assert isinstance(answer, Raised)
    assert arrays == []
    return answer


def load_raises(root: Path, body: str) -> Raised:
    answer = loader_of(root, hw=body).load("hw.py", ("f",))
    assert isinstance(answer, Raised)
    return answer


# --- loading ----------------------------------------------------------------------------------------------------------


def test_a_module_runs_as_python_runs_it(tmp_path: Path) -> None:
    loader = loader_of(
        tmp_path,
        hw="import os, sys\nfrom helper import double\n"
        "def f(): return [__name__, __file__, os.getcwd(), str(sys.modules[__name__].f is f), *sys.argv, double('a')]",
        helper="def double(x): return 2 * x",
    )
    assert loader.load("hw.py", ("f",)) == Loaded((), cpu_s=pytest.approx(0, abs=10))
    answer, _ = loader.call("hw.py", "f", ())
    assert isinstance(answer, Returned)
    place = str(tmp_path / "hw.py")
    assert [item.value for item in answer.results[0].value.items] == ["hw", place, str(tmp_path), "True", place, "aa"]


def test_a_file_in_a_subfolder_finds_its_neighbours_and_the_root(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "helper.py").write_text("x = 1")
    (tmp_path / "shared.py").write_text("y = 2")
    (tmp_path / "part" / "hw.py").write_text("from helper import x\nfrom shared import y\ndef f(): return x + y")
    loader = Loader(tmp_path)
    assert isinstance(loader.load("part/hw.py", ("f",)), Loaded)
    assert loader.call("part/hw.py", "f", ())[1] == [np.array(3)]


def test_missing_names_and_what_cannot_be_called_are_named(tmp_path: Path) -> None:
    loader = loader_of(tmp_path, hw="def f(): pass\ng = 1\nclass C: pass")
    loaded = loader.load("hw.py", ("f", "g", "h", "C"))
    assert isinstance(loaded, Loaded)
    assert loaded.missing == ("g", "h")


def test_a_file_is_run_once(tmp_path: Path) -> None:
    loader = loader_of(
        tmp_path, hw="import sys\nsys.counted = getattr(sys, 'counted', 0) + 1\ndef f(): return sys.counted"
    )
    loader.load("hw.py", ("f",))
    loader.load("hw.py", ("f", "g"))
    assert loader.call("hw.py", "f", ())[1] == [np.array(1)]
    del sys.counted  # type: ignore[attr-defined]


def test_a_file_named_like_a_loaded_module_does_not_replace_it(tmp_path: Path) -> None:
    loader = loader_of(tmp_path, numpy="def f(): return 1")
    assert isinstance(loader.load("numpy.py", ("f",)), Loaded)
    assert sys.modules["numpy"] is np
    assert loader.call("numpy.py", "f", ())[1] == [np.array(1)]


def test_an_import_that_failed_can_be_seen_and_leaves_no_module(tmp_path: Path) -> None:
    raised = load_raises(tmp_path, "import numpy\n\nimport no_such_module\n")
    assert (raised.type_name, raised.message) == ("ModuleNotFoundError", "No module named 'no_such_module'")
    assert raised.where == (Where("hw.py", 3, None, "<module>", "import no_such_module"),)
    assert "hw" not in sys.modules


def test_a_syntax_error_is_raised_with_its_place(tmp_path: Path) -> None:
    raised = load_raises(tmp_path, "x = 1\ndef f(:\n")
    assert raised.type_name == "SyntaxError"
    assert raised.where == (Where("hw.py", 2, None, "", "def f(:"),)


def test_a_syntax_error_in_an_own_module_is_placed_there(tmp_path: Path) -> None:
    answer = loader_of(tmp_path, hw="import helper", helper="def f(:").load("hw.py", ())
    assert isinstance(answer, Raised)
    assert [(where.path, where.line, where.quote) for where in answer.where] == [
        ("hw.py", 1, "import helper"),
        ("helper.py", 1, "def f(:"),
    ]


def test_a_file_that_is_gone_is_raised(tmp_path: Path) -> None:
    answer = Loader(tmp_path).load("hw.py", ())
    assert isinstance(answer, Raised)
    assert answer.type_name == "FileNotFoundError"


def test_calling_what_was_not_loaded_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match=r"hw\.py was called before it was loaded"):
        Loader(tmp_path).call("hw.py", "f", ())


def test_a_function_that_was_deleted_is_raised(tmp_path: Path) -> None:
    loader = loader_of(tmp_path, hw="def f():\n    global f\n    del f")
    loader.load("hw.py", ("f",))
    loader.call("hw.py", "f", ())
    answer, _ = loader.call("hw.py", "f", ())
    assert isinstance(answer, Raised)
    assert answer.message == "hw.py no longer has a function called f"


# --- calling ----------------------------------------------------------------------------------------------------------


def test_values_come_back_as_they_are(tmp_path: Path) -> None:
    answer, arrays = call_one(tmp_path, "def f(x): return {'W1': 2 * x, 'b': (1, None)}", np.arange(3.0))
    assert isinstance(answer, Returned)
    assert isinstance(answer.results[0].value, Mapping)
    assert answer.results[0].value.items["W1"] == Array(0)
    assert answer.cpu_s >= 0
    np.testing.assert_array_equal(arrays[0], [0.0, 2.0, 4.0])


def test_arguments_are_writable_copies(tmp_path: Path) -> None:
    given = np.zeros(3)
    given.flags.writeable = False
    _, arrays = call_one(tmp_path, "def f(w):\n    w['W'][0] += 1\n    w['W'] += 1\n    return w['W']", {"W": given})
    np.testing.assert_array_equal(arrays[0], [2.0, 1.0, 1.0])
    np.testing.assert_array_equal(given, [0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("number", "kind"),
    [(np.array(0), "int"), (np.array(0.5), "float"), (np.array(True), "bool"), (np.array(1j), "complex")],
)
def test_an_array_without_axes_is_a_python_number(tmp_path: Path, number: np.ndarray, kind: str) -> None:
    answer, _ = call_one(tmp_path, "def f(x): return type(x[0]).__name__", (number,))
    assert isinstance(answer, Returned)
    assert answer.results[0].value.value == kind


def test_an_opaque_argument_is_refused(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def f(x): pass", Opaque("module", "it is a module"))
    assert raised.message == "a module cannot be passed on"


@pytest.mark.filterwarnings("ignore:overflow")
def test_overflow_in_numpy_is_not_an_error(tmp_path: Path) -> None:
    _, arrays = call_one(tmp_path, "import numpy as np\ndef f(x): return 1 / (1 + np.exp(-x))", np.array([-1e4]))
    np.testing.assert_array_equal(arrays[0], [0.0])


@pytest.mark.parametrize(
    "body",
    [
        "def f(): yield 1",
        "async def f(): pass",
        "def f(): return object()",
        "def f(): return lambda: 0",
    ],
)
@pytest.mark.filterwarnings("ignore:coroutine 'f' was never awaited")
def test_what_does_not_travel_is_opaque(tmp_path: Path, body: str) -> None:
    answer, _ = call_one(tmp_path, body)
    assert isinstance(answer, Returned)
    assert isinstance(answer.results[0].value, Opaque)


# --- exceptions -------------------------------------------------------------------------------------------------------


def test_a_traceback_has_only_the_students_lines(tmp_path: Path) -> None:
    body = "import numpy as np\nfrom helper import g\ndef f(x):\n    return g(x)\n"
    loader = loader_of(tmp_path, hw=body, helper="import numpy as np\ndef g(x):\n    return np.linalg.inv(x)  # here\n")
    loader.load("hw.py", ("f",))
    answer, _ = loader.call("hw.py", "f", (np.zeros((2, 2)),))
    assert isinstance(answer, Raised)
    assert (answer.type_name, answer.message) == ("LinAlgError", "Singular matrix")
    assert answer.where == (
        Where("hw.py", 4, None, "f", "return g(x)"),
        Where("helper.py", 3, None, "g", "return np.linalg.inv(x)  # here"),
    )


def test_too_many_arguments_are_the_students_error(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def f(x): pass", 1, 2)
    assert raised.type_name == "TypeError"
    assert "takes 1 positional argument but 2 were given" in raised.message


@pytest.mark.parametrize("statement", ["sys.exit(0)", "exit(0)", "raise SystemExit(0)"])
def test_an_exit_is_raised_at_load_and_in_a_call(tmp_path: Path, statement: str) -> None:
    at_load = load_raises(tmp_path, f"import sys\n{statement}\n")
    in_call = raised_by(tmp_path, f"import sys\ndef f(): {statement}\n")
    assert at_load.type_name == in_call.type_name == "SystemExit"
    assert at_load.message == "Python was asked to exit (status 0)"
    assert at_load.where[0].line == 2


@pytest.mark.parametrize("name", ["KeyboardInterrupt", "MemoryError", "GeneratorExit"])
def test_exceptions_that_usually_pass_through_are_caught(tmp_path: Path, name: str) -> None:
    assert raised_by(tmp_path, f"def f(): raise {name}").type_name == name


def test_an_array_too_large_for_memory_is_a_memory_error(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "import numpy as np\ndef f(): return np.ones((10**8, 10**8))")
    assert "MemoryError" in raised.type_name


def test_endless_recursion_is_short(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def g(n): return f(n + 1)\ndef f(n=0):\n    return g(n)")
    assert raised.type_name == "RecursionError"
    assert len(raised.where) == 12


def test_a_long_message_is_cut(tmp_path: Path) -> None:
    assert len(raised_by(tmp_path, "def f(): raise ValueError('x' * 10**6)").message) == 2000


@pytest.mark.parametrize(
    "definition",
    [
        "class E(Exception):\n    def __str__(self): raise SystemExit",
        "class E(Exception):\n    def __str__(self): return 3",
        "class E(Exception):\n    def __str__(self): return self.missing",
    ],
)
def test_a_message_that_cannot_be_read_says_so(tmp_path: Path, definition: str) -> None:
    assert "its message cannot be read" in raised_by(tmp_path, f"{definition}\ndef f(): raise E").message


@pytest.mark.parametrize(
    "definition",
    [
        "class S(str):\n    def __len__(self): raise E2\n    __getitem__ = encode = __len__\n"
        "class E(Exception):\n    def __str__(self): return S('text')",
        "class M(type):\n    __name__ = property(lambda self: 1 / 0)\n"
        "class E(Exception, metaclass=M):\n    def __str__(self): return 'text'",
        "class E(Exception):\n    __traceback__ = property(lambda self: 1 / 0)\n    def __str__(self): return 'text'",
        "class E(NameError):\n    name = property(lambda self: 1 / 0)\n    def __str__(self): return 'text'",
        "class E(SyntaxError):\n    filename = property(lambda self: 1 / 0)\n    def __str__(self): return 'text'",
    ],
)
def test_a_hostile_exception_is_described(tmp_path: Path, definition: str) -> None:
    raised = raised_by(tmp_path, f"{definition}\ndef f(): raise E()")
    assert (raised.type_name, raised.message) == ("E", "text")
    assert raised.where[0].function == "f"


def test_text_that_is_not_unicode_travels(tmp_path: Path) -> None:
    raised = raised_by(tmp_path, "def f(): raise type('A' * 500, (Exception,), {})('\\ud800')")
    assert raised.message == "\\ud800"
    assert len(raised.type_name) == 100


@pytest.mark.parametrize(
    ("method", "type_name"),
    [("raise MemoryError", "MemoryError"), ("1 / 0", "ZeroDivisionError"), ("exit()", "SystemExit")],
)
def test_a_container_that_raises_while_it_is_read_is_raised(tmp_path: Path, method: str, type_name: str) -> None:
    body = f"class D(dict):\n    def items(self): {method}\ndef f(): return D(a=1)"
    raised = raised_by(tmp_path, body)
    assert raised.type_name == type_name
    assert raised.message.startswith("while reading what f returned: ")


def test_the_working_folder_is_the_submission_even_after_a_chdir(tmp_path: Path) -> None:
    loader = loader_of(tmp_path, hw="import os\ndef f():\n    here = os.getcwd()\n    os.chdir('/')\n    return here")
    loader.load("hw.py", ("f",))
    for _ in range(2):
        answer, _arrays = loader.call("hw.py", "f", ())
        assert isinstance(answer, Returned)
        assert answer.results[0].value.value == os.fspath(tmp_path)
