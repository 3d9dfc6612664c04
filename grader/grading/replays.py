"""Replaying a submission's notebooks: cell by cell in a worker of their own, told by it, read as a stranger's.

The worker serves nothing else: what a notebook does to its frameworks touches no criterion. A notebook that cannot be
replayed costs nothing and says so.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from grader.checks.given import given_files
from grader.checks.words import sentence
from grader.course.model import Assignment, Limits
from grader.data.catalogue import DataSetName
from grader.data.errors import DataError
from grader.data.load import load
from grader.grading.asking import OperationRaised, ask
from grader.oracle.networks import reference_network
from grader.oracle.run import OracleError
from grader.recording.bind import Wanted, bind
from grader.recording.causes import with_causes
from grader.recording.decode import CellOutline, decode_cell, decode_outline, record_of
from grader.recording.events import Cause, CellRecord, Failure, Recording, ReplayMode
from grader.recording.structure import array_shapes, parameters_of, signature_of
from grader.results import Verdict
from grader.sandbox.lease import Stopped, Worker

_NO_RECORD = "the worker did not answer with a record"
_EXPORTED = re.compile(rb"^# (?:%%|In ?\[[ \d]*\]:|<codecell>)", re.MULTILINE)
_DATA_SETS: tuple[tuple[DataSetName, str, "re.Pattern[bytes]"], ...] = (
    ("fashion-mnist", "fashion_mnist", re.compile(rb"(?i)fashion")),
    ("mnist", "mnist", re.compile(rb"(?i)(?<!fashion)(?<!fashion[-_ ])mnist")),
)
"""The data sets by our name and Python's, and what in a file says that it may ask for one."""

MEMORY_BYTES = 6 * 2**30
"""What a replay may use: a notebook keeps several copies of its images, and both frameworks may be loaded."""
PROCESSES = 256
GRACE_S = 20.0
"""How long a worker may take, after a cell's time, to interrupt it and to tell what happened."""


class Allowance(NamedTuple):
    """Seconds of wall clock: for getting ready, for one cell, and for all of them."""

    start_s: float
    cell_s: float
    total_s: float


ALLOWANCES: Mapping[ReplayMode, Allowance] = {
    "definitions": Allowance(60.0, 30.0, 120.0),
    "quick": Allowance(60.0, 60.0, 300.0),
    "full": Allowance(60.0, 3_600.0, 4 * 3_600.0),
}


def limits(mode: ReplayMode) -> Limits:
    """Return what the worker of a replay may use."""
    allowance = ALLOWANCES[mode]
    return Limits(
        total_s=allowance.start_s + allowance.total_s + GRACE_S, memory_bytes=MEMORY_BYTES, processes=PROCESSES
    )


def can_be_replayed(path: str, content: bytes) -> bool:
    """Whether a file is a notebook, or a script that was exported from one."""
    return path.endswith(".ipynb") or (path.endswith(".py") and _EXPORTED.search(content) is not None)


def replay_all(
    start: Callable[[], Worker], files: Mapping[str, bytes], assignment: Assignment, mode: ReplayMode
) -> tuple[Recording, ...]:
    """Replay every notebook among ``files``, each in a worker that ``start`` gives and that has the files."""
    wanted = wanted_models(assignment)
    given = _Given(_given_images(files), given_files(assignment.folder, (".ipynb",)))
    recordings = []
    for path, content in files.items():
        if not can_be_replayed(path, content):
            continue
        started = time.monotonic()
        cells: list[CellRecord] = []
        problem = ""
        try:
            with start() as worker:
                # what was told before the worker ended counts
                cells.extend(_replayed(worker, path, given, mode))
        except (Stopped, ValueError) as error:
            problem = str(error)
        except Exception as error:  # a bug of ours must cost nobody a mark
            problem = f"the grader itself failed ({type(error).__name__}: {error})"
        done = with_causes(cells)
        ended = next((cell for cell in done if cell.status == "ended the process"), None)
        if ended is not None and ended.failure is not None:
            problem = f"it ended in cell {ended.number}: {ended.failure.message}"
        wall_s = time.monotonic() - started
        recordings.append(Recording(path, mode, done, bind(done, wanted), sentence(problem) if problem else "", wall_s))
    return tuple(recordings)


