"""The student's side as a check sees it: named inputs go in, named outputs come back.

Behind it is a worker behind walls. A worker that died is replaced, so that one criterion's crash does not cost the
next one; what went wrong becomes a :class:`StudentError` that carries the verdict and the words for it.
"""

import importlib.util
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np

from grader.checks.words import count_of, describe, sentence
from grader.course.model import FunctionSpec, Part
from grader.oracle.run import Inputs
from grader.results import Evidence, Feedback, Usage, Verdict
from grader.sandbox import wire
from grader.sandbox.lease import Stopped, Worker
from grader.submission.binding import Ambiguous, Binding, Bound, NotFound, Outcome, Unreadable

CALLS_PER_REQUEST = 64
"""How many calls travel in one request. A request is answered within what is left of the criterion's time."""


FRAMEWORKS = {
    "torch": "pip install 'grader[torch]'",
    "torchvision": "pip install 'grader[torch]'",
    "keras": "pip install 'grader[keras]'",
    "tensorflow": "pip install 'grader[keras]'",
    "matplotlib": "pip install 'grader[torch]' or 'grader[keras]'",
}
"""What student code may need beside NumPy, and how this machine comes to have it."""


class StudentError(Exception):
    """The student's side could not answer. Becomes the criterion's verdict."""

    def __init__(self, verdict: Verdict, feedback: Feedback, evidence: Evidence = Evidence.OBSERVED) -> None:
        super().__init__(feedback.summary)
        self.verdict = verdict
        self.feedback = feedback
        self.evidence = evidence


class Meter(msgspec.Struct):
    """Counts what the student's side used for one criterion, against ``limit_s`` seconds of wall clock. Time that the
    oracle or the harness takes is not counted."""

    limit_s: float
    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0

    @property
    def left_s(self) -> float:
        """Seconds left for the student's side, never negative."""
        return max(self.limit_s - self.wall_s, 0.0)

    def usage(self) -> Usage:
        """What was used so far."""
        return Usage(wall_s=self.wall_s, cpu_s=self.cpu_s, calls=self.calls)


class FailedLoad(msgspec.Struct, frozen=True):
    """A file that did not load within ``limit_s`` seconds, or not at all."""

    error: StudentError
    limit_s: float


class Loads(msgspec.Struct, frozen=True):
    """What is known about the files of one submission, shared by all of its criteria: in which worker a file has been
    run, and which ones failed, so that an endless import is waited for once."""

    loaded_in: dict[tuple[str, ...], Worker] = msgspec.field(default_factory=dict)
    failed: dict[tuple[str, ...], FailedLoad] = msgspec.field(default_factory=dict)
    built: dict[str, tuple[Worker, Any]] = msgspec.field(default_factory=dict)
    """Networks by handle, and the worker that holds each; see :mod:`grader.checks.student_models`."""
    described: dict[tuple[str, str], tuple[Worker, Any]] = msgspec.field(default_factory=dict)
    """What networks answered when their descriptions were questioned; see :mod:`grader.checks.described`."""
    trained: dict[tuple[str, ...], Any] = msgspec.field(default_factory=dict)
    """What trained networks make of the test images, where nothing was drawn; see :mod:`grader.checks.trained`."""
    trusted_s: list[float] = msgspec.field(default_factory=list)
    """Seconds that the trusted side took for long work of its own. The submission's total time does not pay for it."""


