"""Collecting a rubric under plain pytest: ``pytest reference/<assignment> --submission PATH``."""

from pathlib import Path

import pytest

from grader.checks.registry import KINDS
from grader.course.errors import RubricErrors
from grader.course.load import find_root, load
from grader.grading.prepare import prepare
from grader.plugin import GRADING
from grader.plugin.items import RubricFile
from grader.sandbox.levels import IsolationRefused
from grader.submission.discover import SubmissionError, discover_all


def prepare_from_options(config: pytest.Config) -> None:
    """Make the grading that ``--submission`` asks for, with the course around the first path given to pytest.

    Raises:
        UsageError: the rubric or the submission cannot be used, or this machine cannot isolate.
    """
    path = Path(config.getoption("--submission"))
    try:
        course = load(find_root(Path(config.args[0].split("::")[0])), KINDS)
        several = discover_all([path], [assignment.id for assignment in course.assignments])
        if several != [path]:
            raise SubmissionError(f"{path} holds {len(several)} submissions; give one of them, such as {several[0]}")
        config.stash[GRADING] = prepare(
            course,
            path,
            seed=config.getoption("--grader-seed"),
            trust_code=config.getoption("--trust-code"),
        )
    except (RubricErrors, SubmissionError, IsolationRefused) as error:
        raise pytest.UsageError(str(error)) from None


def rubric_file(file_path: Path, parent: pytest.Collector) -> RubricFile | None:
    """Return a collector for the rubric of the assignment that the submission is for; ``None`` for other rubrics."""
    assignment = parent.config.stash[GRADING].assignment
    if assignment.rubric.resolve() != file_path.resolve():
        return None
    return RubricFile.from_parent(parent, path=file_path)
