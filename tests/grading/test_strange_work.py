"""Work that is not what was asked for, in every way we know: each has a clear verdict, and the rest goes on."""

import json

import pytest

from grader.results import Verdict

RIGHT = """
import numpy as np
def sigmoid(z): return 1 / (1 + np.exp(-z))
def forward_propagation(X, weights):
    Z1 = X @ weights["W1"].T + weights["b1"]
    H = sigmoid(Z1)
    Z2 = H @ weights["W2"] + weights["b2"]
    return sigmoid(Z2), Z2, H, Z1
"""


def result(report, name):
    return next(r for r in report.results if r.criterion_id == f"backprop.{name}")


def verdict_and_words(report, name):
    found = result(report, name)
    return found.verdict, " ".join([found.feedback.summary, *found.feedback.facts])


RETURNS = {
    "nothing": ("return None", Verdict.MISSING, "returned None; the handout asks for 4 values: Y, Z2, H, Z1"),
    "too few": ("return X, X", Verdict.MISSING, "returned 2 values; the handout asks for 4 values"),
    "a ragged list": ("return [[1.0, 2.0], [3.0]], X, X, X", Verdict.FAIL, "rows have different lengths"),
    "strings": ("return 'Y', 'Z2', 'H', 'Z1'", Verdict.FAIL, "the string 'Y'"),
    "NaN": ("return tuple(np.full(s, np.nan) for s in SHAPES(X))", Verdict.FAIL, "Your value there is nan"),
    "an object array": ("return (np.array([object()] * len(X)),) * 4", Verdict.FAIL, "dtype is object"),
    "a generator": ("yield X", Verdict.MISSING, "type generator"),
    "a huge array": ("return (np.broadcast_to(np.float64(1), (2**29,)),) * 4", Verdict.FAIL, "MiB"),
    "a huge real array": ("return (np.ones(2**29),) * 4", Verdict.MEMORY, "MemoryError"),
    "an exception": ("raise ValueError('of my own')", Verdict.CRASH, "raised ValueError: of my own"),
    "an exit": ("raise SystemExit(0)", Verdict.CRASH, "SystemExit"),
    "endless recursion": ("return forward_propagation(X, weights)", Verdict.CRASH, "RecursionError"),
}


@pytest.mark.parametrize("case", RETURNS)
def test_a_function_that_returns_something_else(case, grade_source):
    body, verdict, words = RETURNS[case]
    source = (
        "import numpy as np\n"
        "def SHAPES(X): return (len(X),), (len(X),), (len(X), 3), (len(X), 3)\n"
        f"def forward_propagation(X, weights):\n    {body}\n"
        "def back_propagation(X, Y_T, weights):\n    return {}, 0.0\n"
    )
    report = grade_source(source, only=("backprop.forward",))
    found, text = verdict_and_words(report, "forward")
    assert (found, words in text) == (verdict, True), text


