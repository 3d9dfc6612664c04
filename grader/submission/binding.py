"""Which assignment a submission is for, and which of its definitions are the functions that a part asks for.

Pure: it looks at names that others have read. Nothing is guessed; where two answers are possible, both are named, with
what settles it.
"""

import difflib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

import msgspec

from grader.course.model import Assignment, Course, FunctionSpec, Part
from grader.results import Finding, Location, Severity
from grader.sandbox.wire import Definition, Problem, SourceFacts
from grader.submission.discover import MANIFEST_NAME, Submission, SubmissionError, SubmittedFile
from grader.submission.manifest import Manifest, split_place

MAX_LISTED = 5


class Bound(msgspec.Struct, frozen=True):
    """Where a function was found. ``name`` is what the student calls it."""

    path: str
    name: str
    line: int
    cell: int | None

    @property
    def place(self) -> str:
        """``build_lenet in networks.py, line 12``."""
        return f"{self.name} in {Location(self.path, self.line, self.cell)}"


class NotFound(msgspec.Struct, frozen=True):
    """No definition of the function; the message lists what comes near."""

    message: str


class Ambiguous(msgspec.Struct, frozen=True):
    """Several definitions of the function; the message lists all and says how to settle it."""

    message: str


class Unreadable(msgspec.Struct, frozen=True):
    """No definition of the function in what could be read, and the file ``path`` could not be read whole."""

    path: str
    problem: Problem

    @property
    def message(self) -> str:
        """The problem, with its place."""
        return f"{Location(self.path, self.problem.line, self.problem.cell)}: {self.problem.message}"


Outcome: TypeAlias = Bound | NotFound | Ambiguous | Unreadable


class Binding(msgspec.Struct, frozen=True):
    """What became of each function, model and plot of a part, by the rubric's name for it. They may be in different
    files. ``trainers`` are the functions that train a model, by the model's name."""

    part_id: str
    functions: dict[str, Outcome]
    models: dict[str, Outcome] = {}
    trainers: dict[str, Outcome] = {}
    plots: dict[str, Outcome] = {}


# --- which assignment -------------------------------------------------------------------------------------------------


def assignment_of(submission: Submission, manifest: Manifest, course: Course, given: str | None) -> Assignment:
    """Return the assignment that a submission is for.

    A sub-folder named after it, ``assignment:`` in ``submission.yaml`` and ``--assignment`` (``given``) all count and
    must agree. If neither of the first two says anything, the file names that rubrics declare do. ``given`` also
    chooses, where sub-folders or file names fit several assignments.

    Raises:
        SubmissionError: no answer, two answers, or an assignment that the course does not have.
    """
    known = {assignment.id: assignment for assignment in course.assignments}
    for name, where in ((given, "--assignment"), (manifest.assignment, _manifest_place(manifest, "assignment"))):
        if name is not None and name not in known:
            raise SubmissionError(
                f"{where} names {_shown(name)}, which the course does not have{_suggestion(name, known)}"
            )
    answers: list[tuple[str, set[str]]] = []
    if folders := {PurePosixPath(file.path).parts[0] for file in submission.files if "/" in file.path} & known.keys():
        answers.append(("its sub-folders say", folders))
    if manifest.assignment is not None:
        answers.append((f"{MANIFEST_NAME} says", {manifest.assignment}))
    if not answers and (declared := _by_file_names(submission, course)):
        answers.append(("its file names say", declared))
    if given is not None:
        answers.append(("--assignment says", {given}))
    if not answers:
        raise SubmissionError(
            f"{submission.path}: nothing says which assignment it is for; give --assignment NAME, or write "
            f"'assignment: NAME' into {MANIFEST_NAME} (the course has {', '.join(known)})"
        )
    agreed = set.intersection(*(names for _, names in answers))
    if len(agreed) == 1:
        return known[agreed.pop()]
    said = "; ".join(f"{who} {' and '.join(sorted(names))}" for who, names in answers)
    settle = "give --assignment NAME to choose" if agreed else "make them agree"
    raise SubmissionError(f"{submission.path}: two answers to which assignment it is for: {said}; {settle}")


