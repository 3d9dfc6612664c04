"""The bundles: an autograder for Gradescope, one for Classroom 50, and what a student's repository may have."""

import shutil
import tempfile
import zipfile
from importlib.resources import files
from pathlib import Path

import msgspec

from grader.course.model import Assignment, Course
from grader.export.course import Extent, copy_course
from grader.export.errors import ExportError
from grader.export.wheel import build_wheel

_MOMENT = (1980, 1, 1, 0, 0, 0)


class Bundled(msgspec.Struct, frozen=True):
    """What was made: where it is, and which criteria are in it and which are not."""

    path: Path
    criteria: tuple[str, ...]
    left_out: tuple[str, ...]


def gradescope(course: Course, assignment: Assignment, zip_path: Path, extras: tuple[str, ...] = ()) -> Bundled:
    """Write an autograder for Gradescope, ready to upload: scripts, the grader, the whole assignment.

    ``extras`` are those of the project to install with it (``torch``, ``keras``).

    Raises:
        ExportError: it cannot be made, or ``zip_path`` is there already.
    """
    _must_be_new(zip_path)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        copy = copy_course(course, assignment, folder / "course", Extent.WHOLE)
        build_wheel(folder)
        for name in ("setup.sh", "run_autograder"):
            _write_template(name, folder / name, assignment, extras)
            (folder / name).chmod(0o755)
        _zip(folder, zip_path)
    return _bundled(zip_path, assignment, copy)


def classroom50(course: Course, assignment: Assignment, folder: Path, extras: tuple[str, ...] = ()) -> Bundled:
    """Make the folder ``autograders/ASSIGNMENT`` of a Classroom 50 course: ``autograder.py`` and what it needs.

    It has the public criteria and the references they need: it is run where a student's checkout is, so whoever
    controls that runner can read it.

    Raises:
        ExportError: it cannot be made, or ``folder`` is there already.
    """
    _must_be_new(folder)
    copy = copy_course(course, assignment, folder / "course", Extent.PUBLIC)
    build_wheel(folder)
    _write_template("autograder.py", folder / "autograder.py", assignment, extras)
    return _bundled(folder, assignment, copy)


def practice(course: Course, assignment: Assignment, folder: Path) -> Bundled:
    """Make a course for students' own repositories: no reference, no cases, nothing that is hidden.

    Raises:
        ExportError: it cannot be made, or ``folder`` is there already.
    """
    _must_be_new(folder)
    return _bundled(folder, assignment, copy_course(course, assignment, folder, Extent.PRACTICE))


def _bundled(path: Path, assignment: Assignment, copy: Course) -> Bundled:
    kept = tuple(criterion.id for item in copy.assignments for criterion in item.criteria)
    return Bundled(path, kept, tuple(c.id for c in assignment.criteria if c.id not in kept))


def _must_be_new(path: Path) -> None:
    if path.exists():
        raise ExportError(f"{path} is there already; remove it, or choose another place with --out")


def _write_template(name: str, path: Path, assignment: Assignment, extras: tuple[str, ...]) -> None:
    text = files("grader.export").joinpath("templates", name).read_text(encoding="utf-8")
    listed = f"[{','.join(extras)}]" if extras else ""
    path.write_text(text.replace("@ASSIGNMENT@", assignment.id).replace("@EXTRAS@", listed), encoding="utf-8")


def _zip(folder: Path, zip_path: Path) -> None:
    """Write a zip with permissions kept and the same bytes for the same content."""
    try:
        zip_path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(zip_path, "x") as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
                entry.external_attr = (path.stat().st_mode & 0o777) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, archive.open(entry, "w") as target:
                    shutil.copyfileobj(source, target)
    except OSError as error:
        raise ExportError(f"{zip_path} cannot be written: {error.strerror}") from None
