"""From a path to a :class:`Submission`: which files there are, how large, and what they contain, as bytes.

A submission's folder is hostile. Symbolic links are not followed, at any depth, not even when one replaces a folder
while it is read; nothing but regular files is opened; and there are caps on everything that is counted. What is left
out becomes a finding. Nothing is decoded, parsed or run.
"""

import errno
import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import msgspec

from grader.results import Finding, Location, Severity
from grader.submission import beneath
from grader.submission.beneath import NotReadError

MANIFEST_NAME = "submission.yaml"
SOURCE_SUFFIXES = (".py", ".ipynb")
MAX_FILES = 200
WEIGHT_SUFFIXES = (".pt", ".pth", ".safetensors", ".keras", ".h5", ".hdf5", ".npz")
MAX_FILE_BYTES = 32 * 2**20
MAX_WEIGHTS_BYTES = 136 * 2**20
"""Of one file with trained weights: 11 million numbers with Adam's two moments beside each."""
MAX_TOTAL_BYTES = 208 * 2**20
"""Of a submission: less than a worker's scratch folder holds and than one frame carries."""
MAX_DEPTH = 8
MAX_ENTRIES = 20_000
MAX_FINDINGS = 50

_IGNORED = frozenset(["__pycache__", "__MACOSX"])


class SubmissionError(Exception):
    """A submission that cannot be graded. The message says what was seen and what to do."""


class SubmittedFile(msgspec.Struct, frozen=True):
    """One file. ``path`` is relative to the submission, with forward slashes; ``sha256`` is of the content that was
    seen at discovery, in hexadecimal."""

    path: str
    absolute: Path
    size_bytes: int
    sha256: str


class Submission(msgspec.Struct, frozen=True):
    """A folder or a single file that a student handed in. ``digest`` (hexadecimal SHA-256) depends on the names and
    contents of ``files`` and on nothing else."""

    student: str
    path: Path
    files: tuple[SubmittedFile, ...]
    findings: tuple[Finding, ...]
    digest: str

    @property
    def sources(self) -> tuple[SubmittedFile, ...]:
        """The Python files and notebooks."""
        return tuple(file for file in self.files if file.path.endswith(SOURCE_SUFFIXES))

    def file(self, path: str) -> SubmittedFile | None:
        """Return the file at the relative ``path``, or ``None``."""
        return next((file for file in self.files if file.path == path), None)

    def read(self, file: SubmittedFile) -> bytes:
        """Return the content of one of ``files``, the same that the digest was made of.

        Raises:
            SubmissionError: it cannot be read any more, or has changed since discovery.
        """
        folder = self.path if self.path.is_dir() else self.path.parent
        try:
            content = beneath.read(folder, PurePosixPath(file.path).parts, file.size_bytes)
        except (OSError, NotReadError) as error:
            raise SubmissionError(
                f"{file.absolute} cannot be read any more ({_reason(error)}); grade it again"
            ) from None
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise SubmissionError(f"{file.absolute} changed while it was being graded; grade it again")
        return content


def discover(path: Path) -> Submission:
    """Return the submission at ``path``: a folder, or a single ``.py`` or ``.ipynb`` file.

    Hidden files, ``__pycache__`` and ``.ipynb_checkpoints`` are ignored. A symbolic link given as ``path`` itself is
    followed, since whoever runs the grader wrote it.

    Raises:
        SubmissionError: there is nothing there that can be graded.
    """
    try:
        resolved = path.resolve(strict=True)
        mode = resolved.stat().st_mode
    except (OSError, RuntimeError) as error:
        raise SubmissionError(_unusable(path, error)) from None
    if stat.S_ISDIR(mode):
        return _discover_folder(path, resolved)
    if stat.S_ISREG(mode) and resolved.suffix in SOURCE_SUFFIXES:
        return _discover_file(path, resolved)
    kind = "a file of another kind" if stat.S_ISREG(mode) else "neither a file nor a folder"
    raise SubmissionError(f"{path} is {kind}; give a folder, a .py file or a notebook (.ipynb)")