def _by_file_names(submission: Submission, course: Course) -> set[str]:
    """Return the assignments that most of the files fit: ``networks.py`` may be several ones', and ``backprop.py``
    beside it says which."""
    fitting = {
        assignment.id: sum(any(_is_declared(file.path, part) for part in assignment.parts) for file in submission.files)
        for assignment in course.assignments
    }
    most = max(fitting.values(), default=0)
    return {name for name, count in fitting.items() if count == most} if most else set()


def _is_declared(path: str, part: Part) -> bool:
    """Whether ``path`` is one of the file names (patterns such as ``hw4*.ipynb`` included) that a part declares."""
    return any(fnmatchcase(path, pattern) or fnmatchcase(PurePosixPath(path).name, pattern) for pattern in part.files)


def files_for(submission: Submission, assignment: Assignment, course: Course) -> tuple[SubmittedFile, ...]:
    """Return the files of a submission without those in sub-folders named after other assignments."""
    others = {other.id for other in course.assignments} - {assignment.id}
    return tuple(file for file in submission.files if PurePosixPath(file.path).parts[0] not in others)


# --- which definitions ------------------------------------------------------------------------------------------------


def bind(part: Part, sources: tuple[SourceFacts, ...], manifest: Manifest) -> Binding:
    """Find each function of ``part`` among the definitions of ``sources``.

    The rubric's own name for a function comes first; its other accepted names count only where no file has the first.
    What ``submission.yaml`` says about the part or the function replaces the search.
    """

    def found(name: str, *also: str, key: str = "") -> Outcome:
        return _find(part, _Wanted(key or name, (name, *also)), sources, manifest)

    return Binding(
        part.id,
        {spec.name: found(spec.name, *spec.also) for spec in part.functions},
        {spec.name: found(spec.build, *spec.also, key=spec.name) for spec in part.models},
        {spec.name: found(spec.train) for spec in part.models if spec.train},
        {spec.name: found(spec.name, *spec.also) for spec in part.plots},
    )


class _Wanted(NamedTuple):
    """What is looked for: its name in the rubric and in ``submission.yaml``, and the names a student may give it."""

    name: str
    names: tuple[str, ...]


def _find(part: Part, spec: _Wanted, sources: tuple[SourceFacts, ...], manifest: Manifest) -> Outcome:
    names = spec.names
    searched = sources
    for key in (f"{part.id}.{spec.name}", part.id):
        if key not in manifest.parts:
            continue
        place = _manifest_place(manifest, f"parts.{key}")
        path, name = split_place(manifest.parts[key])
        searched = tuple(source for source in sources if source.path == path)
        if not searched:
            paths = [source.path for source in sources]
            return NotFound(
                f"{place} says that {spec.name} is in {_shown(path)}, which is not among the files that were read"
                f"{_suggestion(path, paths)}"
            )
        if name is not None:
            count = len(_names_in(part))
            if key == part.id and count > 1:
                wanted = f"{part.id}.{spec.name}: {manifest.parts[key]}"
                return NotFound(
                    f"{place} gives one name, but {part.id} has {count} functions; "
                    f"write one line for each, such as '{wanted}'"
                )
            names = (name,)
        break
    return _search(part, spec, names, searched)


def _search(part: Part, spec: _Wanted, names: tuple[str, ...], sources: tuple[SourceFacts, ...]) -> Outcome:
    for wanted in (names[:1], names[1:]):
        found = [(source.path, d) for source in sources for d in source.definitions if _can_be(d, wanted)]
        if len(found) == 1:
            path, definition = found[0]
            return Bound(path, definition.name, definition.line, definition.cell)
        if found:
            return Ambiguous(_several(part, spec, found))
    unreadable = sorted(
        (source for source in sources if source.problem), key=lambda source: not _is_declared(source.path, part)
    )
    for source in unreadable:
        if source.problem:
            return Unreadable(source.path, source.problem)
    return NotFound(_missing(names, sources))


def _can_be(definition: Definition, names: Iterable[str]) -> bool:
    return definition.kind != "import" and definition.name in names


def _several(part: Part, spec: _Wanted, found: list[tuple[str, Definition]]) -> str:
    listed = ", and ".join(_placed(path, definition) for path, definition in found[:MAX_LISTED])
    more = f", and {len(found) - MAX_LISTED} more" if len(found) > MAX_LISTED else ""
    path, definition = found[0]
    in_several_files = any(other != path for other, _ in found[1:])
    key, place = (part.id, path) if in_several_files else (f"{part.id}.{spec.name}", f"{path}:{definition.name}")
    return (
        f"{spec.name} is defined more than once: {listed}{more}. Keep one of them, or say in {MANIFEST_NAME} which one "
        f"counts, as in 'parts: {{{key}: {place}}}'"
    )


