"""The state of grading one submission: its files, its worker, and the results so far."""

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property

import msgspec
import numpy as np

from grader.checks.base import CheckContext
from grader.checks.registry import CHECKS
from grader.checks.student import Loads, Meter, Student, StudentError
from grader.checks.words import sentence
from grader.course.model import Assignment, Course, Criterion, Limits, Part
from grader.grading.audits import audit_notebooks, wanted_headings, with_recordings
from grader.grading.pictures import read_pictures, wanted_pictures
from grader.grading.replays import limits as replay_limits
from grader.grading.replays import replay_all, wanted_models
from grader.grading.seeds import course_secret, criterion_seed
from grader.oracle.run import Case, Oracle, OracleError, draw_cases
from grader.recording.events import Recording, ReplayMode
from grader.results import (
    CellPictures,
    CriterionResult,
    Evidence,
    Feedback,
    Finding,
    Judgement,
    Severity,
    Verdict,
    Visibility,
)
from grader.sandbox import wire
from grader.sandbox.lease import IsolationBroken, Stopped, Worker, makes_copies, start_worker
from grader.sandbox.levels import Isolation
from grader.submission.binding import bind, files_for, manifest_findings, return_order
from grader.submission.discover import Submission
from grader.submission.libraries import libraries_in
from grader.submission.manifest import Manifest

MET = frozenset({Verdict.PASS, Verdict.PARTIAL, Verdict.NEEDS_REVIEW, Verdict.GRADER_FAULT})
"""A criterion that needs another one runs when that one ended so. A pending one blocks nothing: it may be right."""

START_S = 30.0
"""How long a worker may take to start and to receive the files, in seconds. Not charged to any criterion."""
READ_S = 30.0
"""How long reading all sources of a submission may take, in seconds. Not charged to any criterion."""
_FAR_BELOW = 10.0