def _unusable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    return f"{path} cannot be read ({_reason(error)})"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return "it is a symbolic link"
    return (error.strerror or "").lower() if isinstance(error, OSError) else str(error)


def _discover_file(path: Path, resolved: Path) -> Submission:
    survey = _Survey(resolved.parent)
    with _top_opened(resolved.parent, path) as folder:
        survey.add(folder, (resolved.name,))
    if not survey.files:
        raise SubmissionError(f"{path} cannot be graded: {survey.findings[0].text}")
    return Submission(resolved.stem, resolved, *survey.results())


def _discover_folder(path: Path, resolved: Path) -> Submission:
    survey = _Survey(resolved)
    with _top_opened(resolved, path) as folder:
        try:
            found = sorted(survey.walk(folder, ()), key=_importance)
        except OSError as error:
            raise SubmissionError(_unusable(path, error)) from None
        if not found and not survey.findings:
            raise SubmissionError(f"{path} is an empty folder; it should hold a .py file or a notebook")
        for parts in found:
            survey.add_beneath(folder, parts)
    files, findings, digest = survey.results()
    submission = Submission(resolved.name, resolved, files, findings, digest)
    if not submission.sources:
        seen = ", ".join(file.path for file in files[:5]) or "nothing that can be read"
        left_out = "".join(f"; {finding.text}" for finding in findings[:3])
        raise SubmissionError(f"{path} holds no .py file and no notebook (it holds {seen}{left_out})")
    return submission


def _importance(parts: tuple[str, ...]) -> tuple[bool, int, tuple[str, ...]]:
    """Sort what matters most first, so that a folder of a thousand images does not push out the code."""
    return (not parts[-1].endswith((*SOURCE_SUFFIXES, MANIFEST_NAME)), len(parts), parts)


