"""The GitHub action and the CI templates: linted, and their own steps run on a clean clone of a course repository.

Not as on a runner: steps that use other actions are left out, ``sudo`` does nothing, and instead of installing the
grader with pip, a folder with this environment's ``grader`` stands where the steps put theirs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.small_course import write_course

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "docs" / "instructor" / "templates"
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").glob("*.yml")), *sorted(TEMPLATES.glob("github-*.yml"))]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]


# --- lint -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def actionlint():
    beside = Path(sys.executable).with_name("actionlint")
    if not beside.exists():
        pytest.skip("actionlint is not installed: there is no wheel of it for this machine")
    return str(beside)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository whose workflows are ours and use the action of the same repository, so that inputs are checked."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / ".github" / "workflows").mkdir(parents=True)
    for path in WORKFLOWS:
        text = path.read_text().replace("your-organization/grader@main", "./")
        (folder / ".github" / "workflows" / path.name).write_text(text)
    shutil.copy(ROOT / "action.yml", folder)
    (folder / ".git").mkdir()
    return folder


def test_the_workflows_are_sound(actionlint, repository):
    done = subprocess.run([actionlint, "-no-color"], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_wrong_input_would_be_seen(actionlint, repository):
    workflows = repository / ".github" / "workflows"
    wrong = workflows / "wrong.yml"
    wrong.write_text((workflows / "github-course.yml").read_text().replace("fail-on:", "fail-of:"))
    done = subprocess.run([actionlint, "-no-color", wrong], cwd=repository, capture_output=True, text=True)
    wrong.unlink()
    assert "fail-of" in done.stdout


def test_the_steps_of_the_action_are_sound(actionlint, repository):
    """An action is not a workflow; one whose job has the same steps and inputs is."""
    inputs = {name: {"description": given["description"], "type": "string"} for name, given in ACTION["inputs"].items()}
    job = {"runs-on": "ubuntu-latest", "steps": STEPS}
    workflow = {"on": {"workflow_call": {"inputs": inputs}}, "permissions": {}, "jobs": {"grade": job}}
    done = subprocess.run(
        [actionlint, "-no-color", "-"], cwd=repository, capture_output=True, text=True, input=yaml.safe_dump(workflow)
    )
    assert done.returncode == 0, done.stdout


def test_no_input_is_written_into_a_script():
    for path in (ROOT / "action.yml", *WORKFLOWS):
        for script in re.findall(r"^\s+run: (?:\|\n((?:\s{8,}.*\n)+)|(.*))", path.read_text(), re.MULTILINE):
            assert "${{" not in "".join(script) or "matrix." in "".join(script), path


# --- the action, on a clean clone -------------------------------------------------------------------------------------


def git(folder, *arguments):
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A course repository of two commits: everybody's work, then a change to bob's."""
    folder = write_course(tmp_path_factory.mktemp("origin"))
    for student in ("alice", "bob"):
        shutil.copytree(ROOT / "submissions" / student, folder / "submissions" / student)
    (folder / ".gitignore").write_text("__pycache__/\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "hand in")
    with (folder / "submissions" / "bob" / "backprop.py").open("a") as file:
        file.write("\n# another try\n")
    git(folder, "commit", "-q", "-am", "bob again")
    return folder


@pytest.fixture
def runner(origin, tmp_path):
    """Where a runner would be: a clean clone, and the folders and files of its own."""
    git(tmp_path, "clone", "-q", str(origin), "work")
    tools = tmp_path / "temp" / "grader" / "bin"
    tools.mkdir(parents=True)
    shim = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -c "from grader.cli.main import main; main()" "$@"\n'
    for name, script in (("grader", shim), ("sudo", "#!/bin/sh\n")):
        (tools / name).write_text(script)
        (tools / name).chmod(0o755)
    return tmp_path


def run_action(runner, **inputs):
    """Run the action's own steps; return the exit code, what was printed, the summary and the outputs."""
    given = {name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()}
    given |= {name.replace("_", "-"): value for name, value in inputs.items()}
    outputs, printed, code = {}, "", 0
    for step in STEPS:
        if "run" not in step or step["name"] == "Install":
            continue
        told = runner / f"{step['name']}.txt"
        told.touch()
        environment = {
            **os.environ,
            "PATH": f"{runner / 'temp' / 'grader' / 'bin'}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(runner / "temp"),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(runner / "summary.md"),
            "GITHUB_OUTPUT": str(told),
            **{name: _evaluated(text, given, outputs) for name, text in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=runner / "work", env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        printed += done.stdout + done.stderr
        outputs |= {f"{step.get('id')}.{k}": v for k, v in (x.split("=", 1) for x in told.read_text().splitlines())}
        code = done.returncode
        if code:
            break
    summary = runner / "summary.md"
    return code, printed, summary.read_text() if summary.exists() else "", outputs


def _evaluated(text, inputs, outputs):
    text = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], text)
    return re.sub(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", lambda f: outputs[f"{f[1]}.{f[2]}"], text)


def test_the_action_grades_what_the_push_changed(runner):
    before = git(runner / "work", "rev-parse", "HEAD^")
    code, printed, summary, outputs = run_action(runner, changed_since=before)
    assert code == 0, printed
    assert outputs["grade.exit-code"] == "1"
    assert summary.startswith("## bob · Backpropagation")
    assert "alice" not in summary
    assert "::error title=The loss is right%3A FAIL" in printed
    out = Path(outputs["grade.out"])
    assert (out / "junit.xml").is_file()
    assert [path.name for path in (out / "students").iterdir()] == ["bob"]
    assert git(runner / "work", "status", "--porcelain") == ""


@pytest.mark.parametrize("before", ["0" * 40, "--output=x"])
def test_the_action_grades_everything_where_the_earlier_commit_is_not_known(runner, before):
    code, printed, summary, _ = run_action(runner, changed_since=before)
    assert code == 0, printed
    assert "## 2 submissions graded" in summary
    assert "| alice | backprop\\_to\\_lenet | 12 of 12 |" in summary


def test_the_action_grades_everything_where_the_course_changed(runner):
    before = git(runner / "work", "rev-parse", "HEAD")
    with (runner / "work" / "rubric.yaml").open("a") as file:
        file.write("# a change\n")
    assert "## 2 submissions graded" in run_action(runner, changed_since=before)[2]


def test_the_action_with_nothing_to_do(runner):
    before = git(runner / "work", "rev-parse", "HEAD")
    code, _, summary, _ = run_action(runner, changed_since=before, fail_on="not met")
    assert code == 0
    assert "## 0 submissions graded" in summary


@pytest.mark.parametrize(
    ("fail_on", "course", "code"),
    [
        ("never", ".", 0),
        ("error", ".", 0),
        ("not met", ".", 1),
        ("never", "nowhere", 0),
        ("error", "nowhere", 2),
        ("x", ".", 2),
    ],
)
def test_the_job_fails_when_it_was_asked_to(runner, fail_on, course, code):
    got, printed, _, _ = run_action(runner, submissions="submissions/bob", fail_on=fail_on, course=course)
    assert got == code, printed
    assert "Traceback" not in printed


def test_the_action_for_students_shows_nothing_hidden(runner):
    _, printed, summary, outputs = run_action(
        runner, **{"for": "student"}, submissions="submissions/bob\nsubmissions/alice"
    )
    files = [path for path in Path(outputs["grade.out"]).rglob("*.*") if path.is_file()]
    assert len(files) > 10
    assert "zebra" not in (printed + summary + "".join(path.read_text() for path in files)).lower()


# --- GitLab -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("gitlab-course.yml", 1), ("gitlab-student.yml", 1)])
def test_the_gitlab_templates_grade(runner, name, code):
    (job,) = (entry for entry in yaml.safe_load((TEMPLATES / name).read_text()).values() if "script" in entry)
    script = [line for line in job["script"] if "pip install" not in line and "venv" not in line]
    assert len(script) == len(job["script"]) - 2
    practice = write_course(runner / "published")
    text = "\n".join(script).replace("/opt/grader", str(runner / "temp" / "grader"))
    text = text.replace("https://gitlab.example.org/your-group/practice.git", str(practice)).replace(
        "/opt/", f"{runner}/"
    )
    git(practice, "init", "-q", "-b", "main")
    git(practice, "add", "-A")
    git(practice, "commit", "-q", "-m", "practice")
    folder = runner / "work" / ("submissions/bob" if "student" in name else ".")
    before = git(runner / "work", "rev-parse", "HEAD^")
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "CI_COMMIT_BEFORE_SHA": before},
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert job["allow_failure"]["exit_codes"] == [code]
    assert (folder / job["artifacts"]["reports"]["junit"]).is_file()
    quality = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text())
    assert all(not Path(entry["location"]["path"]).is_absolute() for entry in quality)
    assert quality
    assert "bob" in (folder / "results" / "index.md").read_text()
