"""Shows trainings while they run: bars on a terminal, one line for each event anywhere else."""

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

    from grader.oracle.job import Job, Message
    from grader.oracle.schedule import Started


class View(Protocol):
    """Something that shows what happens, between ``__enter__`` and ``__exit__``."""

    def __enter__(self) -> "View": ...

    def __exit__(self, *exception: object) -> None: ...

    def show(self, job: "Job", event: "Message | Started") -> None:
        """Show one event of one training."""


def view(console: "Console", count: int) -> View:
    """Return the view that suits ``console``, for ``count`` trainings."""
    return Bars(console, count) if console.is_terminal else Lines(console, count)


class Bars:
    """A bar for all trainings, and one for each that runs: epochs, loss, time left."""

    def __init__(self, console: "Console", count: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(16),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            speed_estimate_period=3600.0,
        )
        self._all = self._progress.add_task("trainings", total=count, loss="")
        self._tasks: dict[Job, TaskID] = {}

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def show(self, job: "Job", event: "Message | Started") -> None:
        """Move the bars."""
        from grader.oracle.job import EpochDone, Failed
        from grader.oracle.schedule import Started

        if isinstance(event, Started):
            self._tasks[job] = self._progress.add_task(job.title, total=job.epochs, loss="")
        elif isinstance(event, EpochDone):
            self._progress.update(self._tasks[job], completed=event.epoch, loss=_loss(event.loss))
        else:
            self._progress.remove_task(self._tasks.pop(job))
            self._progress.advance(self._all)
            if isinstance(event, Failed):
                self._progress.console.print(f"{job.title}: failed: {event.reason}", markup=False)


class Lines:
    """A line for each epoch, with the time left of its training, and for each end."""

    def __init__(self, console: "Console", count: int) -> None:
        self._console = console
        self._count = count
        self._ended = 0
        self._started: dict[Job, float] = {}

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def show(self, job: "Job", event: "Message | Started") -> None:
        """Print a line, except for a start."""
        from grader.oracle.job import EpochDone, Failed
        from grader.oracle.schedule import Started

        if isinstance(event, Started):
            self._started[job] = time.monotonic()
            return
        if isinstance(event, EpochDone):
            left = self._seconds_left(job, event.epoch)
            text = f"epoch {event.epoch} of {job.epochs}, {_loss(event.loss)}, about {duration(left)} left"
        else:
            self._ended += 1
            how = f"failed: {event.reason}" if isinstance(event, Failed) else "finished"
            text = f"{how} ({self._ended} of {self._count})"
        self._console.print(f"{job.title}: {text}", markup=False, soft_wrap=True)

    def _seconds_left(self, job: "Job", epoch: int) -> float:
        """Estimate from the epochs after the first, which comes with the start of the process."""
        now = time.monotonic()
        if epoch == 1:
            per_epoch, self._started[job] = now - self._started[job], now
        else:
            per_epoch = (now - self._started[job]) / (epoch - 1)
        return per_epoch * (job.epochs - epoch)


def duration(seconds: float) -> str:
    """Return ``seconds`` for people: ``8 s``, ``4 min``, ``2.5 h``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _loss(loss: float | None) -> str:
    return "loss not finite" if loss is None else f"loss {loss:.4f}"
