"""Finished trainings, kept in the user's cache, so that a regeneration that was ended goes on from there."""

import contextlib
import os
import tempfile
from pathlib import Path

import msgspec
import platformdirs

from grader.oracle.job import Job
from grader.oracle.record import Run


class Store:
    """A folder with one file for each finished training, named by everything that its result depends on.

    A file that cannot be read counts as absent. The folder may be deleted at any time.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or platformdirs.user_cache_path("grader", appauthor=False) / "reference"

    def get(self, job: Job) -> Run | None:
        """Return the result of ``job`` if it has been done before."""
        try:
            return msgspec.json.decode(self._path(job).read_bytes(), type=Run)
        except (OSError, msgspec.DecodeError):
            return None

    def put(self, job: Job, run: Run) -> None:
        """Keep a result. The file is there as a whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        path = self._path(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(run))
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise

    def keep(self, job: Job, run: Run) -> None:
        """Keep a result if that can be done. A cache that is full or read-only only costs time."""
        with contextlib.suppress(OSError):
            self.put(job, run)

    def _path(self, job: Job) -> Path:
        return self.folder / job.assignment / f"{job.experiment}-{job.digest[:32]}.json"
