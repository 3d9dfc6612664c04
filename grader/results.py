"""What grading produces: verdicts, evidence, feedback, scores and the report that holds them.

Every report format and every exit code is made from one :class:`GradeReport`. The types are frozen, carry their
units in their names, and go to and from JSON through msgspec without any code of their own.
"""

from enum import StrEnum
from typing import TypeAlias

import msgspec

from grader.recording.events import Recording

SCHEMA_VERSION = "1"


class Verdict(StrEnum):
    """How one criterion ended. The words are the same in every report format."""

    PASS = "PASS"
    PARTIAL = "PARTIAL"
    FAIL = "FAIL"
    MISSING = "MISSING"
    """The file, function or value asked for is not there."""
    CRASH = "CRASH"
    """The student's code raised, or its process ended."""
    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    BLOCKED = "BLOCKED"
    """Not run, because a criterion that this one needs was not met."""
    NEEDS_REVIEW = "NEEDS_REVIEW"
    """A person has to decide. Its points are pending, never lost."""
    GRADER_FAULT = "GRADER_FAULT"
    """The harness, the rubric or the oracle failed. Its points are pending, never lost."""

    @property
    def is_pending(self) -> bool:
        """Whether the points of this criterion wait for a person instead of being decided."""
        return self in (Verdict.NEEDS_REVIEW, Verdict.GRADER_FAULT)


class Evidence(StrEnum):
    """What a verdict rests on."""

    VERIFIED = "VERIFIED"
    """Recomputed by the trusted side."""
    OBSERVED = "OBSERVED"
    """Recorded while the student's code ran."""
    CLAIMED = "CLAIMED"
    """Read from the student's text or source."""
    JUDGED = "JUDGED"
    """Decided by a person, who entered the points by hand."""


class FeedbackLevel(StrEnum):
    """How much of the feedback a student sees. Each level includes those before it."""

    NONE = "none"
    SUMMARY = "summary"
    FACTS = "facts"
    DIAGNOSIS = "diagnosis"
    EXPECTED = "expected"
    """The only level at which a number computed by the oracle is printed."""


class Visibility(StrEnum):
    """Whether a student sees a criterion at all."""

    VISIBLE = "visible"
    AFTER_DUE_DATE = "after due date"
    HIDDEN = "hidden"


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One number a verdict rests on. A ``value`` of ``None`` (JSON ``null``) means that it was not finite."""

    name: str
    value: float | None
    unit: str = ""
    bound: float | None = None
    tolerance: float | None = None


class Table(msgspec.Struct, frozen=True):
    """A small table in a feedback. Cells are text; columns named in ``numeric`` are aligned to the right.

    Raises:
        ValueError: a row does not have one cell per column.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} of a table with {len(self.columns)} columns has {len(row)} cells")


class Diagnosis(msgspec.Struct, frozen=True):
    """What the numbers say. ``id`` names the page ``docs/diagnoses/<id>.md``."""

    id: str
    text: str


class Feedback(msgspec.Struct, frozen=True, omit_defaults=True):
    """Structured feedback; renderers make the text.

    ``summary`` is one sentence. ``facts`` say what was seen and where. ``expected`` is the only field that may hold
    numbers computed by the oracle.
    """

    summary: str
    facts: tuple[str, ...] = ()
    table: Table | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    expected: tuple[str, ...] = ()
    seen_on: str = ""
    again: str = ""


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a :class:`Curves`. ``None`` leaves a gap. ``from_oracle``: shown only where ``expected`` is."""

    name: str
    values: tuple[float | None, ...]
    from_oracle: bool = False


class Curves(msgspec.Struct, frozen=True, tag="curves"):
    """Lines over the numbers 1, 2, 3 … of ``x_label``: a learning curve over epochs."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]


class Matrix(msgspec.Struct, frozen=True, tag="matrix"):
    """Whole numbers by row and column, such as a confusion matrix: true classes down, predicted ones across."""

    title: str
    row_label: str
    column_label: str
    labels: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]


class Pictures(msgspec.Struct, frozen=True, tag="pictures"):
    """Small grey pictures of one size, such as kernels: ``values[picture][row][column]``, any finite numbers."""

    title: str
    values: tuple[tuple[tuple[float, ...], ...], ...]


class Bars(msgspec.Struct, frozen=True, tag="bars"):
    """One number a name against a common ``bound``, such as the error of each gradient. ``None``: not finite."""

    title: str
    unit: str
    values: dict[str, float | None]
    bound: float | None = None


Exhibit: TypeAlias = Curves | Matrix | Pictures | Bars
"""Something better looked at than read. Pages draw it; terminals leave it out."""


class Judgement(msgspec.Struct, frozen=True):
    """What a check's pure ``judge`` returns. ``fraction`` of the points, 0 to 1; ``private`` is for graders only."""

    verdict: Verdict
    fraction: float
    evidence: Evidence
    feedback: Feedback
    measurements: tuple[Measurement, ...] = ()
    findings: "tuple[Finding, ...]" = ()
    exhibits: tuple[Exhibit, ...] = ()
    private: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction <= 1.0:
            raise ValueError(f"a judgement's fraction must lie in 0..1, got {self.fraction}")


