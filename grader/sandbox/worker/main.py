"""The worker's side of the conversation: raise the walls, say hello, answer requests one at a time.

Everything before :func:`serve` runs before a single byte of a student has been read. Everything after it shares the
process with student code, so nothing here is trusted by the session: it reads the answers as it would a stranger's.
"""

import os
import platform
import random
import socket
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec
import numpy as np

# found before the walls are up: behind them, the folder that it lies in cannot be listed
import grader.transplant  # noqa: F401
from grader.sandbox import wire
from grader.sandbox.worker import configuration, walls

if TYPE_CHECKING:
    from grader.sandbox.worker.loader import Loader
    from grader.sandbox.worker.operations.workbench import Workbench

FULL_ANSWER_BYTES = 32 * 2**20
"""Results beyond this wait for the next request, so that many calls fit into a frame as well as one large one."""
CONNECTION = 3
"""The descriptor of the conversation; 0 is ``/dev/null``, 1 and 2 are pipes, and there are no others."""


def work(connection: socket.socket, *, separate: bool) -> None:
    """Be one worker until the session hangs up. ``separate``: as a copy that needs namespaces of its own."""
    length = int.from_bytes(_receive(connection, 4), "little")
    wanted = configuration.decode(bytes(_receive(connection, length)))
    raised = walls.raise_walls(wanted, is_copy=separate)
    root, temporary = Path(wanted.scratch, "submission"), Path(wanted.scratch, "temporary")
    root.mkdir()
    temporary.mkdir()
    os.environ.update(HOME=wanted.scratch, TMPDIR=str(temporary))
    os.chdir(root)
    # bubblewrap's addition to an environment that is otherwise the session's choice
    os.environ.pop("PWD", None)
    # code that draws without a seed of its own gets the same numbers every time, in a copy as in a first process
    random.seed(0)
    np.random.seed(0)
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    _send(connection, 0, wire.Hello(wire.PROTOCOL, raised, versions))
    serve(connection, root)


def serve(connection: socket.socket, root: Path) -> None:
    """Answer requests until the session closes ``connection``. ``root`` is the folder of the student's files."""
    # kept from before any student code: it may replace what ``sys`` names
    flushes = (sys.stdout.flush, sys.stderr.flush)
    desk = Desk(root)
    while True:
        try:
            frame = _receive_frame(connection)
        except EOFError:
            return
        reply, arrays = desk.answer(frame)
        for flush in flushes:
            flush()
        _send(connection, frame.seq, reply, arrays)


class Desk:
    """Answers one request after another; holds what has been loaded."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._loader: Loader | None = None
        self._workbench: Workbench | None = None

    def answer(self, frame: wire.Frame) -> tuple[wire.Reply, list[np.ndarray]]:
        """Do what ``frame`` asks. Student code runs in here."""
        match frame.message:
            case wire.Deliver(paths=paths):
                deliver(self._root, paths, frame.arrays)
                return wire.Delivered(), []
            case wire.Read(paths=paths):
                from grader.sandbox.worker import reader

                return reader.read(self._root, paths), []
            case wire.Load(path=path, names=names):
                return self._loaded().load(path, names), []
            case wire.Call() as call:
                return self._call_each(call, frame.arrays)
            case wire.Operate(operation=operation, options=options):
                given = {name: wire.unpack(value, frame.arrays) for name, value in options.items()}
                return self._operated().operate(operation, given)
            case other:
                raise wire.ProtocolError(f"{type(other).__name__} is not a request")

    def _call_each(
        self, call: wire.Call, given: tuple[np.ndarray, ...]
    ) -> tuple[wire.Returned | wire.Raised, list[np.ndarray]]:
        """Make the calls in order, until one raises or the answer is full."""
        results: list[wire.Result] = []
        arrays: list[np.ndarray] = []
        cpu_s, size_bytes = 0.0, 0
        for arguments in call.calls:
            payloads = tuple(wire.unpack(argument, given) for argument in arguments)
            answer, more = self._loaded().call(call.path, call.function, payloads, call.wanted)
            cpu_s += answer.cpu_s
            if isinstance(answer, wire.Raised):
                return msgspec.structs.replace(answer, cpu_s=cpu_s), []
            size_bytes += sum(array.nbytes for array in more)
            if results and (size_bytes > FULL_ANSWER_BYTES or len(arrays) + len(more) > wire.MAX_ARRAYS):
                break
            results += answer.results
            arrays += more
        return wire.Returned(tuple(results), cpu_s), arrays

    def _loaded(self) -> "Loader":
        from grader.sandbox.worker.loader import Loader

        if self._loader is None:
            self._loader = Loader(self._root)
        return self._loader

    def _operated(self) -> "Workbench":
        from grader.sandbox.worker.operations.workbench import Workbench

        if self._workbench is None:
            self._workbench = Workbench(self._root, self._loaded())
        return self._workbench


def deliver(root: Path, paths: tuple[str, ...], contents: tuple[np.ndarray, ...]) -> None:
    """Write ``contents[i]`` to ``root / paths[i]``.

    Raises:
        ProtocolError: a path is absolute or climbs out of ``root``, or the numbers of paths and contents differ.
    """
    if len(paths) != len(contents):
        raise wire.ProtocolError(f"{len(paths)} paths with {len(contents)} contents")
    for path, content in zip(paths, contents, strict=True):
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise wire.ProtocolError(f"{path[:200]!r} does not stay in the submission's folder")
        target = root / pure
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.tobytes())


def _receive(connection: socket.socket, length: int) -> bytearray:
    received = bytearray(length)
    view = memoryview(received)
    while view:
        count = connection.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return received


def _receive_frame(connection: socket.socket) -> wire.Frame:
    header_bytes, body_bytes = wire.parse_prefix(bytes(_receive(connection, wire.PREFIX.size)))
    header = bytes(_receive(connection, header_bytes))
    return wire.parse_frame(header, _receive(connection, body_bytes))


def _send(connection: socket.socket, seq: int, reply: wire.Reply, arrays: list[np.ndarray] | None = None) -> None:
    for buffer in wire.encode(seq, reply, arrays or []):
        connection.sendall(buffer)
