"""``grader export``: each bundle is made and then run where its platform would, in folders laid out as there.

Only one thing is not as there: installing the wheel does not fetch what the grader needs. The environment that the
bundle makes for itself sees the packages of this one instead (a ``.pth`` file), and pip runs with ``PIP_NO_DEPS``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import jsonschema
import pytest

from grader.checks.registry import KINDS
from grader.course.load import load
from tests.small_course import ASSIGNMENT, RUBRIC, write_course
from tests.unit.report_formats import CLASSROOM50, GRADESCOPE

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
# what a student hopes that the trusted side imports
TRAPS = ("grader/__init__.py", "msgspec.py", "json.py", "pip/__main__.py", "sitecustomize.py", "yaml/__init__.py")
TRAP = "import pathlib\npathlib.Path(__file__).parents[0].joinpath('sprung').write_text('')\nraise SystemExit(0)\n"


OVERRIDES = f"""\
{ASSIGNMENT}:
  alice:
    backprop.loss: {{points: 1, by: KT, on: 2026-11-21, note: Agreed.}}
"""


def grader(*arguments, cwd):
    command = [sys.executable, "-c", "from grader.cli.main import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, env=environment)


def see_the_packages_of_this_environment(environment):
    """Stand in for the network: the dependencies come from here, the grader from the bundle's wheel."""
    (site,) = (environment / "lib").glob("python*/site-packages")
    (site / "here.pth").write_text(sysconfig.get_path("purelib"))


def run(command, cwd, **variables):
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=300, env={**os.environ, **OFFLINE, **variables}
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = write_course(tmp_path_factory.mktemp("course"))
    (folder / ".grader-secret").write_text("a secret")
    (folder / "overrides.yaml").write_text(OVERRIDES)
    (folder / "reference" / ASSIGNMENT / "handout.md").write_text("# What to do\n")
    faults = folder / "reference" / ASSIGNMENT / "faults"
    faults.mkdir()
    (faults / "wrong.py").write_text("")
    cases = folder / "reference" / ASSIGNMENT / "cases.py"
    cases.write_text(cases.read_text() + "\n\n# how zebras are drawn\ndef zebras(rng):\n    return handout(rng)\n")
    rubric = folder / "reference" / ASSIGNMENT / "rubric.yaml"
    rubric.write_text(RUBRIC.replace("cases: [extreme]", "cases: [zebras]"))
    return folder


