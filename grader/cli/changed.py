"""Which submissions a push changed: ``grader run submissions --changed-since COMMIT``."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import click


def changed_since(revision: str, submissions: Sequence[Path], course_root: Path) -> list[Path]:
    """Return those of ``submissions`` in which a file differs between the commit ``revision`` and the working tree.

    All of them are returned where the course itself changed (a rubric, a reference), and where ``revision`` is not a
    commit of this repository, as on the first push of a branch or after a forced one.

    Raises:
        UsageError: a submission is not in a git repository.
    """
    by_repository: dict[Path, list[Path]] = {}
    for submission in submissions:
        by_repository.setdefault(_repository(submission), []).append(submission)
    kept: list[Path] = []
    for repository, members in by_repository.items():
        changes = _changes(repository, revision)
        if changes is None or any(_is_of_course(path, course_root) for path in changes):
            kept += members
        else:
            kept += [member for member in members if any(path.is_relative_to(member.resolve()) for path in changes)]
    return [submission for submission in submissions if submission in kept]


def _is_of_course(path: Path, course_root: Path) -> bool:
    root = course_root.resolve()
    return path == root / "rubric.yaml" or path.is_relative_to(root / "reference")


def _repository(submission: Path) -> Path:
    folder = submission if submission.is_dir() else submission.parent
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found is None:
        raise click.UsageError(f"--changed-since: {submission} is not in a git repository.")
    return Path(found.rstrip("\n")).resolve()


def _changes(repository: Path, revision: str) -> list[Path] | None:
    """Every path that differs; ``None`` if ``revision`` is not known."""
    commit = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        return None
    names = _git(repository, "diff", "--name-only", "--no-renames", "-z", commit.strip())
    new = _git(repository, "ls-files", "--others", "--exclude-standard", "-z")
    return [repository / name for name in f"{names or ''}{new or ''}".split("\0") if name]


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what a git command printed, ``None`` if it failed. No program that the repository names is run."""
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise click.UsageError(f"--changed-since needs git, which could not be run: {error.strerror}.") from None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None