class Grading:
    """Grades criteria of one submission, one at a time, and remembers what came out.

    Only this object talks to the submission's worker. Results never depend on the order in which criteria are asked
    for: every criterion draws its own cases from its own seed.
    """

    def __init__(
        self,
        course: Course,
        assignment: Assignment,
        submission: Submission,
        manifest: Manifest,
        isolation: Isolation,
        seed: int | None = None,
        again: str = "",
        replay: ReplayMode | None = None,
        only: tuple[str, ...] = (),
        *,
        more_follow: bool = False,
    ) -> None:
        self.replay: ReplayMode = assignment.replay if replay is None else replay
        self._recordings: tuple[Recording, ...] | None = None
        self.course = course
        self.assignment = assignment
        self.submission = submission
        self.manifest = manifest
        self.isolation = isolation
        self.seed = seed
        self.results: dict[str, CriterionResult] = {}
        self.findings: list[Finding] = [*submission.findings, *manifest_findings(manifest, assignment)]
        self.secret, self.seed_source = course_secret(course.root)
        self.hello: wire.Hello | None = None
        self._again = again
        self._more_follow = more_follow
        self._worker: Worker | None = None
        self._asked_in_private = ""
        self._delivered = self._has_ended = False
        self._loads = Loads()
        self._files = {file.path: submission.read(file) for file in files_for(submission, assignment, course)}
        self._libraries = self._needed_libraries(only)
        self._started = time.monotonic()
        self._sources: tuple[wire.SourceFacts, ...] | None = None
        self._picture_places: dict[str, dict[int, int]] = {}
        self._start_worker()

    # --- the worker ---------------------------------------------------------------------------------------------------

    @cached_property
    def _limits(self) -> Limits:
        """The widest limits of any criterion: one worker serves them all."""
        every = [criterion.limits for criterion in self.assignment.criteria]
        return Limits(
            memory_bytes=max(limits.memory_bytes for limits in every),
            processes=max(limits.processes for limits in every),
            output_bytes=max(limits.output_bytes for limits in every),
            total_s=max(limits.total_s for limits in every),
        )

    def _needed_libraries(self, only: tuple[str, ...]) -> tuple[str, ...]:
        """What a worker should have imported already: nothing where only functions are asked for."""
        asked = {name.split(".")[0] for name in only}
        parts = [part for part in self.assignment.parts if not asked or part.id in asked]
        return libraries_in(self._files.items()) if any(part.models or part.plots for part in parts) else ()

    def _start_worker(self) -> Worker:
        hidden = (self.course.root, self.submission.path)
        self._worker = start_worker(self.isolation, self._limits, hidden=hidden, libraries=self._libraries)
        self._delivered = self._has_ended = False
        return self._worker

    def lease(self) -> Worker:
        """Return a living worker that has the submission's files; start one if the last one died.

        Raises:
            Stopped: the submission's total time is used up, or the worker could not take the files.
        """
        left_s = self._limits.total_s - (time.monotonic() - self._started) + sum(self._loads.trusted_s)
        if left_s <= 0:
            raise Stopped(
                Verdict.TIMEOUT, f"the {self._limits.total_s:g} s for the whole submission were used up before this"
            )
        worker = self._worker
        if worker is None or worker.stopped is not None:
            self.close()
            worker = self._start_worker()
        if not self._delivered:
            worker = self._that_has_started(worker)
            worker.deliver(self._files, wall_s=min(START_S, left_s))
            self._delivered = True
        return worker

    def _that_has_started(self, worker: Worker) -> Worker:
        """Return ``worker`` when its walls are up, or another one without libraries if it cannot start with them.

        Some are broken on a machine, or do not stand each other in one process; the student's code may not need them.

        Raises:
            IsolationBroken: no worker starts.
        """
        try:
            self.hello = worker.hello
        except IsolationBroken:
            if not self._libraries:
                raise
            self._libraries = ()
            self.close()
            worker = self._start_worker()
            self.hello = worker.hello
        if self._more_follow:
            worker.start_another()
        return worker

    def close(self) -> None:
        """End the worker, and wait until it is over."""
        self.end()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def end(self) -> None:
        """End the worker without waiting for it. Only :meth:`close` is left to do."""
        worker = self._worker
        if worker is None or self._has_ended:
            return
        self._has_ended = True
        worker.end()
        dropped = worker.output.dropped_bytes
        if dropped:
            kept = worker.output.kept_bytes
            self._add_findings([
                Finding(
                    "output-cut",
                    Severity.NOTE,
                    f"The submission printed {kept + dropped:,} bytes; the first {kept:,} were kept. It costs nothing.",
                    # how much it printed may say what it was asked in a criterion that is not shown
                    criterion_id=self._asked_in_private,
                )
            ])  # fmt: skip

    def _add_findings(self, findings: Iterable[Finding]) -> None:
        known = {(finding.kind, finding.text) for finding in self.findings}
        self.findings.extend(finding for finding in findings if (finding.kind, finding.text) not in known)

    # --- reading ------------------------------------------------------------------------------------------------------

    def sources(self) -> tuple[wire.SourceFacts, ...]:
        """Read the submission's sources behind the walls, once, before any of its code runs."""
        if self._sources is None:
            paths = tuple(path for path in self._files if path.endswith((".py", ".ipynb")))
            worker = self.lease()
            answer = worker.request(wire.Read(paths), wall_s=READ_S).message
            if not isinstance(answer, wire.Reading):
                raise Stopped(Verdict.CRASH, "the sources could not be read")
            self._sources = answer.sources
            headings = wanted_headings(self.assignment, tuple(self._files))
            audited = audit_notebooks(worker, paths, self.assignment.folder, READ_S, headings)
            self.findings += audited.findings
            self._picture_places = audited.pictures
        return self._sources

    def _student(self, part: Part, meter: Meter) -> Student:
        sources = self.sources()
        binding = bind(part, sources, self.manifest)
        order = {function.name: return_order(function, self.manifest) for function in part.functions}
        return Student(part, binding, sources, order, self.lease, meter, self._loads)

    # --- replaying ----------------------------------------------------------------------------------------------------

    def recordings(self) -> tuple[Recording, ...]:
        """Replay the submission's notebooks, once, and return what they did; nothing where the mode is ``none``.

        They run in workers of their own, within times of their own: neither criteria nor the submission's total pay.
        """
        if self._recordings is None:
            started = time.monotonic()
            mode = self.replay
            self._recordings = () if mode == "none" else replay_all(self._replayer, self._files, self.assignment, mode)
            if self._recordings:
                with suppress(Stopped, IsolationBroken):
                    # a recording confirms what the audit found, or adds to it
                    self.sources()
                wanted = wanted_models(self.assignment)
                self.findings = list(with_recordings(self.findings, self._recordings, self._files, wanted))
            self._loads.trusted_s.append(time.monotonic() - started)
        return self._recordings

    @property
    def has_replayed(self) -> bool:
        """Whether :meth:`recordings` has been asked for."""
        return self._recordings is not None

    def _replayer(self) -> Worker:
        hidden = (self.course.root, self.submission.path)
        mentioned = libraries_in(self._files.items())
        worker = start_worker(self.isolation, replay_limits(self.replay), hidden=hidden, libraries=mentioned)
        worker.deliver(self._files, wall_s=START_S)
        return worker

    # --- pictures -----------------------------------------------------------------------------------------------------

    def pictures(self) -> tuple[CellPictures, ...]:
        """Return the pictures that notebooks store in the cells that the findings so far are about.

        They are decoded in a worker of its own, in which nothing of the student's runs.
        """
        wanted = wanted_pictures(self.findings, self._picture_places, self.assignment)
        return read_pictures(self._decoder, self._files, wanted)

    def _decoder(self) -> Worker:
        hidden = (self.course.root, self.submission.path)
        # as a copy of the template that is warm already; where there are no copies, with nothing it does not need
        libraries = self._libraries if makes_copies(self.isolation) else ()
        return start_worker(self.isolation, self._limits, hidden=hidden, libraries=libraries)

    # --- criteria -----------------------------------------------------------------------------------------------------

    def result_of(self, criterion: Criterion) -> CriterionResult:
        """Grade a criterion, and first those it needs; return the remembered result if it was graded before."""
        if criterion.id not in self.results:
            self.results[criterion.id] = self._grade(criterion)
        return self.results[criterion.id]

    def seed_of(self, criterion: Criterion) -> int:
        """The seed of a criterion: the one given for all, else its own."""
        if self.seed is not None:
            return self.seed
        return criterion_seed(self.secret, self.submission.digest, criterion.id)

    def _grade(self, criterion: Criterion) -> CriterionResult:
        for need in criterion.needs:
            needed = self.assignment.criterion(need)
            if self.result_of(needed).verdict not in MET:
                summary = f'Not run: it needs "{needed.title}", which was not met.'
                return self._result(criterion, _failed(Verdict.BLOCKED, Feedback(summary)), Meter(0.0))
        if criterion.visibility is not Visibility.VISIBLE:
            self._asked_in_private = criterion.id
        elif self._asked_in_private:
            # a process that knows what a criterion asked that is not shown could tell it in one that is
            self.close()
            self._asked_in_private = ""
        started = time.monotonic()
        meter = Meter(criterion.limits.wall_s)
        judgement = self._judge(criterion, meter)
        return self._result(criterion, judgement, meter, time.monotonic() - started)

    def _judge(self, criterion: Criterion, meter: Meter) -> Judgement:
        part = next(part for part in self.assignment.parts if criterion in part.criteria)
        seed = self.seed_of(criterion)
        check = CHECKS[criterion.kind]
        try:
            cases = draw_cases(self.assignment.folder, part, criterion.cases, seed)
            oracle = Oracle(self.assignment.folder / (part.oracle or part.cases_file))
            meter.limit_s = _wall_limit(criterion.limits, oracle, part, cases)
            context = CheckContext(
                part,
                criterion,
                cases,
                self._student(part, meter),
                oracle,
                np.random.default_rng([seed, 0]),
                self.assignment.folder,
                self._files,
                self.recordings,
            )
            return check.judge(check.observe(context), criterion)
        except StudentError as error:
            return _failed(error.verdict, error.feedback, error.evidence)
        except Stopped as stopped:
            return _failed(stopped.verdict, Feedback(sentence(stopped.message)))
        except (OracleError, IsolationBroken) as error:
            return _grader_fault(str(error))
        except Exception as error:  # a bug of ours must cost nobody a mark
            return _grader_fault(f"{type(error).__name__}: {error}")

    def _result(
        self, criterion: Criterion, judgement: Judgement, meter: Meter, duration_s: float = 0.0
    ) -> CriterionResult:
        seed = self.seed_of(criterion)
        self._add_findings(
            msgspec.structs.replace(finding, criterion_id=criterion.id) for finding in judgement.findings
        )
        feedback = judgement.feedback
        if judgement.verdict is not Verdict.PASS and self._again:
            again = f"{self._again} --only {criterion.id} --seed {seed}"
            feedback = msgspec.structs.replace(feedback, again=again)
        return CriterionResult(
            criterion_id=criterion.id,
            part_id=criterion.id.split(".")[0],
            title=criterion.title,
            verdict=judgement.verdict,
            awarded=judgement.fraction * criterion.points,
            possible=criterion.points,
            evidence=judgement.evidence,
            feedback=feedback,
            feedback_level=criterion.feedback,
            visibility=criterion.visibility,
            seed=seed,
            rubric_line=str(criterion.source),
            measurements=judgement.measurements,
            exhibits=judgement.exhibits,
            private=judgement.private,
            usage=meter.usage(),
            duration_s=duration_s,
        )