def _missing(names: tuple[str, ...], sources: tuple[SourceFacts, ...]) -> str:
    wanted = names[0] + (f" (or {', '.join(names[1:])})" if names[1:] else "")
    files = ", ".join(source.path for source in sources[:MAX_LISTED]) or "no file"
    more = f" and {len(sources) - MAX_LISTED} more files" if len(sources) > MAX_LISTED else ""
    candidates = [(source.path, d) for source in sources for d in source.definitions if d.kind != "import"]
    near = _nearest(names, candidates)
    text = f"no function {wanted} was found in {files}{more}"
    if not near:
        return text
    return f"{text}; the nearest is {', then '.join(_placed(path, d) for path, d in near)}"


def _nearest(names: tuple[str, ...], candidates: list[tuple[str, Definition]]) -> list[tuple[str, Definition]]:
    by_plain: dict[str, tuple[str, Definition]] = {}
    for path, definition in candidates:
        by_plain.setdefault(_plain(definition.name), (path, definition))
    close: dict[str, None] = {}
    for name in names:
        close.update(dict.fromkeys(difflib.get_close_matches(_plain(name), by_plain, n=3)))
    return [by_plain[plain] for plain in list(close)[:3]]


def _plain(name: str) -> str:
    """Leave out what is easily mistaken: capitals and underscores."""
    return name.replace("_", "").lower()


def _placed(path: str, definition: Definition) -> str:
    return f"'{definition.name}' in {Location(path, definition.line, definition.cell)}"


# --- what submission.yaml says ----------------------------------------------------------------------------------------


def _names_in(part: Part) -> tuple[str, ...]:
    drawn = (spec.name for spec in part.plots)
    return (*(spec.name for spec in part.functions), *(spec.name for spec in part.models), *drawn)


def return_order(spec: FunctionSpec, manifest: Manifest) -> tuple[str, ...]:
    """Return the names of what a function returns, in the order that the student declared, else the rubric's."""
    declared = manifest.returns.get(spec.name, spec.returns)
    return declared if sorted(declared) == sorted(spec.returns) else spec.returns


def manifest_findings(manifest: Manifest, assignment: Assignment) -> tuple[Finding, ...]:
    """Return a finding for each entry of ``submission.yaml`` that names a part, function or value that the assignment
    does not have. Such an entry has no effect."""
    specs = {spec.name: spec for part in assignment.parts for spec in part.functions}
    keys = [part.id for part in assignment.parts]
    keys += [f"{part.id}.{name}" for part in assignment.parts for name in _names_in(part)]
    findings = []
    for key in manifest.parts:
        if key not in keys:
            text = f"{assignment.id} has no part {_shown(key)}{_suggestion(key, keys)}"
            findings.append(_without_effect(manifest, f"parts.{key}", text))
    for name, declared in manifest.returns.items():
        if name not in specs:
            text = f"{assignment.id} asks for no function {_shown(name)}{_suggestion(name, specs)}"
            findings.append(_without_effect(manifest, f"returns.{name}", text))
        elif return_order(specs[name], manifest) != declared:
            expected = ", ".join(specs[name].returns)
            text = f"{name} returns {expected}, in any order, each once; this says {_shown(', '.join(declared))}"
            findings.append(_without_effect(manifest, f"returns.{name}", text))
    return tuple(findings)


def _without_effect(manifest: Manifest, entry: str, text: str) -> Finding:
    return Finding(
        kind="manifest",
        severity=Severity.WARNING,
        text=f"{text}; the line has no effect",
        where=Location(MANIFEST_NAME, manifest.lines.get(entry)),
    )


def _manifest_place(manifest: Manifest, entry: str) -> str:
    return str(Location(MANIFEST_NAME, manifest.lines.get(entry)))


def _suggestion(word: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1)
    if near:
        return f"; did you mean {_shown(near[0])}?"
    return f" (there is {', '.join(names[:MAX_LISTED])})" if names else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
