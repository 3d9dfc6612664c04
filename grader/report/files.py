"""Which formats there are, and where their files go: ``grader run … --out DIR``."""

import hashlib
import os
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from grader.report.classroom50 import Hand, to_classroom50
from grader.report.csv import class_csv, criteria_csv
from grader.report.gradescope import to_gradescope
from grader.report.json import to_json
from grader.report.junit import to_junit
from grader.report.markdown import class_markdown, to_markdown
from grader.report.staged import for_platform
from grader.results import SCHEMA_VERSION, GradeReport, ReportFile

Places: TypeAlias = Mapping[int, str]
"""Where the files of a report are: its number in a :class:`ReportFile`, and a folder relative to the class's files."""


class Format(msgspec.Struct, frozen=True):
    """One way to write reports: a file's name and the pure function that makes its text, of one submission and of all.

    A format without ``of_all`` is about exactly one submission.
    """

    file: str
    of_one: Callable[[GradeReport], str]
    all_file: str = ""
    of_all: Callable[[ReportFile, Places], str] | None = None


def _alone(write: Callable[[ReportFile], str]) -> Callable[[GradeReport], str]:
    return lambda report: write(ReportFile(SCHEMA_VERSION, (report,)))


def _without_links(write: Callable[[ReportFile], str]) -> Callable[[ReportFile, Places], str]:
    def written(file: ReportFile, places: Places) -> str:  # noqa: ARG001
        return write(file)

    return written


def _json_text(file: ReportFile) -> str:
    return to_json(file).decode()


_PAGE = "report.html"


def _page(report: GradeReport) -> str:
    # a run that writes no page does not load the template engine
    from grader.report.html import to_html

    return to_html(report)


def _index_page(file: ReportFile, places: Places) -> str:
    from grader.report.html_index import to_html_index

    pages = {number: f"{place}/{_PAGE}" for number, place in places.items()}
    return to_html_index(file.reports, file.unreadable, pages)


FORMATS: Mapping[str, Format] = {
    "html": Format(_PAGE, _page, "index.html", _index_page),
    "json": Format("report.json", _alone(_json_text), "reports.json", _without_links(_json_text)),
    "markdown": Format("report.md", to_markdown, "index.md", _without_links(class_markdown)),
    "csv": Format("criteria.csv", _alone(criteria_csv), "class.csv", _without_links(class_csv)),
    "junit": Format("junit.xml", _alone(to_junit), "junit.xml", _without_links(to_junit)),
    # what a student's view has lost stays lost: only of a whole report is anything left to hide
    "gradescope": Format("gradescope.json", lambda report: to_gradescope(for_platform(report))),
}
"""Every format that needs nothing but the reports, by the name that ``--format`` takes."""


def formats_for(hand: Hand | None) -> Mapping[str, Format]:
    """Return :data:`FORMATS`, and ``classroom50`` if its runner said which submission this is."""
    if hand is None:
        return FORMATS
    return {**FORMATS, "classroom50": Format("classroom50.json", lambda report: to_classroom50(report, hand))}


def folder_names(submissions: Iterable[Path]) -> dict[Path, str]:
    """Return a folder's name for each submission: the student's where it is plain and nobody else's, else made so.

    Names have letters, digits and ``._-`` only, do not start with a dot or a dash, and differ also where upper and
    lower case are the same. A name that had to be changed ends in eight digits of a hash of the submission's path.
    """
    paths = list(submissions)
    names = {path: _student(path) for path in paths}
    plain = {path: _plain(name) for path, name in names.items()}
    uses = Counter(name.casefold() for name in plain.values())
    return {
        path: plain[path] if plain[path] == names[path] and uses[plain[path].casefold()] == 1
        else f"{plain[path]}-{_hash(path)}"
        for path in paths
    }  # fmt: skip


_LONGEST_NAME = 60
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def _student(path: Path) -> str:
    """The name that a submission's folder or file gives its student, also where there is nothing."""
    resolved = path.resolve()
    try:
        return resolved.stem if resolved.is_file() else resolved.name
    except OSError:
        return resolved.name


def _plain(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isalnum() or c in "._-" else "_" for c in composed).lstrip(".-").rstrip(".")
    while len(kept.encode()) > _LONGEST_NAME:
        kept = kept[:-1]
    return f"_{kept}" if not kept or _RESERVED.fullmatch(kept) else kept


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:8]


class OutputError(Exception):
    """The reports cannot be written where they should go. The message says where and why."""


class Folder:
    """The folder of ``--out``.

    - ``students/NAME/``: what that student may see, to be handed out as it is.
    - ``graders/NAME/``: the same files with everything in them.
    - beside them: the class, in as much detail as ``graders``.

    Files of an earlier run are replaced one by one, never followed where they are symbolic links; others are left.
    """

    def __init__(self, root: Path, formats: Mapping[str, Format]) -> None:
        """Make the folder.

        Raises:
            OutputError: it cannot be made.
        """
        self.root = root
        self.formats = formats
        self._make(root)

    def add_student(self, name: str, report: GradeReport) -> None:
        """Write the files of one student's view.

        Raises:
            OutputError: a file cannot be written.
        """
        self._add("students", name, report)

    def add_grader(self, name: str, report: GradeReport) -> None:
        """Write the files of one whole report.

        Raises:
            OutputError: a file cannot be written.
        """
        self._add("graders", name, report)

    def add_all(self, file: ReportFile, places: Places) -> None:
        """Write the files about all submissions, with links to each one's own.

        Raises:
            OutputError: a file cannot be written.
        """
        for form in self.formats.values():
            if form.of_all is not None:
                self._write(self.root / form.all_file, form.of_all(file, places))
        if "csv" in self.formats:
            self._write(self.root / "criteria.csv", criteria_csv(file))

    def add_annotations(self, text: str) -> None:
        """Write workflow commands for GitHub, made by ``grader.report.annotations``.

        Raises:
            OutputError: the file cannot be written.
        """
        self._write(self.root / "annotations.txt", text)

    def add_code_quality(self, text: str) -> None:
        """Write the report for GitLab, made by ``grader.report.code_quality``.

        Raises:
            OutputError: the file cannot be written.
        """
        self._write(self.root / "code-quality.json", text)

    def strangers(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the folders of students, relative to this one, that an earlier run has left: not in ``names``."""
        known = set(names)
        return tuple(
            f"{audience}/{folder.name}"
            for audience in ("students", "graders")
            if (self.root / audience).is_dir()
            for folder in sorted((self.root / audience).iterdir())
            if folder.name not in known
        )

    def _add(self, audience: str, name: str, report: GradeReport) -> None:
        folder = self.root / audience / name
        for part in (folder.parent, folder):
            self._make(part)
        for form in self.formats.values():
            self._write(folder / form.file, form.of_one(report))

    def _make(self, folder: Path) -> None:
        if folder.is_symlink() and folder != self.root:
            raise OutputError(f"{folder} is a symbolic link; remove it, or choose another folder with --out")
        try:
            folder.mkdir(parents=folder == self.root, exist_ok=True)
        except OSError as error:
            raise OutputError(f"the folder {folder} cannot be made: {error.strerror}") from None

    def _write(self, path: Path, text: str) -> None:
        """Write a file in one step, so that an interrupted run leaves whole files only."""
        try:
            with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as beside:
                whole = Path(beside) / path.name
                whole.write_text(text, "utf-8", "backslashreplace", newline="")
                whole.replace(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}") from None
