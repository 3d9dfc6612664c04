"""``grader run`` as a user calls it: a process, its exit code, what it prints and writes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from grader.report.schema import schema

ROOT = Path(__file__).resolve().parents[2]


def grader(*arguments, cwd=ROOT, **options):
    command = [sys.executable, "-c", "from grader.cli.main import main; main()", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, env=environment, **options)


@pytest.fixture(scope="module")
def whole_class(tmp_path_factory):
    """The part of all example submissions that needs no framework, graded once."""
    file = tmp_path_factory.mktemp("out") / "all.json"
    done = grader("run", "submissions", "--only", "backprop", "--json", file)
    return done, json.loads(file.read_text())


def report_of(whole_class, student):
    return next(r for r in whole_class[1]["reports"] if r["submission"]["student"] == student)


def test_right_work_has_full_marks_and_exit_code_0():
    done = grader("run", "submissions/alice", "--only", "backprop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Total: 20 of 20 points" in done.stdout
    assert "Isolation:" in done.stdout
    assert done.stderr == ""


def test_wrong_work_says_what_where_and_how_to_see_it_again():
    done = grader("run", "submissions/bob", "--only", "backprop")
    assert done.returncode == 1
    again = [line for line in done.stdout.splitlines() if line.startswith("Again:")]
    assert again
    command = again[0].split()[1:]
    assert command[:2] == ["grader", "run"]
    repeated = grader(*command[1:])
    assert repeated.returncode == 1
    assert "Total:" in repeated.stdout


def test_everybody_is_graded_whatever_the_others_do(whole_class):
    done, _ = whole_class
    assert done.returncode == 1
    students = {path.name for path in (ROOT / "submissions").iterdir() if path.is_dir()}
    assert {r["submission"]["student"] for r in whole_class[1]["reports"]} == students
    assert report_of(whole_class, "alice")["score"]["awarded"] == 20
    assert report_of(whole_class, "carol")["score"]["awarded"] == 20


def test_partial_credit_is_given(whole_class):
    verdicts = {r["verdict"] for r in report_of(whole_class, "bob")["results"]}
    assert {"PASS", "PARTIAL"} <= verdicts
    assert 0 < report_of(whole_class, "bob")["score"]["awarded"] < 20


@pytest.mark.parametrize(
    ("student", "verdict", "words"),
    [
        ("dave", "CRASH", "syntax error"),
        ("dave_import", "CRASH", "import"),
        ("dave_missing", "MISSING", "back_propagation"),
    ],
)
def test_work_that_does_not_run_says_why(whole_class, student, verdict, words):
    results = report_of(whole_class, student)["results"]
    told = [r for r in results if r["verdict"] == verdict]
    assert told
    assert words in json.dumps(told[0]["feedback"])


def test_mallory_gains_nothing(whole_class):
    report = report_of(whole_class, "mallory")
    code_criteria = [r for r in report["results"] if r["evidence"] != "CLAIMED"]
    assert sum(r["awarded"] for r in code_criteria) == 0
    assert report["score"]["awarded"] == sum(r["awarded"] for r in report["results"])
    assert {r["verdict"] for r in code_criteria} <= {"CRASH", "TIMEOUT", "FAIL", "MISSING", "BLOCKED", "MEMORY"}


def test_the_json_validates_against_the_published_schema(whole_class):
    jsonschema.validate(whole_class[1], schema())


def test_every_report_says_what_it_rests_on(whole_class):
    for report in whole_class[1]["reports"]:
        provenance = report["provenance"]
        assert provenance["isolation"] in ("full", "strong", "reduced")
        assert set(provenance["digests"]) == {"rubric", "reference", "submission"}
        assert {"grader", "python", "numpy", "pytest"} <= set(provenance["versions"])
        assert provenance["started_at"].endswith("Z")


def test_json_on_standard_output_is_nothing_but_json():
    done = grader("run", "submissions/alice", "--only", "backprop", "--json", "-")
    assert json.loads(done.stdout)["reports"][0]["score"]["awarded"] == 20


def test_the_students_view_hides_hidden_criteria():
    done = grader("run", "submissions/bob", "--for", "student", "--json", "-")
    assert "unseen" not in done.stdout
    (report,) = json.loads(done.stdout)["reports"]
    assert not any(result["private"] or result["measurements"] for result in report["results"])
    assert report["score"]["not_shown"] == 1
    whole = grader("run", "submissions/bob", "--json", "-")
    assert "unseen" in whole.stdout


def test_one_at_a_time_and_several_at_once_agree(whole_class):
    done = grader("run", "submissions/alice", "submissions/bob", "--only", "backprop", "--jobs", "1", "--json", "-")
    for report in json.loads(done.stdout)["reports"]:
        other = report_of(whole_class, report["submission"]["student"])
        kept = ("criterion_id", "verdict", "awarded", "feedback", "measurements", "seed")
        assert [{k: r.get(k) for k in kept} for r in report["results"]] == [
            {k: r.get(k) for k in kept} for r in other["results"]
        ]


def test_neither_framework_is_imported():
    code = (
        "import sys\n"
        "from grader.cli.main import main\n"
        "try: main(['run', 'submissions/alice'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('torch', 'tensorflow', 'keras', 'torchvision') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def test_help_imports_neither_numpy_nor_pytest_nor_rich():
    code = (
        "import sys\n"
        "from grader.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('numpy', 'pytest', 'rich', 'yaml', 'msgspec') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


# --- errors -----------------------------------------------------------------------------------------------------------


def says(done, code, *words):
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, text
    assert "Traceback" not in text
    for word in words:
        assert word in text


def test_a_missing_folder(tmp_path):
    says(grader("run", tmp_path / "nobody"), 4, "nobody")


def test_an_empty_folder(tmp_path):
    (tmp_path / "erin").mkdir()
    says(grader("run", tmp_path / "erin"), 4, "erin", "empty")


def test_an_empty_folder_among_others(tmp_path):
    shutil.copytree(ROOT / "submissions" / "alice", tmp_path / "alice")
    (tmp_path / "erin").mkdir()
    done = grader("run", tmp_path / "alice", tmp_path / "erin", "--only", "backprop")
    says(done, 4, "erin", "20 of 20")


def test_no_course_here(tmp_path):
    says(grader("run", ROOT / "submissions" / "alice", cwd=tmp_path), 2, "rubric.yaml", "--course")


def test_the_course_can_be_given(tmp_path):
    says(
        grader("run", ROOT / "submissions" / "alice", "--only", "backprop", "--course", ROOT, cwd=tmp_path),
        0,
        "20 of 20",
    )


def test_an_unknown_criterion():
    says(grader("run", "submissions/alice", "--only", "backprop.lozz"), 2, "backprop.lozz", "backprop.loss")


def test_an_unknown_assignment():
    says(grader("run", "submissions/alice", "--assignment", "backprop"), 2, "backprop_to_lenet")


def test_a_time_that_is_none():
    says(grader("run", "submissions/alice", "--submitted-at", "yesterday"), 2, "yesterday")


def test_a_bad_rubric_names_file_and_line(tmp_path):
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    rubric = tmp_path / "reference" / "backprop_to_lenet" / "rubric.yaml"
    lines = rubric.read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if "points:" in line)
    lines[number] = lines[number].replace("points", "poinst")
    rubric.write_text("\n".join(lines))
    done = grader("run", ROOT / "submissions" / "alice", "--course", tmp_path)
    says(done, 2, f"rubric.yaml:{number + 1}", "poinst", "points")


def test_a_broken_oracle_costs_nobody_a_mark(tmp_path):
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    oracle = tmp_path / "reference" / "backprop_to_lenet" / "oracle_numpy.py"
    oracle.write_text(oracle.read_text().replace("N = len(X)", "N = len(X) / 0", 1))
    alice = ROOT / "submissions" / "alice"
    done = grader("run", alice, "--only", "backprop", "--course", tmp_path, "--json", "-")
    assert done.returncode == 3, done.stderr
    (report,) = json.loads(done.stdout)["reports"]
    faults = [r for r in report["results"] if r["verdict"] == "GRADER_FAULT"]
    assert faults
    assert report["score"]["pending"] == sum(r["possible"] for r in faults)
    assert "ZeroDivisionError" in faults[0]["private"]


def test_python_may_be_called_by_a_relative_path(tmp_path):
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", environment], check=True)
    site = next((environment / "lib").glob("python*/site-packages"))
    (site / "here.pth").write_text("\n".join([str(ROOT), *(p for p in sys.path if p.endswith("site-packages"))]))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    command = ["../venv/bin/python", "-c", "from grader.cli.main import main; main()", "run"]
    done = subprocess.run(
        [*command, ROOT / "submissions" / "alice", "--only", "backprop", "--course", ROOT],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    says(done, 0, "20 of 20")


@pytest.mark.parametrize("place", [".", "deeper"])
def test_no_course_is_taken_from_what_is_handed_in(tmp_path, small_course, place):
    """It would bring its own reference, whose code is trusted."""
    handed_in = tmp_path / "somebody"
    shutil.copytree(small_course, handed_in)
    reference = handed_in / "reference" / "backprop_to_lenet" / "oracle_numpy.py"
    reference.write_text(reference.read_text() + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    (handed_in / "backprop.py").write_text("def forward_propagation(X, weights):\n    return 0\n")
    (handed_in / "deeper").mkdir()
    done = grader("run", handed_in, cwd=handed_in / place)
    assert done.returncode == 2
    assert "is part of what is to be graded" in " ".join(done.stderr.split())
    assert not (tmp_path / "ran").exists()
    named = grader("run", handed_in, "--course", small_course, cwd=handed_in / place)
    assert named.returncode == 1, named.stderr
    assert not (tmp_path / "ran").exists()
