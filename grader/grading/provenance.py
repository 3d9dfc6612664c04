"""Where a report's figures come from: versions, files, walls, the seed."""

import platform
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from grader import __version__
from grader.grading.grading import Grading
from grader.results import Provenance


def provenance(grading: Grading, started_at: datetime) -> Provenance:
    """Return what a report says about how it came to be. ``started_at`` is in UTC.

    The course's files are looked at once per process, which has read them once.
    """
    hello = grading.hello
    assignment = grading.assignment
    inside = {f"worker {name}": text for name, text in hello.versions.items()} if hello else {}
    return Provenance(
        isolation=str(grading.isolation.level),
        walls=hello.walls if hello else (),
        isolation_note=grading.isolation.note,
        seed=grading.seed,
        seed_source="--seed" if grading.seed is not None else grading.seed_source,
        versions={**_versions(), **inside},
        digests={
            "rubric": _digest((grading.course.root / "rubric.yaml", assignment.rubric)),
            "reference": _digest_of_code(assignment.folder),
            "submission": grading.submission.digest,
        },
        host=f"{platform.system()} {platform.release()} {platform.machine()}",
        started_at=started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )


@cache
def _versions() -> dict[str, str]:
    return {
        "grader": __version__,
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "pytest": version("pytest"),
    }


@cache
def _digest_of_code(folder: Path) -> str:
    return _digest(tuple(sorted(folder.glob("*.py"))))


@cache
def _digest(paths: Sequence[Path]) -> str:
    """SHA-256 over names and contents."""
    digest = sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