class _Survey:
    """Collects files and findings below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: list[SubmittedFile] = []
        self.findings: list[Finding] = []
        self._entries = 0
        self._bytes = 0

    def results(self) -> tuple[tuple[SubmittedFile, ...], tuple[Finding, ...], str]:
        """Return files in order of their paths, findings, and the digest."""
        files = sorted(self.files, key=lambda file: file.path)
        findings = self.findings[:MAX_FINDINGS]
        if len(self.findings) > MAX_FINDINGS:
            findings.append(_finding(f"{len(self.findings) - MAX_FINDINGS:,} more files were not read"))
        digest = hashlib.sha256()
        for file in files:
            name = file.path.encode()
            digest.update(len(name).to_bytes(8, "big") + name + bytes.fromhex(file.sha256))
        return tuple(files), tuple(findings), digest.hexdigest()

    def walk(self, folder: int, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield the path of every regular file below the open ``folder``, as its parts."""
        for name in sorted(os.listdir(folder)):
            if name.startswith(".") or name in _IGNORED:
                continue
            parts = (*above, name)
            self._entries += 1
            if self._entries > MAX_ENTRIES:
                if self._entries == MAX_ENTRIES + 1:
                    self._leave_out(None, f"the submission has more than {MAX_ENTRIES:,} files; the rest was not read")
                return
            if not _is_plain(name):
                self._leave_out(None, f"a file was not read: its name has characters that do not print ({name!a})")
                continue
            try:
                yield from self._visit(folder, parts)
            except (OSError, NotReadError) as error:
                self._leave_out(parts, f"was not read: {_reason(error)}")

    def _visit(self, folder: int, parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        mode = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            yield parts
        elif stat.S_ISDIR(mode):
            if len(parts) >= MAX_DEPTH:
                raise NotReadError(f"it is a folder more than {MAX_DEPTH - 1} levels deep")
            with beneath.folder_opened(folder, parts[-1:]) as inner:
                yield from self.walk(inner, parts)
        elif stat.S_ISLNK(mode):
            raise NotReadError("it is a symbolic link; hand in the file itself")
        else:
            raise NotReadError("it is not a regular file")

    def add_beneath(self, root: int, parts: tuple[str, ...]) -> None:
        """Add the file at ``parts`` below the open folder ``root``, or a finding."""
        try:
            with beneath.folder_opened(root, parts[:-1]) as folder:
                self.add(folder, parts)
        except OSError as error:
            self._leave_out(parts, f"was not read: {_reason(error)}")

    def add(self, folder: int, parts: tuple[str, ...]) -> None:
        """Add the file that lies in the open ``folder``, or a finding."""
        path = "/".join(parts)
        try:
            if len(self.files) >= MAX_FILES:
                raise NotReadError(f"at most {MAX_FILES} files are read")
            with beneath.file_opened(folder, parts[-1]) as descriptor:
                size = os.fstat(descriptor).st_size
                allowed = MAX_WEIGHTS_BYTES if path.endswith(WEIGHT_SUFFIXES) else MAX_FILE_BYTES
                if size > allowed:
                    raise NotReadError(f"it has {size:,} bytes, at most {allowed >> 20} MiB are read")
                if self._bytes + size > MAX_TOTAL_BYTES:
                    raise NotReadError(f"at most {MAX_TOTAL_BYTES >> 20} MiB are read in all")
                digest = hashlib.sha256()
                for chunk in beneath.chunks(descriptor, size):
                    digest.update(chunk)
        except (OSError, NotReadError) as error:
            self._leave_out(parts, f"was not read: {_reason(error)}")
            return
        self._bytes += size
        self.files.append(SubmittedFile(path, self.root.joinpath(*parts), size, digest.hexdigest()))

    def _leave_out(self, parts: tuple[str, ...] | None, text: str) -> None:
        path = "/".join(parts) if parts else None
        self.findings.append(_finding(f"{path} {text}" if path else text, path))


def _finding(text: str, path: str | None = None) -> Finding:
    where = Location(path) if path else None
    return Finding(kind="not-read", severity=Severity.WARNING, text=text, where=where)


def _is_plain(name: str) -> bool:
    """Whether every character prints: no control characters, no reversed text, no bytes that are not UTF-8."""
    return not any(unicodedata.category(character).startswith("C") for character in name)


@contextmanager
def _top_opened(resolved: Path, shown: Path) -> Iterator[int]:
    try:
        top = os.open(resolved, beneath.OPEN_FOLDER)
    except OSError as error:
        raise SubmissionError(_unusable(shown, error)) from None
    try:
        yield top
    finally:
        os.close(top)


class _Listing(NamedTuple):
    files: list[str]
    folders: list[str]


def discover_all(paths: Iterable[Path], assignment_ids: Iterable[str]) -> list[Path]:
    """Return the paths of the submissions that ``paths`` mean, each once.

    A folder *holds* submissions, one in each of its sub-folders, if it has sub-folders, none of them named after an
    assignment, and neither a source nor a ``submission.yaml`` of its own; hidden folders and files such as README.md
    do not count. Any other path is a submission, also one that does not exist: :func:`discover` says so, and the
    others are graded.
    """
    assignments = frozenset(assignment_ids)
    found: dict[Path, Path] = {}
    for path in paths:
        for submission in _submissions_in(path, assignments):
            found.setdefault(submission.absolute(), submission)
    return list(found.values())


def _submissions_in(path: Path, assignments: frozenset[str]) -> list[Path]:
    try:
        listing = _list(path)
    except OSError:
        return [path]
    has_own_files = any(name == MANIFEST_NAME or name.endswith(SOURCE_SUFFIXES) for name in listing.files)
    if has_own_files or not listing.folders or assignments.intersection(listing.folders):
        return [path]
    return [path / name for name in listing.folders]


def _list(folder: Path) -> _Listing:
    entries = sorted(e for e in folder.iterdir() if not e.name.startswith(".") and e.name not in _IGNORED)
    folders = [entry.name for entry in entries if entry.is_dir()]
    return _Listing([entry.name for entry in entries if entry.name not in frozenset(folders)], folders)
