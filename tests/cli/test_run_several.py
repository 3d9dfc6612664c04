"""``grader run`` on several submissions: files per student, formats, interruption, submissions that break things."""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.cli.run import FORMATS
from grader.report.files import formats_for
from tests.unit.report_formats import HAND, READERS

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from grader.cli.main import main; main()")
ENVIRONMENT = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT)}
ONE = ("--only", "backprop.numpy_only")
SLOW = """
import time
def forward_propagation(X, weights):
    time.sleep(1000)
def back_propagation(X, Y_T, weights):
    time.sleep(1000)
"""


@pytest.fixture(scope="module", autouse=True)
def in_the_course(small_course):
    """Every command is run in a small course of its own, with some of the example submissions."""
    for name in ("alice", "bob"):
        shutil.copytree(ROOT / "submissions" / name, small_course / "submissions" / name, dirs_exist_ok=True)
    with contextlib.chdir(small_course):
        yield


def grader(*arguments, **variables):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=120,
        env={**ENVIRONMENT, **variables},
    )  # fmt: skip


def rows_of(file):
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Four submissions, one of them empty, in a folder of results."""
    folder = tmp_path_factory.mktemp("class")
    for name in ("alice", "bob"):
        shutil.copytree(ROOT / "submissions" / name, folder / name)
    shutil.copytree(ROOT / "submissions" / "dave", folder / "=dave <b> & co")
    (folder / "erin").mkdir()
    out = folder.parent / "out"
    done = grader("run", folder, "--out", out, "--jobs", "2")
    return done, out


def test_each_student_has_a_set_of_files(written):
    done, out = written
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    names = {path.name for path in (out / "students").iterdir()}
    assert {"alice", "bob"} <= names
    (strange,) = names - {"alice", "bob"}
    assert re.fullmatch(r"_dave__b____co-[0-9a-f]{8}", strange)
    expected = {form.file for form in formats_for(None).values()}
    for audience in ("students", "graders"):
        for name in names:
            assert {path.name for path in (out / audience / name).iterdir()} == expected


def test_the_class_has_an_index_and_a_table(written):
    _, out = written
    rows = rows_of(out / "class.csv")
    assert [row["student"] for row in rows] == ["'=dave <b> & co", "alice", "bob", ""]
    assert "empty folder" in rows[-1]["status"]
    assert "| alice | backprop\\_to\\_lenet | 12 of 12 |" in (out / "index.md").read_text()
    assert 'graders/alice/report.html"' in (out / "index.html").read_text()
    assert len(json.loads((out / "reports.json").read_text())["reports"]) == 3
    assert (out / "annotations.txt").read_text().startswith("::error title=The submission could not be graded::")


def test_no_file_for_a_student_knows_of_a_hidden_criterion(written):
    _, out = written
    graders = "".join(path.read_text() for path in (out / "graders").rglob("*.*"))
    assert "backprop.zebra" in graders
    for path in (out / "students").rglob("*.*"):
        text = path.read_text()
        assert "zebra" not in text, path
        assert "the reference has" not in text, path


def test_one_line_for_each_submission_where_there_is_no_terminal(written):
    done, _ = written
    lines = done.stderr.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    assert any(line.endswith("  alice: 12 of 12 points") for line in lines)
    assert any(line.endswith("  erin: could not be read") for line in lines)


def test_what_an_earlier_run_has_left_is_named(tmp_path):
    out = tmp_path / "out"
    assert "not graded in this run" not in grader("run", "submissions/bob", *ONE, "--out", out).stderr
    done = grader("run", "submissions/alice", *ONE, "--out", out)
    assert "still holds files of one student not graded in this run: bob." in " ".join(done.stderr.split())
    assert (out / "students" / "bob" / "report.html").is_file()


def test_for_a_student_nothing_is_written_for_graders(tmp_path):
    done = grader("run", "submissions/bob", "--out", tmp_path / "out", "--for", "student")
    assert done.returncode == 1
    assert not (tmp_path / "out" / "graders").exists()
    text = "".join(path.read_text() for path in (tmp_path / "out").rglob("*.*") if path.is_file())
    assert "zebra" not in text


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("text", "classroom50")])
def test_each_format_on_standard_output(name):
    done = grader("run", "submissions/alice", *ONE, "--format", name)
    assert done.returncode == 0, done.stderr
    told = READERS[name](done.stdout)
    assert told.verdicts == ["PASS"]
    assert told.total == 1


def test_the_formats_of_the_command_line_are_those_there_are():
    assert set(FORMATS) == {"text", *formats_for(HAND)}


def test_one_submission_that_cannot_be_read_is_in_the_output_too(tmp_path):
    (tmp_path / "erin").mkdir()
    done = grader("run", tmp_path / "erin", "--format", "json")
    assert done.returncode == 4
    (entry,) = json.loads(done.stdout)["unreadable"]
    assert "empty folder" in entry["message"]


# --- errors -----------------------------------------------------------------------------------------------------------


def says(done, code, *words):
    text = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == code, text
    assert "Traceback" not in text
    for word in words:
        assert word in text


def test_a_format_about_one_submission_is_not_for_several():
    done = grader("run", "submissions", "--format", "gradescope")
    says(done, 2, "gradescope is about one submission", "2 are to be graded", "--out")


def test_a_format_of_a_runner_that_is_not_here():
    says(grader("run", "submissions/alice", "--format", "classroom50"), 2, "$CLASSROOM", "runner")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    says(grader("run", "submissions/alice", "--out", tmp_path / "file"), 2, "file", "cannot be made")


def test_a_symbolic_link_in_the_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "students").symlink_to(tmp_path / "elsewhere")
    says(grader("run", "submissions/alice", *ONE, "--out", tmp_path / "out"), 2, "students", "symbolic link")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_symbolic_link_where_a_file_goes_is_replaced(tmp_path):
    target = tmp_path / "precious"
    target.write_text("kept")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "class.csv").symlink_to(target)
    says(grader("run", "submissions/alice", *ONE, "--out", tmp_path / "out"), 0)
    assert target.read_text() == "kept"
    assert not (tmp_path / "out" / "class.csv").is_symlink()


def test_a_due_date_of_ones_own(tmp_path):
    late = ("--submitted-at", "2026-10-03T00:00Z")
    done = grader("run", "submissions/alice", *late, "--due", "2026-10-01T00:00Z", "--format", "json")
    assert json.loads(done.stdout)["reports"][0]["score"]["late_penalty"] == pytest.approx(2.4)
    says(grader("run", "submissions/alice", "--due", "soon"), 2, "--due", "soon")


# --- interruption -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "whom"), [(1, "the coordinator"), (2, "the coordinator"), (2, "the whole group, as a terminal does")]
)
def test_an_interrupted_run_keeps_what_was_done(tmp_path, jobs, whom):
    shutil.copytree(ROOT / "submissions" / "alice", tmp_path / "a_alice")
    for name in ("b_slow", "c_slow"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "backprop.py").write_text(SLOW)
    out = tmp_path / "out"
    arguments = ["run", "--jobs", str(jobs), "--out", str(out), *map(str, sorted(tmp_path.glob("*_*")))]
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    first = process.stderr.readline()
    assert first == "1 of 3  a_alice: 12 of 12 points\n"
    assert (out / "students" / "a_alice" / "report.json").is_file()
    if whom == "the coordinator":
        process.send_signal(signal.SIGINT)
    else:
        os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err == "Interrupted: 1 of 3 submissions were graded.\n"
    rows = rows_of(out / "class.csv")
    assert [row["student"] for row in rows] == ["a_alice"]
    assert not list(out.rglob(".*"))
    deadline = time.monotonic() + 10
    while running_in_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)  # Python's own bookkeeper of shared resources ends a moment after its parent
    assert running_in_group(process.pid) == []


def test_a_coordinator_that_is_killed_leaves_no_session_behind(tmp_path):
    """Its sessions are copies of it, which hold its ends of their pipes until they close them."""
    for name in ("a_slow", "b_slow"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "backprop.py").write_text(SLOW.replace("1000", "3"))
    process = subprocess.Popen(
        [*COMMAND, "run", "--jobs", "2", str(tmp_path / "a_slow"), str(tmp_path / "b_slow")],
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(copies_in_group(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(copies_in_group(process.pid)) == 3
    process.kill()
    process.wait()
    while running_in_group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)  # a session notices when its submission is done
    assert running_in_group(process.pid) == []


def copies_in_group(group):
    """The processes of a group that run the same command as the first of it."""
    found = []
    for number in running_in_group(group):
        with contextlib.suppress(OSError):
            if Path("/proc", number, "cmdline").read_bytes() == Path("/proc", str(group), "cmdline").read_bytes():
                found.append(number)
    return found


def running_in_group(group):
    """The processes of a group that have not ended. /proc/PID/stat: pid (name) state parent group …"""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = file.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(file.parent.name)
    return found