def wanted_models(assignment: Assignment) -> tuple[Wanted, ...]:
    """Return what the rubric asks for, with the structure of its reference where one is recorded."""
    wanted = []
    for part in assignment.parts:
        for spec in part.models:
            try:
                network = reference_network(assignment.folder, spec)
                own, parameters = signature_of(network), parameters_of(array_shapes(network))
            except OracleError:
                # a model can be bound by its name as well
                own, parameters = (), 0
            names = tuple(dict.fromkeys((spec.name, spec.build, *spec.also)))
            wanted.append(Wanted(part.id, part.title, spec.name, names, own, parameters))
    return tuple(wanted)


class _Given(NamedTuple):
    """What a worker is given besides the submission: images by data set, and what students start from."""

    images: dict[str, dict[str, np.ndarray]]
    notebooks: dict[str, np.ndarray]


def _replayed(worker: Worker, path: str, given: _Given, mode: ReplayMode) -> Iterator[CellRecord]:
    allowance = ALLOWANCES[mode]
    options: dict[str, Any] = {"path": path, "mode": mode, "data": given.images, "given": given.notebooks}
    outlines = decode_outline(_asked(worker, "start_replay", options, allowance.start_s))
    ends_at = time.monotonic() + allowance.total_s
    is_over = False
    for outline in outlines:
        left_s = min(allowance.cell_s, ends_at - time.monotonic())
        if is_over or left_s <= 1.0:
            yield record_of(outline, status="not run")
            continue
        record = _run(worker, path, outline, left_s)
        is_over = record.status == "ended the process"
        yield record


def _run(worker: Worker, path: str, outline: CellOutline, seconds: float) -> CellRecord:
    options = {"path": path, "number": outline.number, "seconds": seconds}
    try:
        return decode_cell(_asked(worker, "run_cell", options, seconds + GRACE_S), outline)
    except Stopped as stopped:
        return _ended(outline, stopped)
    except ValueError as error:
        return _ended(outline, worker.reject(str(error)))


_CAUSES: Mapping[Verdict, Cause] = {Verdict.TIMEOUT: "budget", Verdict.MEMORY: "surroundings"}


def _ended(outline: CellOutline, stopped: Stopped) -> CellRecord:
    failure = Failure(stopped.verdict.value, (), stopped.message[:2_000], 0, "")
    cause = _CAUSES.get(stopped.verdict, "code")
    return record_of(outline, status="ended the process", failure=failure, cause=cause)


def _given_images(files: Mapping[str, bytes]) -> dict[str, dict[str, np.ndarray]]:
    """Return the data sets that the submission's sources name."""
    sources = [content for path, content in files.items() if path.endswith((".py", ".ipynb"))]
    found = {}
    for name, python_name, pattern in _DATA_SETS:
        if any(pattern.search(content) for content in sources):
            try:
                dataset = load(name, "full")
            except DataError:
                dataset = load(name)
            fields = ("train_images", "train_labels", "test_images", "test_labels")
            found[python_name] = {field: getattr(dataset, field) for field in fields}
    return found


def _asked(worker: Worker, operation: str, options: Mapping[str, Any], wall_s: float) -> bytes:
    """Return the JSON that a worker answers with.

    Raises:
        Stopped: the worker ended.
        ValueError: its answer is none.
    """
    try:
        answer = ask(worker, operation, options, wall_s, none=_NO_RECORD)
    except OperationRaised as raised:
        if raised.type_name == "UnreadableSourceError":
            raise ValueError(f"it cannot be read: {raised.text}") from None
        raise ValueError(f"replaying it raised {raised}") from None
    match answer:
        case np.ndarray(dtype=np.dtypes.UInt8DType(), ndim=1) as data:
            return data.tobytes()
        case _:
            raise ValueError(_NO_RECORD)
