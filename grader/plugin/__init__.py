"""The pytest plugin: with ``--submission PATH``, every criterion of a collected rubric.yaml is one pytest item.

Loaded by every pytest run of the environment, so the module itself imports nothing heavy.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from grader.course.model import Assignment
    from grader.grading.grading import Grading
    from grader.plugin.items import CriterionItem, RubricFile

GRADING: "pytest.StashKey[Grading]" = pytest.StashKey()
"""On ``config.stash``: what is being graded. Put there by ``grader run``, or made from ``--submission``."""

VERDICT_LETTERS = {"PARTIAL": "p", "MISSING": "M", "CRASH": "C", "TIMEOUT": "T", "MEMORY": "O", "GRADER_FAULT": "G"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a grading run."""
    group = parser.getgroup("grader", "grading a submission")
    group.addoption("--submission", metavar="PATH", help="grade this submission with the rubrics that are collected")
    group.addoption("--grader-seed", metavar="N", type=int, help="draw every criterion's cases from this seed")
    group.addoption("--trust-code", action="store_true", help="run student code even where no isolation is possible")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Get the submission ready; a mistake in it or in the rubric is a usage error of pytest."""
    if session.config.getoption("--submission", default=None) and GRADING not in session.config.stash:
        from grader.plugin.collect import prepare_from_options

        prepare_from_options(session.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "RubricFile | None":
    """Collect a rubric.yaml when a submission is being graded."""
    if file_path.name != "rubric.yaml" or GRADING not in parent.config.stash:
        return None
    from grader.plugin.collect import rubric_file

    return rubric_file(file_path, parent)


def items_of(session: pytest.Session, assignment: "Assignment") -> "list[CriterionItem]":
    """Return an item for each criterion of ``assignment``, which is the one being graded, in the rubric's order."""
    from grader.plugin.items import CriterionItem, RubricFile

    rubric = RubricFile.from_parent(session, path=assignment.rubric)
    return [item for part in rubric.collect() for item in part.collect() if isinstance(item, CriterionItem)]


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Say at the end what was graded, behind which walls, and the points."""
    grading = config.stash.get(GRADING, None)
    if grading is None:
        return
    results = grading.results.values()
    awarded, possible = sum(r.awarded for r in results), sum(r.possible for r in results)
    terminalreporter.section("grader")
    terminalreporter.write_line(f"{grading.submission.student}: {awarded:g} of {possible:g} points")
    terminalreporter.write_line(f"isolation: {grading.isolation.note}")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Show the verdict's word instead of FAILED. The category stays pytest's own, so summaries still count it."""
    verdict = dict(report.user_properties).get("verdict") if report.when == "call" else None
    if verdict is None or not report.failed:
        return None
    return "failed", VERDICT_LETTERS.get(str(verdict), "F"), str(verdict)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the student's worker."""
    grading = config.stash.get(GRADING, None)
    if grading is not None:
        grading.close()