class Location(msgspec.Struct, frozen=True, omit_defaults=True):
    """A place in a submission. ``line`` counts from 1, within the cell when ``cell`` (from 1) is given."""

    path: str
    line: int | None = None
    cell: int | None = None

    def __str__(self) -> str:
        words = [self.path]
        if self.cell is not None:
            words.append(f"cell {self.cell}")
        if self.line is not None:
            words.append(f"line {self.line}")
        return ", ".join(words)


class Severity(StrEnum):
    """How much attention a finding deserves."""

    NOTE = "note"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something worth knowing that is not itself a criterion. Findings cost nothing unless ``costs_points``."""

    kind: str
    severity: Severity
    text: str
    where: Location | None = None
    quote: str = ""
    settles: str = ""
    criterion_id: str = ""
    costs_points: bool = False


class StoredPicture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture that a cell of a notebook stores: the ``number``-th of its cell, from 1, and its size as stored.

    ``png`` was written by the trusted side, smaller where the pixels were many. Pages show it; JSON leaves it out.
    """

    number: int
    width_px: int
    height_px: int
    png: bytes = b""


class CellPictures(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pictures that ``where`` stores, a cell, or a notebook whose pictures are not known. CLAIMED.

    ``beside`` are the cells whose findings they belong to: their own, and the text right below. ``left_out`` says in
    a sentence which are missing, and why.
    """

    where: Location
    beside: tuple[int, ...]
    pictures: tuple[StoredPicture, ...] = ()
    left_out: str = ""


class Usage(msgspec.Struct, frozen=True):
    """What one criterion used of the student's worker."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0


class Override(msgspec.Struct, frozen=True):
    """Who entered the points of a criterion by hand, when (ISO 8601 date) and why, and what grading had found.

    ``entered_in`` is the file and line. ``is_stale``: it was entered for other files than those that were graded.
    """

    by: str
    on: str
    note: str
    found_verdict: Verdict
    found_awarded: float
    found_evidence: Evidence
    entered_in: str = ""
    is_stale: bool = False


class CriterionResult(msgspec.Struct, frozen=True):
    """One line of the report. ``criterion_id`` is ``<part>.<criterion>``; ``awarded`` is unrounded.

    With an ``override`` the verdict, the points and the evidence are a person's; what grading had found is in it, and
    in the feedback.
    """

    criterion_id: str
    part_id: str
    title: str
    verdict: Verdict
    awarded: float
    possible: float
    evidence: Evidence
    feedback: Feedback
    feedback_level: FeedbackLevel
    visibility: Visibility
    seed: int
    rubric_line: str
    measurements: tuple[Measurement, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    private: str = ""
    usage: Usage = Usage()
    duration_s: float = 0.0
    override: Override | None = None


class Score(msgspec.Struct, frozen=True):
    """Points of one submission, unrounded. ``pending`` points are neither awarded nor lost until a person decides.

    ``awarded`` is the sum over the criteria, before ``late_penalty`` (points, a share of ``possible`` and never made
    from ``awarded``) is taken off. ``not_shown`` is what the criteria that a student's view leaves out are worth; they
    are not in ``possible``.
    """

    awarded: float
    possible: float
    pending: float = 0.0
    late_penalty: float = 0.0
    not_shown: float = 0.0

    @property
    def total(self) -> float:
        """The points that count: ``awarded`` less ``late_penalty``, not below zero."""
        return max(0.0, self.awarded - self.late_penalty)


class SubmissionInfo(msgspec.Struct, frozen=True):
    """Whose work a report is about and which files were read."""

    student: str
    path: str
    files: tuple[str, ...] = ()


class PartInfo(msgspec.Struct, frozen=True):
    """A heading of the report."""

    id: str
    title: str


class Provenance(msgspec.Struct, frozen=True):
    """Everything needed to repeat a grading and to defend it.

    ``isolation`` is the level that held while this submission ran; ``walls`` are the kernel mechanisms it consisted
    of, as the worker reported them before any student code ran. ``seed`` is the one given by ``--seed``, or ``None``
    when each criterion drew its own (see ``CriterionResult.seed``). ``started_at`` is UTC, ISO 8601.
    """

    isolation: str
    walls: tuple[str, ...]
    isolation_note: str
    seed: int | None
    seed_source: str
    versions: dict[str, str]
    digests: dict[str, str]
    host: str
    started_at: str


class GradeReport(msgspec.Struct, frozen=True):
    """The whole outcome of grading one submission for one assignment."""

    schema_version: str
    submission: SubmissionInfo
    assignment: str
    assignment_title: str
    parts: tuple[PartInfo, ...]
    results: tuple[CriterionResult, ...]
    score: Score
    findings: tuple[Finding, ...]
    provenance: Provenance
    duration_s: float
    recordings: tuple[Recording, ...] = ()
    """What the notebooks did while they were replayed. OBSERVED: told by a process that student code shares."""
    pictures: tuple[CellPictures, ...] = ()
    """What notebooks store as pictures in the cells that findings are about."""


class Unreadable(msgspec.Struct, frozen=True):
    """A submission that could not be graded at all, and why. ``is_fault``: the grader failed, not the submission."""

    path: str
    message: str
    is_fault: bool = False


class ReportFile(msgspec.Struct, frozen=True):
    """What ``grader run --json`` writes."""

    schema_version: str
    reports: tuple[GradeReport, ...]
    unreadable: tuple[Unreadable, ...] = ()