FILES = {
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00\x00\xff\xfe", "backprop.py", "backprop.py"),
    "not UTF-8": ("# größe\n".encode("latin-1"), "backprop.py", "UTF-8"),
    "a syntax error": (b"def forward_propagation(X, weights)\n    pass\n", "backprop.py", "line 1"),
    "no such import": (b"import no_such_module\n" + RIGHT.encode(), "backprop.py", "No module named 'no_such_module'"),
    "nested too deep": (b"x = " + b"(" * 5000 + b")" * 5000, "backprop.py", "backprop.py"),
    "not JSON": (b"{ this is no notebook", "backprop.ipynb", "JSON"),
    "JSON, no notebook": (b"[1, 2, 3]", "backprop.ipynb", "notebook"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_or_run(case, grade_source):
    content, name, words = FILES[case]
    report = grade_source(content, name)
    assert report.score.awarded == 0 or case == "no such import"
    found, text = verdict_and_words(report, "forward")
    assert found is Verdict.CRASH, text
    assert words in text, text
    assert "Traceback" not in text


def test_an_empty_file_lacks_both_functions(grade_source):
    found, text = verdict_and_words(grade_source(b""), "forward")
    assert found is Verdict.MISSING
    assert "forward_propagation" in text


def test_a_missing_function_costs_only_what_needs_it(grade_source):
    report = grade_source(RIGHT)
    assert result(report, "forward").verdict is Verdict.PASS
    found, text = verdict_and_words(report, "loss")
    assert found is Verdict.MISSING
    assert "back_propagation" in text


def test_a_name_that_is_nearly_right_is_pointed_at(grade_source):
    report = grade_source(RIGHT + "\ndef backpropagation(X, Y_T, weights): return {}, 0\n")
    _, text = verdict_and_words(report, "loss")
    assert "backpropagation" in text
    assert "line 9" in text or "line 10" in text


def test_a_crash_in_one_function_does_not_cost_the_other(grade_source):
    source = RIGHT + "\nimport os\ndef back_propagation(X, Y_T, weights): os._exit(0)\n"
    report = grade_source(source)
    assert result(report, "forward").verdict is Verdict.PASS
    found, text = verdict_and_words(report, "loss")
    assert found is Verdict.CRASH
    assert "exit code 0" in text


def test_what_was_earned_before_a_timeout_stays_earned(course, grade_source):
    report = grade_source(
        RIGHT + "\ndef back_propagation(X, Y_T, weights):\n    while True: pass\n",
        only=("backprop.forward", "backprop.loss"),
    )
    assert result(report, "forward").verdict is Verdict.PASS
    found, text = verdict_and_words(report, "loss")
    assert found is Verdict.TIMEOUT
    assert "10 s" in text


def test_two_candidates_are_listed_and_cost_nothing(course, grade_source, tmp_path):
    (tmp_path / "somebody").mkdir()
    (tmp_path / "somebody" / "other.py").write_text(RIGHT)
    from grader.session import Job, grade

    (tmp_path / "somebody" / "backprop.py").write_text(RIGHT)
    report = grade(course, Job(tmp_path / "somebody"))
    found, text = verdict_and_words(report, "forward")
    assert found is Verdict.NEEDS_REVIEW
    assert "other.py" in text
    assert "backprop.py" in text
    assert "submission.yaml" in text
    assert report.score.pending >= 4


def test_dynamic_imports_are_for_a_person_to_judge(grade_source):
    source = RIGHT + ("\ndef back_propagation(X, Y_T, weights):\n    scipy = __import__('scipy')\n    return {}, 0.0\n")
    report = grade_source(source, only=("backprop.numpy_only",))
    found, text = verdict_and_words(report, "numpy_only")
    assert found is Verdict.NEEDS_REVIEW
    assert "__import__('scipy')" in text
    assert report.score.pending == report.score.possible > 0


def test_printed_text_costs_nothing_and_is_counted(grade_source):
    source = RIGHT.replace("    Z1 =", "    print('x' * 10_000_000)\n    Z1 =")
    report = grade_source(source, only=("backprop.forward",))
    assert result(report, "forward").verdict is Verdict.PASS
    (finding,) = [f for f in report.findings if f.kind == "output-cut"]
    assert "printed 210,0" in finding.text


def test_a_report_survives_the_way_to_json_and_back(grade_source):
    from grader.report.json import from_json, to_json
    from grader.results import SCHEMA_VERSION, ReportFile

    file = ReportFile(SCHEMA_VERSION, (grade_source(RIGHT),))
    assert from_json(to_json(file)) == file
    assert set(json.loads(to_json(file))) >= {"schema_version", "reports"}


def test_libraries_that_end_their_template_are_done_without(grade_source, monkeypatch):
    """Two frameworks may each bring a compiler that ends the process when it finds the other's."""
    from grader.grading import grading as module

    started = []

    def start(isolation, limits, *, hidden, libraries):
        worker = start_worker(isolation, limits, hidden=hidden, libraries=libraries)
        started.append(libraries)
        if libraries:
            worker._process.source.kill()
        return worker

    start_worker = module.start_worker
    monkeypatch.setattr(module, "start_worker", start)
    monkeypatch.setattr(module.Grading, "_needed_libraries", lambda _self, _only: ("torch", "keras"))
    report = grade_source(RIGHT, only=("backprop.forward",))
    assert started == [("torch", "keras"), ()]
    assert [result.verdict for result in report.results] == [Verdict.PASS]
