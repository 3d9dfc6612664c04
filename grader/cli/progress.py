"""What is shown on standard error while submissions are graded: a live display on a terminal, else a line for each."""

import time
from collections.abc import Callable
from threading import RLock
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from grader.execute import Event, Outcome
from grader.report.view import shown_points, shown_seconds
from grader.results import GradeReport
from grader.session import Job
from grader.text import encodable, safe

_MOST_LINES = 8


class Progress(Protocol):
    """Hears what happens. A context manager around the grading."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing of a live display behind."""

    def heard(self, event: Event) -> None:
        """A submission was begun or is one criterion further. May be called from any thread."""

    def done(self, job: Job, outcome: Outcome) -> None:
        """A submission is done."""


def choose_progress(console: Console, total: int) -> Progress:
    """Return what suits the standard error stream of ``console`` and ``total`` submissions."""
    if console.is_terminal:
        return LiveProgress(console, total)
    return PlainProgress(console.file if total > 1 else None, total)


class PlainProgress:
    """A line for each submission that is done: ``3 of 7  alice: 20 of 20 points``. Nothing where ``file`` is None."""

    def __init__(self, file: IO[str] | None, total: int) -> None:
        self._file = file
        self._total = total
        self._done = 0

    def __enter__(self) -> Self:
        """Show nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Show nothing more."""

    def heard(self, event: Event) -> None:
        """Single criteria are not worth a line."""

    def done(self, job: Job, outcome: Outcome) -> None:
        """Write the line."""
        self._done += 1
        if self._file is not None:
            line = f"{self._done} of {self._total}  {outcome_text(job, outcome)}"
            print(encodable(line, getattr(self._file, "encoding", None) or "utf-8"), file=self._file, flush=True)


class LiveProgress:
    """How many are done, how long the rest may take, and at which criterion each running submission is."""

    def __init__(self, console: Console, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._started = clock()
        self._done = 0
        self._running: dict[Job, Event] = {}
        self._has_begun = self._is_over = False
        # the display reads what it shows under it, and is begun under it
        self._lock = RLock()
        self._live = Live(console=console, get_renderable=self.display, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        """Show nothing yet: the display has a thread, and sessions start as copies of a process that has none."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the display."""
        with self._lock:
            self._is_over = True
        self._live.stop()

    def heard(self, event: Event) -> None:
        """Note how far a submission is; with the first one the display begins."""
        with self._lock:
            self._running[event.job] = event
            if not self._has_begun and not self._is_over:
                self._has_begun = True
                self._live.start()

    def done(self, job: Job, outcome: Outcome) -> None:
        """Count a submission."""
        with self._lock:
            self._running.pop(job, None)
            self._done += 1

    def display(self) -> Group:
        """Return what is shown at this moment."""
        with self._lock:
            running, done = list(self._running.values()), self._done
        lines = [Text(f"{done} of {self._total} graded{self._time_left(done)}")] if self._total > 1 else []
        for event in running[:_MOST_LINES]:
            name = safe(event.job.submission.name or str(event.job.submission), limit=60)
            verdict = f": {event.verdict.lower()}" if event.verdict is not None else ""
            lines.append(Text(f"  {name}  {event.criterion_id or 'starting'}{verdict}", "dim", no_wrap=True))
        if len(running) > _MOST_LINES:
            lines.append(Text(f"  and {len(running) - _MOST_LINES} more", "dim"))
        return Group(*lines)

    def _time_left(self, done: int) -> str:
        """An estimate from the submissions that are done; none before the first and after the last."""
        if done in (0, self._total):
            return ""
        left_s = (self._clock() - self._started) / done * (self._total - done)
        return f", about {shown_seconds(left_s)} left"


def outcome_text(job: Job, outcome: Outcome) -> str:
    """Say in one line how a submission ended."""
    name = safe(job.submission.resolve().name, limit=100)
    if not isinstance(outcome, GradeReport):
        return f"{name}: {'the grader failed' if outcome.is_fault else 'could not be read'}"
    score = outcome.score
    pending = f", {shown_points(score.pending)} pending" if score.pending else ""
    return f"{name}: {shown_points(score.total)} of {shown_points(score.possible)} points{pending}"
