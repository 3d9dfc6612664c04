"""Notebooks that are replayed by real workers, in a course whose one part asks for two small networks."""

import json
from pathlib import Path
from typing import Any

from grader.checks.registry import KINDS
from grader.course.load import load
from grader.grading.prepare import prepare
from grader.oracle.networks import FILE
from grader.recording.events import Recording
from grader.results import Finding
from grader.session import Job, grade
from grader.transplant import portable

RUBRIC = """\
assignment: Two networks
parts:
  - id: nets
    title: Small networks
    files: [hw.ipynb]
    models:
      mlp: {{input: [28, 28, 1], build: build_mlp, like: build_mlp}}
      other: {{input: [28, 28, 1], build: build_other, like: build_other}}
    criteria:
{criteria}
"""
ASKS = {
    "asked": "{batch_size: 64, optimizer: adam, learning_rate: 0.002, epochs: 12}",
    "dropout": "{dropout_after_hidden: 0.5}",
    "apart": "{test_set_kept_apart: true}",
    "best": "{best_reloaded: true}",
}


def notebook(*cells: str) -> str:
    """Return a notebook; a cell that begins with ``#M`` is text."""
    made = []
    for cell in cells:
        is_text = cell.startswith("#M ")
        body = {"metadata": {}, "source": cell[3:] if is_text else cell}
        kind = {"cell_type": "markdown"} if is_text else {"cell_type": "code", "execution_count": None, "outputs": []}
        made.append({**kind, **body})
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def course(folder: Path, asks: dict[str, str] = ASKS, network=None) -> Path:
    """Write a course to ``folder``; ``network`` is what ``mlp`` should be."""
    assignment = folder / "reference" / "two"
    (assignment / "recorded").mkdir(parents=True)
    (folder / "rubric.yaml").write_text("course: Replays\n")
    lines = [
        f"      - {{id: {name}, title: {name}, points: 1, check: recorded, model: mlp, ask: {ask}}}"
        for name, ask in asks.items()
    ]
    (assignment / "rubric.yaml").write_text(RUBRIC.format(criteria="\n".join(lines)))
    networks = {}
    if network is not None:
        structure, arrays = portable.encode(network)
        networks["build_mlp()"] = {"structure": json.loads(structure), "shapes": [array.shape for array in arrays]}
    (assignment / "recorded" / FILE).write_text(json.dumps({"format": 1, "networks": networks}))
    return folder


def findings_of(folder: Path, text: str, networks: dict[str, Any]) -> tuple[Finding, ...]:
    """Grade a notebook in a course that asks for ``networks`` by name, and return what was seen while it ran."""
    root = course(folder / "course", {"apart": "{test_set_kept_apart: true}"})
    assignment = root / "reference/two"
    if networks:
        rubric = (assignment / "rubric.yaml").read_text().replace("model: mlp", f"model: {next(iter(networks))}")
        start, end = rubric.index("      mlp:"), rubric.index("    criteria:")
        asked = "".join(
            f"      {name}: {{input: [28, 28, 1], build: build_{name}, like: build_{name}}}\n" for name in networks
        )
        (assignment / "rubric.yaml").write_text(rubric[:start] + asked + rubric[end:])
    described = {}
    for name, network in networks.items():
        structure, arrays = portable.encode(network)
        described[f"build_{name}()"] = {
            "structure": json.loads(structure),
            "shapes": [array.shape for array in arrays],
        }
    (assignment / "recorded" / FILE).write_text(json.dumps({"format": 1, "networks": described}))
    submission = folder / "somebody"
    submission.mkdir()
    (submission / "hw.ipynb").write_text(text)
    report = grade(load(root, KINDS), Job(submission, assignment="two", replay="quick"))
    failures = [cell.failure for recording in report.recordings for cell in recording.cells if cell.status != "ran"]
    assert not failures, failures
    # a machine with too much to do may not get to the end: that is no finding, and no failure of what finds it
    assert not any(recording.problem for recording in report.recordings), report.recordings
    assert "not-audited" not in {finding.kind for finding in report.findings}, report.findings
    return tuple(finding for finding in report.findings if "Seen while it ran: " in finding.text)


def replayed(
    folder: Path,
    text: str,
    mode: str = "quick",
    name: str = "hw.ipynb",
    beside: dict[str, str] | None = None,
    starter: str = "",
) -> Recording:
    """Replay one file in a fresh worker and return what it told; ``beside`` are other files that are handed in, and
    ``starter`` is a notebook that students start from."""
    root = course(folder / "course")
    if starter:
        (root / "reference/two/starter").mkdir()
        (root / "reference/two/starter/hw.ipynb").write_text(starter)
    submission = folder / "somebody"
    submission.mkdir(parents=True)
    for path, content in {name: text, **(beside or {})}.items():
        (submission / path).write_text(content)
    grading = prepare(load(root, KINDS), submission, assignment="two", replay=mode)
    try:
        (recording,) = grading.recordings()
    finally:
        grading.close()
    return recording
