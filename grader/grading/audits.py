"""The audit of a submission's notebooks: facts from its worker, findings from :mod:`grader.audit`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from grader.checks.given import given_files
from grader.checks.text import TextOptions
from grader.course.model import Assignment
from grader.grading.asking import OperationRaised, ask
from grader.grading.pictures import places_of_pictures
from grader.recording.bind import Wanted
from grader.recording.events import Recording
from grader.results import Finding, Location, Severity, Visibility
from grader.sandbox.lease import Stopped, Worker

NOT_AUDITED = "not-audited"
MAX_SEARCHED = 2**21
"""Characters of a notebook that are searched for words that excuse what a recording shows: that takes two seconds."""
_LONGEST_LINE = 1_000
_NOT_DESCRIBED = "the worker did not describe it"


def wanted_headings(assignment: Assignment, files: Sequence[str]) -> tuple[str, ...]:
    """Return the headings that the ``text`` criteria of an assignment ask a submission's only notebook to have.

    None is asked for where one of several will do, where students are not to know of the criterion, and where the
    submission has other ``files`` with text.
    """
    if sum(path.endswith((".ipynb", ".md")) for path in files) != 1:
        return ()
    wanted: dict[str, None] = {}
    for criterion in (criterion for part in assignment.parts for criterion in part.criteria):
        options = criterion.options
        if (
            isinstance(options, TextOptions)
            and isinstance(options.section, str)
            and criterion.visibility is Visibility.VISIBLE
        ):
            wanted[options.section.rpartition(">")[2].strip()] = None
    return tuple(wanted)


class Audited(NamedTuple):
    """What the audit finds, and by notebook which pictures belong beside which cells (:func:`places_of_pictures`)."""

    findings: tuple[Finding, ...]
    pictures: dict[str, dict[int, int]]


def audit_notebooks(
    worker: Worker, paths: Sequence[str], folder: Path, wall_s: float, headings: Sequence[str] = ()
) -> Audited:
    """Return what the audit finds in the notebooks among ``paths``, which were delivered to ``worker``.

    Nothing of them is run. A notebook that cannot be audited within ``wall_s`` seconds costs nothing and says so.

    Args:
        worker: in which none of the student's code has run yet.
        paths: the submission's files.
        folder: the assignment's, whose ``starter`` holds the notebooks that students start from.
        wall_s: how long reading them may take.
        headings: those that a notebook is to have.
    """
    notebooks = [path for path in paths if path.endswith(".ipynb")]
    if not notebooks:
        return Audited((), {})
    # its patterns take a tenth of a second to compile
    from grader.audit.audit import audit
    from grader.audit.facts import decode

    findings: list[Finding] = []
    pictures: dict[str, dict[int, int]] = {}
    for path in notebooks:
        try:
            notebook = decode(_facts(worker, path, folder, wall_s))
            pictures[path] = places_of_pictures(notebook)
            findings += audit(notebook, headings)
        except (Stopped, ValueError) as error:
            findings.append(_not_audited(path, str(error)))
        except Exception as error:  # a bug of ours must cost nobody a mark
            findings.append(_not_audited(path, f"the grader itself failed ({type(error).__name__}: {error})"))
    return Audited(tuple(findings), pictures)


def with_recordings(
    findings: Sequence[Finding],
    recordings: Sequence[Recording],
    files: Mapping[str, bytes],
    wanted: Sequence[Wanted] = (),
) -> tuple[Finding, ...]:
    """Return ``findings`` with what the recordings of a submission's ``files`` add to them; ``wanted`` are the models
    that the rubric asks for."""
    if not recordings:
        return tuple(findings)
    from grader.audit.recorded import with_recorded

    known = tuple(findings)
    for recording in recordings:
        source, why = without_pictures(files[recording.path].decode(errors="replace")), ""
        if len(source) > MAX_SEARCHED:
            why = f"without its pictures it has {len(source):,} characters, and at most {MAX_SEARCHED:,} are searched"
        else:
            try:
                known = with_recorded(known, recording, source, wanted)
            except Exception as error:  # a bug of ours must cost nobody a mark
                why = f"the grader itself failed ({type(error).__name__}: {error})"
        if why:
            text = f"{recording.path} was not compared with its recording: {why}. It costs nothing."
            known = (*known, Finding(NOT_AUDITED, Severity.NOTE, text, where=Location(recording.path)))
    return known


def without_pictures(source: str) -> str:
    """Return a notebook's file without the lines that store pictures, which are most of many notebooks."""
    return "\n".join(
        line for line in source.split("\n") if len(line) <= _LONGEST_LINE or not line.lstrip().startswith('"image/')
    )


def _facts(worker: Worker, path: str, folder: Path, wall_s: float) -> bytes:
    """Return one notebook's facts as the worker tells them.

    Raises:
        Stopped: the worker ended.
        ValueError: its answer is none.
    """
    options = {"paths": (path,), "given": given_files(folder, (".ipynb",))}
    try:
        answer = ask(worker, "read_notebook", options, wall_s, none=_NOT_DESCRIBED)
    except OperationRaised as raised:
        raise ValueError(f"reading it raised {raised}") from None
    match answer:
        case (np.ndarray(dtype=np.dtypes.UInt8DType(), ndim=1) as data,):
            return data.tobytes()
        case _:
            raise ValueError(_NOT_DESCRIBED)


def _not_audited(path: str, why: str) -> Finding:
    return Finding(
        NOT_AUDITED,
        Severity.NOTE,
        f"{path} was not compared with its own outputs: {why}. It costs nothing.",
        where=Location(path),
    )
