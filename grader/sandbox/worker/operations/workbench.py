"""Where the networks of a submission lie while the session works on them."""

from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from grader.sandbox.wire import Payload, Raised, Returned
from grader.sandbox.worker import operations
from grader.sandbox.worker.loader import Loader
from grader.sandbox.worker.operations.live import Live


class Workbench:
    """The built networks by handle, and what is needed to build more."""

    def __init__(self, root: Path, loader: Loader) -> None:
        """``root`` is the folder of the student's files."""
        self.root = root
        self.loader = loader
        self._networks: dict[str, Live] = {}
        self.replays: dict[str, Any] = {}
        """Files that are being replayed; see :mod:`grader.sandbox.worker.replay`."""
        self.path = ""
        """The file whose code runs now, for what is said about an exception."""

    def put(self, handle: str, network: Live) -> None:
        """Keep ``network`` under ``handle``, in place of what was there."""
        self._networks[handle] = network

    def network(self, handle: str) -> Live:
        """Return the network kept under ``handle``.

        Raises:
            LookupError: there is none.
        """
        if handle not in self._networks:
            raise LookupError(f"no network {handle!r} was built")
        self.path = self._networks[handle].path
        return self._networks[handle]

    def operate(self, operation: str, options: dict[str, Payload]) -> tuple[Returned | Raised, list[np.ndarray]]:
        """Do what was asked; return the answer and the arrays that it refers to."""
        function = operations.find(operation)
        self.path = str(options.get("path", ""))
        started = process_time()
        try:
            result = function(self, **options)
        except BaseException as error:
            return self.loader.raised(error, self.path, started), []
        return self.loader.packed(result, self.path, operation, started)
