"""A process that this one has started, or that is a copy of such a one: how it ended, and how it is ended."""

import os
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

import msgspec

from grader.sandbox import bubblewrap
from grader.sandbox.worker.template import Ended

_SIGNALS = frozenset(signal.valid_signals())
_UNKNOWN_CODE = -1
_ENDING_S = 2.0
_LONGEST_ENDED = 100


class Ending(msgspec.Struct, frozen=True):
    """How a process ended. ``signal_number`` is 0 if it exited by itself, with ``exit_code``."""

    exit_code: int
    signal_number: int
    peak_memory_bytes: int
    processor_s: float


class Streams(msgspec.Struct, frozen=True):
    """The descriptors that become a process's standard input, output and error."""

    input: int
    output: int
    errors: int


class Process:
    """One such process, the first of a session of its own."""

    def __init__(
        self,
        command: Sequence[str],
        streams: Streams,
        environment: Mapping[str, str],
        *,
        passed: tuple[int, ...] = (),
        inside: int | None = None,
    ) -> None:
        """Start ``command``. ``passed`` are descriptors that it keeps besides its ``streams``; ``inside`` is the read
        end of bubblewrap's ``--info-fd``, which this object closes.

        Raises:
            OSError: it cannot be started. ``inside`` is still the caller's.
        """
        self._ending: Ending | None = None
        self._started = subprocess.Popen(
            command,
            stdin=streams.input,
            stdout=streams.output,
            stderr=streams.errors,
            pass_fds=passed,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        self._inside = inside
        self.process_id = self._started.pid

    @classmethod
    def in_namespaces(
        cls,
        arguments: Sequence[str],
        command: Sequence[str],
        streams: Streams,
        environment: Mapping[str, str],
        *,
        passed: tuple[int, ...] = (),
    ) -> Self:
        """Start ``command`` in the world that bubblewrap builds of ``arguments``.

        Raises:
            OSError: it cannot be started.
        """
        executable = bubblewrap.find()
        if executable is None:
            raise FileNotFoundError("bubblewrap is not there")
        inside, inside_far = os.pipe()
        with os.fdopen(inside_far, "wb"), tempfile.TemporaryFile() as told:
            told.write(bubblewrap.encode([*arguments, "--info-fd", str(inside_far)]))
            told.seek(0)
            prefix = [str(executable), "--args", str(told.fileno()), "--"]
            descriptors = (told.fileno(), inside_far, *passed)
            try:
                return cls([*prefix, *command], streams, environment, passed=descriptors, inside=inside)
            except OSError:
                os.close(inside)
                raise

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the process ended, or ``None`` if it has not within ``wall_s`` seconds."""
        deadline = time.monotonic() + wall_s
        while self._ending is None:
            try:
                pid, status, usage = os.wait4(self.process_id, os.WNOHANG)
            except ChildProcessError:
                # whatever else runs in this process has waited for every child there was
                self._started.returncode = _UNKNOWN_CODE
                self._ending = Ending(_UNKNOWN_CODE, 0, 0, 0.0)
                break
            if pid:
                self._started.returncode = os.waitstatus_to_exitcode(status)
                self._ending = _ending(self._started.returncode, usage)
            elif time.monotonic() >= deadline:
                break
            else:
                time.sleep(0.001)
        return self._ending

    def kill(self) -> None:
        """End the process and everything in its namespace. Safe to call twice."""
        if self.wait(0) is not None:
            return
        if self._inside is not None:
            bubblewrap.kill_inside(self._inside, self.process_id)
            if self.wait(_ENDING_S) is not None:
                return
        # it leads a session of its own: without a process namespace, this reaches what it may have started
        with suppress(ProcessLookupError):
            os.killpg(self.process_id, signal.SIGKILL)
        while self.wait(_ENDING_S) is None:
            pass

    def close(self) -> None:
        """End it and close what was opened for it. Safe to call twice."""
        self.kill()
        self.forget()

    def forget(self) -> None:
        """Close what was opened for it; it lives on. Safe to call twice."""
        if self._inside is not None:
            os.close(self._inside)
            self._inside = None


class Starter(Protocol):
    """A process that makes copies of itself. They end with it."""

    def wait(self, wall_s: float) -> Ending | None:
        """Return how it ended, or ``None`` if it has not within ``wall_s`` seconds."""


class Copy:
    """A process that is a copy of ``starter``, whoever asked for it."""

    def __init__(self, handle: int, ended: int, starter: Starter) -> None:
        """Take over ``handle``, by which the kernel knows the process (a pidfd), and ``ended``, the read end of a pipe
        into which ``starter`` writes how it ended."""
        self.process_id = number_of(handle)
        self._descriptors = [handle, ended]
        self._starter = starter
        self._ending: Ending | None = None

    def watched(self) -> int:
        """Return a descriptor that becomes readable when the process is over, for the caller to close."""
        return os.dup(self._descriptors[1])

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the process ended, or ``None`` if it has not within ``wall_s`` seconds."""
        if self._ending is None and self._descriptors:
            _, ended = self._descriptors
            if select.select([ended], [], [], wall_s)[0]:
                told = os.read(ended, _LONGEST_ENDED)
                self._ending = _told(told) if told else self._starter.wait(_ENDING_S)
        return self._ending

    def end(self) -> None:
        """Have the kernel end the process and everything in its namespace, and do not wait for it: a large one takes
        some hundredths of a second. Safe to call twice."""
        if self._descriptors and self.wait(0) is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptors[0], signal.SIGKILL)

    def kill(self) -> None:
        """End the process and everything in its namespace. Safe to call twice."""
        self.end()
        self.wait(_ENDING_S)

    def close(self) -> None:
        """End it and close what was opened for it. Safe to call twice."""
        self.kill()
        self.forget()

    def forget(self) -> None:
        """Close what was opened for it; it lives on. Safe to call twice."""
        while self._descriptors:
            os.close(self._descriptors.pop())


def number_of(handle: int) -> int:
    """Return the number that the process behind a pidfd has here; in its own namespace it has another."""
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pid:")).split()[1])


def _told(told: bytes) -> Ending:
    ended = msgspec.msgpack.decode(told, type=Ended)
    code = os.waitstatus_to_exitcode(ended.status)
    return Ending(code, max(0, -code), ended.peak_bytes, ended.processor_s)


def _ending(returncode: int, usage: "resource.struct_rusage") -> Ending:
    # bubblewrap passes a signal on as shells do, as an exit code of 128 and more
    number = -returncode if returncode < 0 else returncode - 128 if returncode - 128 in _SIGNALS else 0
    return Ending(returncode, number, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)