def _wall_limit(limits: Limits, oracle: Oracle, part: Part, cases: tuple[Case, ...]) -> float:
    """The floor, or the multiple of the reference's own time on the same cases if that is longer, in seconds."""
    if limits.times_reference is None:
        return limits.wall_s
    largest_first = sorted(cases, key=lambda case: case.size_bytes, reverse=True)
    for done, case in enumerate(largest_first):
        left_s = oracle.spent_s / done * (len(cases) - done) if done else np.inf
        if _FAR_BELOW * limits.times_reference * (oracle.spent_s + left_s) < limits.wall_s:
            # those that are left are no larger, and the floor is far above what all of them could add up to
            break
        for function in part.functions:
            if case.inputs.keys() >= set(function.accepts):
                oracle.outputs(function, case)
    return max(limits.wall_s, limits.times_reference * oracle.spent_s)


def _failed(verdict: Verdict, feedback: Feedback, evidence: Evidence = Evidence.OBSERVED) -> Judgement:
    return Judgement(verdict, 0.0, evidence, feedback)


def _grader_fault(why: str) -> Judgement:
    feedback = Feedback("The grader itself failed here; no point is lost. A person has to look at it.")
    return Judgement(Verdict.GRADER_FAULT, 0.0, Evidence.OBSERVED, feedback, private=why)