class Student:
    """Calls the functions of one part. ``lease`` returns a worker that has the submission's files, a fresh one if
    the last one died."""

    def __init__(
        self,
        part: Part,
        binding: Binding,
        sources: tuple[wire.SourceFacts, ...],
        return_order: Mapping[str, tuple[str, ...]],
        lease: Callable[[], Worker],
        meter: Meter,
        loads: Loads,
    ) -> None:
        self.part = part
        self.binding = binding
        self.sources = sources
        self.meter = meter
        self._return_order = return_order
        self._lease = lease
        self.loads = loads

    def bound(self, function: FunctionSpec) -> Bound:
        """Return where the student's function is.

        Raises:
            StudentError: it is nowhere (MISSING), in several places (NEEDS_REVIEW), or its file cannot be read (CRASH).
        """
        return self.place_of(self.binding.functions[function.name])

    def place_of(self, outcome: Outcome) -> Bound:
        """Return where something was found; raises as :meth:`bound`."""
        match outcome:
            case Bound() as bound:
                return bound
            case NotFound(message=message):
                raise StudentError(Verdict.MISSING, Feedback(sentence(message)), Evidence.CLAIMED)
            case Ambiguous(message=message):
                raise StudentError(Verdict.NEEDS_REVIEW, Feedback(sentence(message)), Evidence.CLAIMED)
            case Unreadable(message=message, problem=problem):
                facts = (f"    {problem.quote}",) if problem.quote else ()
                raise StudentError(Verdict.CRASH, Feedback(sentence(message), facts=facts))

    def outputs(
        self, function: FunctionSpec, many: list[Inputs], only: str | None = None
    ) -> list[dict[str, wire.Payload]]:
        """Call the student's function on one set of inputs after another and return its outputs by name.

        With ``only``, that output has to be right; the others need not travel and may be ``None``.

        Raises:
            StudentError: the function is not there, raised, ran out of a limit, or returned something else.
        """
        bound = self.bound(function)
        worker = self.worker_with(bound)
        order = self._return_order[function.name]
        wanted = (order.index(only),) if only in order and len(order) > 1 else ()
        payloads: list[wire.Payload] = []
        while len(payloads) < len(many):
            arrays: list[np.ndarray] = []
            asked = many[len(payloads) : len(payloads) + CALLS_PER_REQUEST]
            known: dict[int, wire.Value] = {}
            calls = tuple(
                tuple(_pack_once(inputs[name], arrays, known) for name in function.accepts) for inputs in asked
            )
            call = wire.Call(bound.path, bound.name, calls, wanted)
            frame = self._ask(worker, call, arrays, f"{bound.name} ran")
            match frame.message:
                case wire.Returned(results=results, cpu_s=cpu_s) if 0 < len(results) <= len(calls):
                    self.meter.cpu_s += cpu_s
                    self.meter.calls += len(results)
                    payloads += self._unpacked(worker, results, frame.arrays)
                case wire.Raised() as raised:
                    self.meter.cpu_s += raised.cpu_s
                    raise _raised(f"{bound.name} raised", raised)
                case other:
                    raise _stopped(worker.reject(f"it answered {len(calls)} calls with {type(other).__name__}"))
        return [self._named(function, bound, payload) for payload in payloads]

    @property
    def places(self) -> tuple[Bound, ...]:
        """Where everything is that was found of what the part asks for."""
        binding = self.binding
        kinds = (binding.functions, binding.models, binding.trainers, binding.plots)
        return tuple(place for kind in kinds for place in kind.values() if isinstance(place, Bound))

    def worker(self) -> Worker:
        """Return a living worker that has the submission's files, whatever of them has been run in it.

        Raises:
            StudentError: there is none to be had.
        """
        try:
            return self._lease()
        except Stopped as stopped:
            raise _stopped(stopped) from None

    def worker_with(self, bound: Bound) -> Worker:
        """Return a living worker in which the file of ``bound`` has been run.

        Raises:
            StudentError: there is none to be had, or the file does not load.
        """
        worker = self.worker()
        names = tuple(dict.fromkeys(place.name for place in self.places if place.path == bound.path))
        # a file runs once, but of a notebook only what each part asks for
        key = (bound.path, *names) if bound.path.endswith(".ipynb") else (bound.path,)
        if self.loads.loaded_in.get(key) is worker:
            return worker
        if (failure := self.loads.failed.get(key)) is not None and self.meter.limit_s <= failure.limit_s:
            raise failure.error
        try:
            self._load(worker, bound, names)
        except StudentError as error:
            self.loads.failed[key] = FailedLoad(error, self.meter.limit_s)
            raise
        self.loads.loaded_in[key] = worker
        return worker

    def operate(
        self, worker: Worker, operation: str, options: Mapping[str, Any], *, doing: str, raised: str
    ) -> wire.Payload:
        """Have ``worker`` do one of its operations; return what it says. ``doing`` and ``raised`` are for messages.

        Raises:
            StudentError: the student's code raised, ran out of a limit, or the answer was not one.
        """
        arrays: list[np.ndarray] = []
        message = wire.Operate(operation, {name: wire.pack(value, arrays) for name, value in options.items()})
        frame = self._ask(worker, message, arrays, doing)
        match frame.message:
            case wire.Returned(results=(result,), cpu_s=cpu_s):
                self.meter.cpu_s += cpu_s
                self.meter.calls += 1
                return self._unpacked(worker, (result,), frame.arrays)[0]
            case wire.Raised() as error:
                self.meter.cpu_s += error.cpu_s
                raise _raised(raised, error)
            case other:
                raise self.rejected(worker, f"it answered an operation with {type(other).__name__}")

    def rejected(self, worker: Worker, why: str) -> StudentError:
        """End a worker whose answer is none; return what to raise."""
        return _stopped(worker.reject(why))

    def _load(self, worker: Worker, bound: Bound, names: tuple[str, ...]) -> None:
        frame = self._ask(worker, wire.Load(bound.path, names), [], f"{bound.path} was being imported")
        match frame.message:
            case wire.Loaded(missing=missing, cpu_s=cpu_s):
                self.meter.cpu_s += cpu_s
                if bound.name in missing:
                    raise StudentError(
                        Verdict.MISSING,
                        Feedback(f"After {bound.path} ran, {bound.name} was not a function that can be called."),
                    )
            case wire.Raised() as raised:
                self.meter.cpu_s += raised.cpu_s
                raise _raised(f"{bound.path} does not import: it raised", raised)
            case other:
                raise _stopped(worker.reject(f"it answered a load with {type(other).__name__}"))

    def _ask(
        self, worker: Worker, message: wire.Load | wire.Call | wire.Operate, arrays: list[np.ndarray], doing: str
    ) -> wire.Frame:
        started = time.monotonic()
        try:
            return worker.request(message, arrays, wall_s=self.meter.left_s)
        except Stopped as stopped:
            if stopped.verdict is Verdict.TIMEOUT:
                what = f"While {doing}, the {self.meter.limit_s:g} s allowed for this criterion ran out."
                raise StudentError(Verdict.TIMEOUT, Feedback(what)) from None
            raise StudentError(stopped.verdict, Feedback(f"While {doing}: {stopped.message}.")) from None
        finally:
            self.meter.wall_s += time.monotonic() - started

    def _unpacked(
        self, worker: Worker, results: tuple[wire.Result, ...], arrays: tuple[np.ndarray, ...]
    ) -> list[wire.Payload]:
        payloads: list[wire.Payload] = []
        first = 0
        try:
            for result in results:
                # a negative number of arrays would let one call's answer reach into another's
                own = arrays[first : first + max(result.arrays, 0)]
                payloads.append(wire.unpack(result.value, own))
                first += len(own)
        except wire.ProtocolError as error:
            raise _stopped(worker.reject(str(error))) from None
        return payloads

    def _named(self, function: FunctionSpec, bound: Bound, payload: wire.Payload) -> dict[str, wire.Payload]:
        """Name the values that came back, in the order of the handout or the one declared in submission.yaml."""
        order = self._return_order[function.name]
        asked = f"the handout asks for {count_of(len(function.returns), 'value')}: {', '.join(function.returns)}"
        if len(order) == 1:
            return {order[0]: payload}
        if isinstance(payload, dict) and set(order) <= set(payload):
            return {name: payload[name] for name in order}
        values: tuple[wire.Payload, ...] | None = None
        if isinstance(payload, tuple):
            values = payload
        elif isinstance(payload, np.ndarray) and payload.ndim:
            values = tuple(payload) if len(payload) == len(order) else None
        if values is not None and len(values) == len(order):
            return dict(zip(order, values, strict=True))
        raise StudentError(Verdict.MISSING, Feedback(f"{bound.name} returned {describe(payload)}; {asked}."))


