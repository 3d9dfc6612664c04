"""``check: comments`` — how much of the student's code has a comment?"""

from collections.abc import Iterable
from typing import Annotated, ClassVar

import msgspec

from grader.checks.base import CheckContext
from grader.checks.given import given_files
from grader.checks.payloads import decoded
from grader.checks.words import count_of
from grader.course.model import Criterion, Part
from grader.course.units import Percentage
from grader.results import Evidence, Feedback, Judgement, Location, Measurement, Table, Verdict
from grader.submission.discover import SOURCE_SUFFIXES


class CommentsOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``share`` of the statements needs a comment for all of the points; less earns as much less."""

    share: Percentage = Percentage(1.0)

    def problems(self, *, points: float, part: Part) -> Iterable[tuple[str, str]]:
        """Yield ``(field, message)`` for what types alone cannot check."""
        if not self.share:
            yield "share", "0% asks for nothing"


class Bare(msgspec.Struct, frozen=True):
    """A statement without a comment. ``cell`` is 0 in a file without cells."""

    line: int
    cell: int
    quote: Annotated[str, msgspec.Meta(max_length=500)]


class Commented(msgspec.Struct, frozen=True):
    """What was counted in one file; ``bare`` are the first statements without a comment."""

    path: str
    problem: str
    statements: Annotated[int, msgspec.Meta(ge=0)]
    commented: Annotated[int, msgspec.Meta(ge=0)]
    bare: Annotated[tuple[Bare, ...], msgspec.Meta(max_length=20)]


class CommentsSeen(msgspec.Struct, frozen=True):
    """Every file that was looked at."""

    files: tuple[Commented, ...]


class Comments:
    """Counts statements and comments in the source, before any of it runs."""

    Options: ClassVar[type] = CommentsOptions

    def observe(self, context: CheckContext) -> CommentsSeen:
        """Count in the files in which what the part asks for was found; in all, if nothing was."""
        student = context.student
        sources = [source.path for source in student.sources]
        own = {place.path for place in student.places}
        paths = tuple(path for path in sources if path in own) or tuple(sources)
        worker = student.worker()
        answer = student.operate(
            worker,
            "read_comments",
            {"paths": paths, "given": given_files(context.folder, SOURCE_SUFFIXES)},
            doing="comments were counted",
            raised="counting comments",
        )
        try:
            files = decoded(answer, tuple[Commented, ...])
            if any(file.commented > file.statements for file in files):
                raise ValueError("more comments than statements")
        except ValueError as error:
            raise student.rejected(worker, f"comments are described as none are: {error}") from None
        return CommentsSeen(files)

    def judge(self, seen: CommentsSeen, criterion: Criterion) -> Judgement:
        """Give as much of the points as there is of the share."""
        options: CommentsOptions = criterion.options
        statements = sum(file.statements for file in seen.files)
        commented = sum(file.commented for file in seen.files)
        problems = tuple(f"{file.path} was not counted: {file.problem}." for file in seen.files if file.problem)
        if not statements:
            summary = "There are no statements of your own to comment."
            verdict = Verdict.NEEDS_REVIEW if problems else Verdict.MISSING
            return Judgement(verdict, 0.0, Evidence.CLAIMED, Feedback(summary, facts=problems))
        share = commented / statements
        measurement = Measurement("share of statements commented", share, bound=float(options.share))
        summary = f"{commented:,} of {count_of(statements, 'statement')} have a comment ({share:.0%})."
        if share >= options.share:
            return Judgement(Verdict.PASS, 1.0, Evidence.CLAIMED, Feedback(summary, facts=problems), (measurement,))
        bare = [(file.path, one) for file in seen.files for one in file.bare]
        rows = tuple((str(Location(path, one.line, one.cell or None)), one.quote) for path, one in bare[:10])
        feedback = Feedback(
            summary,
            facts=(
                f"Asked for are {options.share:.0%}. A comment counts beside a statement or directly above it.",
                "Code put aside, rules and the statement once more do not count.",
                *problems,
            ),
            table=Table(("the first without one", "statement"), rows),
        )
        verdict = Verdict.PARTIAL if commented else Verdict.FAIL
        return Judgement(verdict, share / options.share, Evidence.CLAIMED, feedback, (measurement,))