# --- Gradescope -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def autograder(course, tmp_path_factory):
    """The folder that Gradescope calls /autograder, after setup.sh has run."""
    folder = tmp_path_factory.mktemp("gradescope") / "autograder"
    done = grader("export", "gradescope", ASSIGNMENT, "--out", folder.parent / "bundle.zip", cwd=course)
    assert done.returncode == 0, done.stderr
    assert "4 of 4 criteria" in done.stdout
    # the platform's own unpacking keeps permissions, zipfile's does not
    source = folder / "source"
    with zipfile.ZipFile(folder.parent / "bundle.zip") as archive:
        archive.extractall(source)
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes["run_autograder"] & 0o111
    assert modes["setup.sh"] & 0o111
    shutil.copy(source / "run_autograder", folder / "run_autograder")
    (folder / "run_autograder").chmod(modes["run_autograder"])
    done = run(["bash", str(source / "setup.sh")], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    see_the_packages_of_this_environment(folder / "environment")
    return folder


def test_points_entered_by_hand_stay_with_the_course(course, autograder):
    assert (course / "overrides.yaml").is_file()
    assert not list((autograder / "source").rglob("overrides.yaml"))


METADATA = {
    "id": 1,
    "created_at": "2026-10-03T12:00:00.000000-07:00",
    "assignment": {"due_date": "2026-10-01T23:59:00.000000-07:00", "title": "Backpropagation"},
    "users": [
        {
            "name": "Alice \u202eB",
            "email": "a@b",
            "id": 7,
            "assignment": {"due_date": "2026-10-02T11:00:00.000000-07:00"},
        }
    ],
    "previous_submissions": [],
}


def hand_in(autograder, student, metadata):
    for name in ("submission", "results"):
        shutil.rmtree(autograder / name, ignore_errors=True)
    if student is None:
        (autograder / "submission").mkdir()
    else:
        shutil.copytree(ROOT / "submissions" / student, autograder / "submission")
    (autograder / "submission_metadata.json").write_text(json.dumps(metadata))
    return run(["./run_autograder"], autograder)


def test_gradescope_end_to_end(autograder):
    done = hand_in(autograder, "alice", METADATA)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads((autograder / "results" / "results.json").read_text())
    jsonschema.validate(content, GRADESCOPE)
    # two days late by this student's own due date, not three by everybody's
    assert content["score"] == pytest.approx(12 - 0.2 * 12)
    assert [test["visibility"] for test in content["tests"]] == ["visible", "visible", "visible", "hidden"]
    visible = json.dumps([content["output"], *(t for t in content["tests"] if t["visibility"] == "visible")])
    assert "zebra" not in visible
    assert "Isolation:" in content["output"]


def test_gradescope_with_wrong_work(autograder):
    assert hand_in(autograder, "bob", {}).returncode == 0
    content = json.loads((autograder / "results" / "results.json").read_text())
    assert 0 < content["score"] < 12
    assert {test.get("status") for test in content["tests"]} == {"passed", "failed"}


def test_gradescope_with_nothing_to_read(autograder):
    assert hand_in(autograder, None, METADATA).returncode == 0
    content = json.loads((autograder / "results" / "results.json").read_text())
    jsonschema.validate(content, GRADESCOPE)
    assert content["score"] == 0
    assert "empty folder" in content["output"]


def test_gradescope_makes_no_mark_where_the_grader_failed(autograder):
    rubric = autograder / "source" / "course" / "rubric.yaml"
    text = rubric.read_text()
    rubric.write_text(text.replace("course:", "curse:"))
    try:
        done = hand_in(autograder, "alice", METADATA)
    finally:
        rubric.write_text(text)
    assert done.returncode == 1
    assert "curse" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not (autograder / "results" / "results.json").exists()


def test_the_gradescope_bundle_brings_the_grader_and_the_whole_assignment(autograder):
    names = {path.relative_to(autograder / "source").as_posix() for path in (autograder / "source").rglob("*")}
    assert "course/.grader-secret" in names
    assert not any("faults" in name for name in names)
    listed = run([str(autograder / "environment/bin/python"), "-I", "-m", "pip", "show", "-f", "grader"], autograder)
    assert "grader/sandbox/worker/main.py" in listed.stdout


# --- Classroom 50 -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def classroom(course, tmp_path_factory):
    """A course's CLASSROOM/autograders/ASSIGNMENT."""
    folder = tmp_path_factory.mktemp("ml-2026")
    done = grader("export", "classroom50", ASSIGNMENT, "--course", course, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Left out: backprop.zebra" in done.stdout
    return folder / "autograders" / ASSIGNMENT


def checkout_of(folder, student):
    """A student's checkout, committed, with traps for whatever imports from the working directory."""
    shutil.copytree(ROOT / "submissions" / student, folder)
    for trap in TRAPS:
        (folder / trap).parent.mkdir(exist_ok=True)
        (folder / trap).write_text(TRAP)
    (folder / "result.json").symlink_to(folder.parent / "precious")
    (folder.parent / "precious").write_text("kept")
    (folder / "release-body.md").mkdir()
    date = {"GIT_COMMITTER_DATE": "2026-11-20T23:30:00+01:00", "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"}
    who = ["-c", "user.name=s", "-c", "user.email=s@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "work"]):
        subprocess.run(["git", *command], cwd=folder, check=True, env={**os.environ, **date})
    return folder


def grade_as_the_runner_does(classroom, checkout, **variables):
    output = checkout.parent / "output.txt"
    environment = {
        "CLASSROOM": "ml-2026", "ASSIGNMENT": ASSIGNMENT, "ASSIGNMENT_TYPE": "individual", "USERNAME": "alice-gh",
        "OWNER": "org", "SUBMISSION_TAG": "submission-3", "COMMIT_URL": "https://git.example/c",
        "RELEASE_URL": "https://git.example/r", "PAGES_BASE_URL": "https://pages.example", "GITHUB_OUTPUT": str(output),
        **variables,
    }  # fmt: skip
    done = run([sys.executable, str(classroom / "autograder.py")], checkout, **environment)
    told = dict(line.split("=", 1) for line in output.read_text().splitlines()) if output.exists() else {}
    return done, told


@pytest.fixture(scope="module")
def environment_of_the_bundle(autograder):
    """Like the environment that autograder.py would make; the wheel in it is the same."""
    return str(autograder / "environment" / "bin" / "python")


@pytest.mark.parametrize(("student", "status"), [("alice", "success"), ("bob", "failure")])
def test_classroom50_end_to_end(classroom, environment_of_the_bundle, tmp_path, student, status):
    checkout = checkout_of(tmp_path / student, student)
    done, told = grade_as_the_runner_does(classroom, checkout, GRADER_PYTHON=environment_of_the_bundle)
    assert done.returncode == 0, done.stdout + done.stderr
    content = json.loads((checkout / "result.json").read_text())
    jsonschema.validate(content, CLASSROOM50)
    assert content["datetime"] == "2026-11-20T22:30:00Z"
    assert content["review"] == content["commit"] == "https://git.example/c"
    assert content["max-score"] == 1_100
    assert (content["score"] == 1_100) == (student == "alice")
    assert told["status"] == status
    assert re.fullmatch(r"[\d.]+ of 11 points", told["summary"])
    body = (checkout / "release-body.md").read_text()
    assert "zebra" not in (body + json.dumps(content)).lower()
    assert body.startswith("## alice-gh · Backpropagation")
    assert not list(checkout.rglob("sprung"))
    assert (tmp_path / "precious").read_text() == "kept"


def test_classroom50_installs_what_it_brings(classroom, tmp_path):
    # without the packages of this environment the installed grader cannot run: that much is shown, and not more
    checkout = checkout_of(tmp_path / "alice", "alice")
    done, _ = grade_as_the_runner_does(classroom, checkout, GRADER_PYTHON="")
    assert "No module named 'msgspec'" in done.stderr
    assert done.returncode == 1
    assert not list(checkout.rglob("sprung"))


def test_classroom50_says_when_the_grading_failed(classroom, environment_of_the_bundle, tmp_path):
    checkout = checkout_of(tmp_path / "alice", "alice")
    done, told = grade_as_the_runner_does(
        classroom, checkout, GRADER_PYTHON=environment_of_the_bundle, SUBMISSION_TAG=""
    )
    assert done.returncode == 1
    assert "$SUBMISSION_TAG" in done.stderr
    assert told["status"] == "error"


def test_nothing_hidden_is_in_a_classroom50_bundle(classroom):
    for path in classroom.rglob("*"):
        if path.suffix in (".py", ".yaml", ".json"):
            assert "zebra" not in path.read_text().lower(), path
    assert not list(classroom.rglob("faults"))
    assert not list(classroom.rglob(".grader-secret"))


# --- a student's repository -------------------------------------------------------------------------------------------


def test_no_reference_is_in_a_practice_bundle(course, tmp_path):
    done = grader("export", "practice", ASSIGNMENT, "--out", tmp_path / "practice", cwd=course)
    assert done.returncode == 0, done.stderr
    texts = {p.name: p.read_text() for p in (tmp_path / "practice").rglob("*") if p.is_file()}
    assert set(texts) == {"rubric.yaml", "oracle_numpy.py", "handout.md"}
    assert texts["oracle_numpy.py"].count("raise NotImplementedError") == texts["oracle_numpy.py"].count("def ") == 2
    assert not any("zebra" in text or "secret" in text for text in texts.values())
    graded = grader("run", ROOT / "submissions" / "alice", "--course", tmp_path / "practice", cwd=tmp_path)
    assert "Total: 1 of 1 point" in graded.stdout


# --- what is cut, and errors ------------------------------------------------------------------------------------------


def says(done, code, *words):
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, text
    assert "Traceback" not in text
    for word in words:
        assert word in text


@pytest.mark.parametrize("kind", ["gradescope", "classroom50", "practice"])
def test_nothing_is_overwritten(course, tmp_path, kind):
    (tmp_path / "there").write_text("kept")
    done = grader("export", kind, ASSIGNMENT, "--out", tmp_path / "there", cwd=course)
    says(done, 2, "there already", "--out")
    assert (tmp_path / "there").read_text() == "kept"


def test_an_assignment_that_is_none(course):
    says(grader("export", "gradescope", "backprop", cwd=course), 2, "'backprop'", ASSIGNMENT)


def test_an_assignment_with_nothing_to_practise(tmp_path):
    course = write_course(tmp_path / "course")
    rubric = course / "reference" / ASSIGNMENT / "rubric.yaml"
    lines = [
        line.replace("needs: [numpy_only]", "needs: []") for line in RUBRIC.splitlines() if "check: imports" not in line
    ]
    rubric.write_text("\n".join(lines).replace("        needs: []\n", ""))
    done = grader("export", "practice", ASSIGNMENT, "--out", tmp_path / "out", cwd=course)
    says(done, 2, "no criterion for a practice bundle", "imports")
    assert not (tmp_path / "out").exists()


def test_a_rubric_with_anchors_and_merge_keys_is_cut_by_what_it_means(tmp_path):
    course = write_course(tmp_path / "course")
    rubric = course / "reference" / ASSIGNMENT / "rubric.yaml"
    rubric.write_text(
        RUBRIC.replace("visible: never}", "cases: [handout], <<: &quiet {visible: never, feedback: none}}").replace(
            "cases: [extreme], ", ""
        )
        + '      - {id: another, title: "12:30", points: 1, check: values, of: loss, cases: [extreme], <<: *quiet}\n'
        + '      - {id: third, title: "12:30", points: 1, check: values, of: loss, cases: [handout], needs: [zebra]}\n'
    )
    done = grader("export", "classroom50", ASSIGNMENT, "--out", tmp_path / "out", cwd=course)
    says(done, 0, "Left out: backprop.zebra, backprop.another")
    (assignment,) = load(tmp_path / "out" / "course", KINDS).assignments
    assert [criterion.id.split(".")[1] for criterion in assignment.criteria][-1] == "third"
    assert assignment.criteria[-1].title == "12:30"
    assert assignment.criteria[-1].needs == ()
    assert "def extreme" not in (assignment.folder / "cases.py").read_text()
    assert "def handout" in (assignment.folder / "cases.py").read_text()