def _pack_once(value: Any, arrays: list[np.ndarray], known: dict[int, wire.Value]) -> wire.Value:
    """Pack an input. Finite differences change one array from call to call: what is the same object travels once.

    ``known`` are the values that were packed, by their ``id``; they must stay alive meanwhile.
    """
    if id(value) not in known:
        if isinstance(value, Mapping):
            items = {name: _pack_once(item, arrays, known) for name, item in value.items()}
            known[id(value)] = wire.Mapping(items)
        else:
            known[id(value)] = wire.pack(value, arrays)
    return known[id(value)]


def _not_installed(raised: wire.Raised) -> str | None:
    """Return the package that students may well use, and that this machine does not have."""
    found = re.fullmatch(r"No module named '(\w+)[\w.]*'", raised.message)
    if raised.type_name != "ModuleNotFoundError" or found is None or found[1] not in FRAMEWORKS:
        return None
    return found[1] if importlib.util.find_spec(found[1]) is None else None


def _stopped(stopped: Stopped) -> StudentError:
    return StudentError(stopped.verdict, Feedback(sentence(stopped.message)))


def _raised(doing: str, raised: wire.Raised) -> StudentError:
    if (missing := _not_installed(raised)) is not None:
        summary = f"It needs {missing}, which is not installed beside the grader, so a person will look at it."
        how = f"Installed beside the grader, with {FRAMEWORKS[missing]}, this can be graded; no point is lost."
        return StudentError(Verdict.NEEDS_REVIEW, Feedback(summary, facts=(how,)))
    verdict = Verdict.MEMORY if _wants_memory(raised) else Verdict.CRASH
    message = f": {raised.message}" if raised.message else ""
    facts = []
    for place in raised.where[-4:]:
        cell = f", cell {place.cell}" if place.cell is not None else ""
        facts.append(f"{place.path}{cell}, line {place.line}, in {place.function}")
        if place.quote:
            facts.append(f"    {place.quote}")
    return StudentError(verdict, Feedback(f"{doing} {raised.type_name}{message}", facts=tuple(facts)))


def _wants_memory(raised: wire.Raised) -> bool:
    """Whether there was no memory left. NumPy and TensorFlow have names of their own for it, PyTorch only words."""
    names = ("MemoryError", "_ArrayMemoryError", "ResourceExhaustedError", "OutOfMemoryError")
    return raised.type_name in names or "can't allocate memory" in raised.message
