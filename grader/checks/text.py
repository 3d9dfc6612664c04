"""``check: text`` — is there the answer in words that the handout asks for, and who grades it?"""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal

import msgspec

from grader.checks.base import CheckContext, as_names
from grader.checks.given import given_files
from grader.checks.payloads import decoded
from grader.checks.questions import Answer, judge_answers, no, yes
from grader.checks.words import count_of
from grader.course.model import Criterion, Part
from grader.numerics.diagnosis_text import listed
from grader.results import Evidence, Feedback, Judgement, Location, Verdict
from grader.text import safe

SUFFIXES = (".ipynb", ".md")
QUOTED_CHARACTERS = 2000
QUOTED_LINES = 40

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NUMBER = re.compile(r"(?<![\w.])[0-9]+(?:[.,][0-9]+)*")
_NOT_WORDS = re.compile(r"https?://\S+|<[^>]*>|!\[[^\]]*\]\([^)]*\)")
_PLACEHOLDER = re.compile(r"\W*(todo|tbd|xxx+|n/?a|your (answer|text|observation)s?( goes)?( here)?)\W*", re.IGNORECASE)


class TextOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``section`` is a heading, or several of which one is there; ``A > B`` is the heading B under A. ``words`` and
    ``numbers`` are how many of each the student's own text has at least. ``graded_by: a person`` leaves the points
    pending until somebody has read it."""

    section: str | tuple[str, ...]
    words: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1
    numbers: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    graded_by: Literal["a person", "words"] = "a person"

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        if not all(_plain(word) for name in as_names(self.section) for word in name.split(">")) or not self.section:
            yield "section", "names no heading; write it as it stands in the handout"


class Section(msgspec.Struct, frozen=True):
    """What stands between one heading and the next. ``cell`` is 0 in a file without cells; ``level`` is 1 to 7."""

    path: str
    cell: int
    level: int
    title: Annotated[str, msgspec.Meta(max_length=500)]
    text: Annotated[str, msgspec.Meta(max_length=10_000)]


class Written(msgspec.Struct, frozen=True):
    """The student's own text under a heading and the headings below it."""

    place: str
    title: str
    text: str

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(_WORD.findall(_NOT_WORDS.sub(" ", self.text)))

    @property
    def numbers(self) -> int:
        """How many numbers it has."""
        return len(_NUMBER.findall(_NOT_WORDS.sub(" ", self.text)))


class TextSeen(msgspec.Struct, frozen=True):
    """The text asked for, ``None`` if its heading is nowhere, and all headings there are."""

    written: Written | None
    headings: tuple[str, ...]


class Text:
    """Finds texts and counts words; what they say is for a person."""

    Options: ClassVar[type] = TextOptions

    def observe(self, context: CheckContext) -> TextSeen:
        """Read the texts of notebooks and Markdown files and find the section."""
        student = context.student
        worker = student.worker()
        paths = tuple(path for path in context.files if path.endswith(SUFFIXES))
        answer = student.operate(
            worker,
            "read_sections",
            {"paths": paths, "given": given_files(context.folder, SUFFIXES)},
            doing="texts were read",
            raised="reading texts",
        )
        try:
            sections = decoded(answer, tuple[Section, ...])
        except ValueError as error:
            raise student.rejected(worker, f"texts are described as none are: {error}") from None
        options: TextOptions = context.criterion.options
        return TextSeen(find(sections, as_names(options.section)), tuple(section.title for section in sections))

    def judge(self, seen: TextSeen, criterion: Criterion) -> Judgement:
        """Count, and leave the rest to a person if the rubric says so."""
        options: TextOptions = criterion.options
        name = as_names(options.section)[0]
        if seen.written is None:
            headings = f"Headings found: {listed(seen.headings[:15])}." if seen.headings else "There are no headings."
            feedback = Feedback(f"There is no section '{name}' in a notebook or in answers.md.", facts=(headings,))
            return Judgement(Verdict.MISSING, 0.0, Evidence.CLAIMED, feedback)
        written = seen.written
        if not written.words and not written.numbers:
            summary = f"Under '{name}' there is no text of your own."
            return Judgement(
                Verdict.MISSING, 0.0, Evidence.CLAIMED, Feedback(summary, facts=(f"Looked at {written.place}.",))
            )
        answers = _counted(written, options)
        if options.graded_by == "words":
            return judge_answers(
                answers,
                praise=" ".join(answer.said for answer in answers.values()),
                evidence=Evidence.CLAIMED,
                source=f"Counted in {written.place}.",
            )
        feedback = Feedback(
            f"Your text under '{name}' is for a person to grade.",
            facts=(f"{written.place}:", *_quoted(written.text), *(answer.said for answer in answers.values())),
        )
        return Judgement(Verdict.NEEDS_REVIEW, 0.0, Evidence.CLAIMED, feedback)


def find(sections: Sequence[Section], names: Sequence[str]) -> Written | None:
    """Return the longest text under one of the headings ``names``, with the headings below it, or ``None``."""
    found = []
    for name in names:
        *around, last = [_plain(word) for word in name.split(">")]
        for number, section in enumerate(sections):
            if last in _plain(section.title) and _lies_in(sections, number, around):
                found.append(_whole(sections, number))
    return max(found, key=lambda written: written.words, default=None)


def _whole(sections: Sequence[Section], number: int) -> Written:
    """Return a section with those below it."""
    own = sections[number]
    texts = [own.text]
    for section in sections[number + 1 :]:
        if section.level <= own.level or section.path != own.path:
            break
        texts += [section.title, section.text]
    lines = (line for text in texts for line in text.splitlines() if not _PLACEHOLDER.fullmatch(line))
    return Written(str(Location(own.path, None, own.cell or None)), own.title, "\n".join(lines).strip())


def _lies_in(sections: Sequence[Section], number: int, around: Sequence[str]) -> bool:
    """Whether the headings above a section are ``around``, the outermost first; others may stand between them."""
    wanted = list(around)
    level = sections[number].level
    for section in reversed(sections[:number]):
        if not wanted or section.path != sections[number].path:
            break
        if section.level < level:
            level = section.level
            if wanted[-1] in _plain(section.title):
                wanted.pop()
    return not wanted


def _counted(written: Written, options: TextOptions) -> dict[str, Answer]:
    said = f"It has {count_of(written.words, 'word')} of your own; at least {options.words} are asked for."
    answers = {"words": yes(said) if written.words >= options.words else no(said)}
    if options.numbers:
        said = f"It has {count_of(written.numbers, 'number')}; at least {options.numbers} are asked for."
        answers["numbers"] = yes(said) if written.numbers >= options.numbers else no(said)
    return answers


def _quoted(text: str) -> tuple[str, ...]:
    return tuple(f"> {line}" for line in safe(text, limit=QUOTED_CHARACTERS, lines=QUOTED_LINES).splitlines())


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
