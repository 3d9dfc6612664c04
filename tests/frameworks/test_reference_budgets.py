"""``grader reference budgets``: what is missing is said, trained, recorded and then fresh."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli.main import main
from grader.oracle import budgets, networks, regenerate
from grader.oracle.budgets import Budget
from grader.oracle.frameworks import FRAMEWORKS

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "backprop_to_lenet"
RUBRIC = """\
assignment: Small
parts:
  - id: nets
    files: [networks.py]
    models: {mlp: {input: [28, 28, 1]}}
    criteria:
      - {id: retrain, points: 1, title: It trains, check: retrain, epochs: 1, images: 200}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a small assignment, with a cache of its own, three seeds instead of twelve, and PyTorch only."""
    pytest.importorskip("torch")
    from grader.checks.registry import KINDS
    from grader.course.load import load

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(budgets, "jobs_for", partial(budgets.jobs_for, seeds=3))
    monkeypatch.setattr(regenerate, "installed_frameworks", lambda _: ((FRAMEWORKS["torch"],), ""))
    folder = tmp_path / "reference" / "small"
    (folder / "recorded").mkdir(parents=True)
    for name in ("experiments.py", "preparation.py", "oracle_torch.py"):
        shutil.copy(REFERENCE / name, folder)
    (tmp_path / "rubric.yaml").write_text("course: Test\n")
    (folder / "rubric.yaml").write_text(RUBRIC)
    assignment = load(tmp_path, KINDS).assignments[0]
    (folder / "recorded" / networks.FILE).write_bytes(networks.record(assignment, ("torch",)))
    return folder


def run(folder, *arguments):
    return CliRunner().invoke(main, ["reference", "budgets", "--course", str(folder.parents[1]), *arguments])


def test_what_is_missing_is_trained_once_and_fresh_until_the_code_changes(folder):
    missing = run(folder)
    assert (missing.exit_code, missing.output) == (1, "small: mlp, one epoch on 200 images: missing or stale\n")
    assert not (folder / "recorded" / budgets.FILE).exists()

    written = run(folder, "--write")
    assert written.exit_code == 1, written.output
    recorded = budgets.find(folder, Budget("mlp", 1, 200))
    assert {(group.framework, group.start) for group in recorded.reached} == {
        ("torch", "pytorch"),
        ("torch", "reference"),
    }
    assert all(len(group.accuracies) == 3 for group in recorded.reached)

    fresh = run(folder)
    assert fresh.exit_code == 0
    assert "mlp, one epoch on 200 images: fresh" in fresh.output

    oracle = folder / "oracle_torch.py"
    oracle.write_text(oracle.read_text().replace("lr=1e-3", "lr=1e-2"))
    assert run(folder).exit_code == 1


def test_an_assignment_that_is_not_there_is_said(folder):
    result = run(folder, "smal")
    assert result.exit_code == 2
    assert "There is no assignment 'smal': did you mean 'small'" in result.output
