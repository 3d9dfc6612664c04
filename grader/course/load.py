"""Loads a course: the root rubric.yaml and the rubrics of its assignments."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from grader.course.assignment import CourseWide, read_assignment
from grader.course.criterion import Inherited, Kinds, take_title
from grader.course.entries import LateEntry
from grader.course.errors import Problems, RubricError, RubricErrors, did_you_mean
from grader.course.fields import Fields
from grader.course.model import Course, LatePolicy, Source
from grader.course.yaml_source import read_yaml

RUBRIC = "rubric.yaml"
DEFAULT_INCLUDE = ("reference/*/rubric.yaml",)

Weight = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]

_COURSE_KEY = re.compile(rb"^course[ \t]*:", re.MULTILINE)


def load(root: Path, kinds: Mapping[str, type[msgspec.Struct]]) -> Course:
    """Return the course whose root rubric.yaml lies in the folder ``root``, with all of its assignments.

    ``kinds`` maps the name of each check to the struct of its options. The struct may define
    ``problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]``, which is asked for pairs of a key
    and a message once a whole part has been read.

    Raises:
        RubricErrors: a rubric, or a file that it names, is missing or wrong; it lists every mistake with its line.
    """
    root = root.absolute()
    path = root / RUBRIC
    if not path.is_file():
        raise RubricErrors([_no_course([root])])
    problems = Problems()
    course = _read_course(root, kinds, problems)
    problems.raise_if_any()
    return course


def find_root(start: Path) -> Path:
    """Return the nearest folder, from ``start`` upwards, whose rubric.yaml is a course's and not an assignment's.

    ``start`` may also be a file. Only the key ``course`` is looked for, so a broken rubric is found too.

    Raises:
        RubricErrors: there is none; it says where was looked.
    """
    start = start.absolute()
    looked = [folder for folder in (start, *start.parents) if folder.is_dir()]
    for folder in looked:
        path = folder / RUBRIC
        if path.is_file() and _COURSE_KEY.search(path.read_bytes()):
            return folder
    raise RubricErrors([_no_course(looked)])


def _no_course(looked: Sequence[Path]) -> RubricError:
    upwards = " and the folders above it" if len(looked) > 1 else ""
    return RubricError(
        f"no course: there is no {RUBRIC} with the key 'course' in {looked[0]}{upwards}",
        "go to the course's folder, or name it with --course",
    )


def _read_course(root: Path, kinds: Kinds, problems: Problems) -> Course:
    """Read everything; what comes back counts only if no problem was added."""
    node = read_yaml(root / RUBRIC, RUBRIC, problems)
    if node is None:
        return Course("-", root, ())
    if isinstance(node.content, dict) and "assignment" in node.content and "course" not in node.content:
        hint = "name the folder above it that has the course's rubric.yaml, with --course"
        problems.add(node.source, f"{root} holds one assignment, not a course", hint)
        return Course("-", root, ())
    fields = Fields(node, "the course", problems)
    title = take_title(fields, "course")
    include: tuple[str, ...] = fields.optional("include", tuple[str, ...], DEFAULT_INCLUDE)
    late: LateEntry = fields.optional("late", LateEntry, LateEntry())
    course_wide = CourseWide(_take_defaults(fields), late.over(LatePolicy()))
    rubrics = _find_rubrics(root, include, fields)
    weights = _take_weights(fields, [path.parent.name for path in rubrics])
    fields.close()
    read = [read_assignment(path, root, course_wide, kinds, problems) for path in rubrics]
    assignments = [
        msgspec.structs.replace(assignment, weight=weights.get(assignment.id, 1.0))
        for assignment in read
        if assignment is not None
    ]
    return Course(title, root, tuple(assignments))


def _take_defaults(fields: Fields) -> Inherited:
    node = fields.take("defaults")
    if node is None:
        return Inherited()
    defaults = Fields(node, "'defaults' of the course", fields.problems)
    inherited = Inherited().at(defaults, "course")
    defaults.close()
    return inherited


def _take_weights(fields: Fields, known: list[str]) -> dict[str, float]:
    weights: dict[str, float] = fields.optional("weights", dict[str, Weight], {})
    for name in weights:
        if name not in known:
            fields.problems.add(
                fields.inner_source("weights", name),
                f"'weights' names '{name}', which is no assignment of this course",
                did_you_mean(name, known),
            )
    return weights


def _find_rubrics(root: Path, include: tuple[str, ...], fields: Fields) -> list[Path]:
    """Return the rubrics that ``include`` matches: pattern by pattern, sorted by path within a pattern, each once."""
    problems, source = fields.problems, fields.source("include")
    found: dict[Path, None] = {}
    for pattern in include:
        if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            problems.add(
                source, f"'include' in the course has '{pattern}', which is not a path below the course's folder"
            )
            continue
        try:
            matches = sorted(path for path in root.glob(pattern) if path.is_file() and path.parent != root)
        except ValueError as error:
            problems.add(source, f"'include' in the course has '{pattern}', which is not a pattern of paths: {error}")
            continue
        if not matches:
            problems.add(
                source,
                f"no file matches '{pattern}' below {root}",
                "an assignment is a folder with a rubric.yaml; 'include' says where they are",
            )
        found.update(dict.fromkeys(matches))
    by_id: dict[str, Path] = {}
    for path in found:
        other = by_id.setdefault(path.parent.name, path)
        if other != path:
            problems.add(
                Source(path.relative_to(root).as_posix(), 1),
                f"the folder name '{path.parent.name}' is there twice (also {other.relative_to(root).as_posix()})",
                "an assignment is called by its folder's name, so rename one",
            )
    return list(found)
