"""From a path to a :class:`Grading` that is ready to answer: what ``grader run`` and plain pytest share."""

import shlex
from pathlib import Path

from grader.course.model import Assignment, Course
from grader.grading.grading import Grading
from grader.recording.events import ReplayMode
from grader.sandbox.levels import Isolation, Level, choose, this_machine
from grader.submission import manifest as manifests
from grader.submission.binding import assignment_of
from grader.submission.discover import Submission, discover
from grader.submission.manifest import Manifest


def find_submission(course: Course, path: Path, given: str | None) -> tuple[Submission, Manifest, Assignment]:
    """Find out whose work lies at ``path`` and which assignment it is for. Nothing of it is run.

    Raises:
        SubmissionError: there is nothing to grade there, or the assignment is unclear.
    """
    submission = discover(path)
    manifest = manifests.read(submission)
    return submission, manifest, assignment_of(submission, manifest, course, given)


def isolation(demanded: Level | None, trust_code: bool) -> Isolation:
    """Choose the isolation to run at.

    Raises:
        IsolationRefused: the machine offers less than demanded, or nothing and ``trust_code`` is not set.
    """
    return choose(this_machine(), demanded=demanded, trust_code=trust_code)


def prepare(
    course: Course,
    path: Path,
    *,
    assignment: str | None = None,
    seed: int | None = None,
    demanded: Level | None = None,
    trust_code: bool = False,
    replay: ReplayMode | None = None,
    only: tuple[str, ...] = (),
    more_follow: bool = False,
) -> Grading:
    """Return a grading whose worker is already starting. ``replay`` goes before what the rubric says; ``only`` are
    the criteria and parts that will be asked for, all if empty; ``more_follow`` has a worker for the next submission
    made ahead.

    Raises:
        SubmissionError: see :func:`find_submission`.
        IsolationRefused: see :func:`isolation`.
    """
    submission, manifest, found = find_submission(course, path, assignment)
    level = isolation(demanded, trust_code)
    again = f"grader run {shlex.quote(str(path))}" + (f" --replay {replay}" if replay is not None else "")
    return Grading(course, found, submission, manifest, level, seed, again, replay, only, more_follow=more_follow)
