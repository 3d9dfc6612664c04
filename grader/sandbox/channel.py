"""One conversation with one worker, as seen by the session: send, wait, and keep reading what it prints.

The other end is hostile. It may stop in the middle of a frame, answer twice, answer before it was asked, print without
end, or die; each of these ends the conversation with a :class:`Stopped` that says which, and none can make this side
wait past its deadline or hold more than the limits allow.
"""

import os
import selectors
import socket
import time
from collections.abc import Sequence

import msgspec

from grader.results import Verdict
from grader.sandbox import wire

_CHUNK_BYTES = 2**18


class Stopped(Exception):
    """The worker is gone, and why: ``verdict`` is TIMEOUT, MEMORY or CRASH, ``message`` a sentence for the student."""

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.message = message


class HungUp(Exception):
    """The worker's end is closed, or its process is over, and no complete answer had arrived."""


class Output(msgspec.Struct, frozen=True):
    """What a worker printed: the beginning of it, standard output and error as they arrived, and how much followed."""

    text: str
    kept_bytes: int
    dropped_bytes: int


class Channel:
    """The session's end of the conversation. Used by one thread; ``stop`` is the only way out after an exception."""

    def __init__(self, connection: socket.socket, outputs: Sequence[int], keep_bytes: int) -> None:
        """Take over ``connection`` and the read ends ``outputs`` of the worker's pipes. ``keep_bytes`` of the output
        are kept."""
        self._connection = connection
        self._connection.setblocking(False)
        self._outputs = set(outputs)
        self._ending: int | None = None
        self._keep_bytes = keep_bytes
        self._kept = bytearray()
        self._dropped_bytes = 0
        self._over = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(connection, selectors.EVENT_READ)
        for descriptor in outputs:
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)

    def watch(self, ending: int) -> None:
        """Take over ``ending``, a descriptor that becomes readable when the process is over."""
        self._ending = ending
        self._selector.register(ending, selectors.EVENT_READ)

    @property
    def output(self) -> Output:
        """What has been read of the worker's output so far."""
        return Output(self._kept.decode("utf-8", "replace"), len(self._kept), self._dropped_bytes)

    def exchange(self, buffers: Sequence[bytes | memoryview], *, deadline: float) -> wire.Frame:
        """Send ``buffers`` and return the next frame; read the output meanwhile.

        Raises:
            TimeoutError: ``deadline`` (of :func:`time.monotonic`) passed first.
            HungUp: the worker ended without a complete answer.
            ProtocolError: it sent something that is not one frame, or sent before it was asked.
        """
        if buffers and self._has_unread():
            raise wire.ProtocolError("it sent something before it was asked")
        unsent = [memoryview(buffer) for buffer in buffers if len(buffer)]
        incoming = _Incoming()
        while True:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if unsent else 0)
            self._selector.modify(self._connection, events)
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            frame = None
            for key, ready in self._selector.select(left_s):
                if key.fileobj is self._connection:
                    if ready & selectors.EVENT_WRITE:
                        self._send(unsent)
                    if ready & selectors.EVENT_READ:
                        frame = self._read(incoming)
                elif key.fileobj == self._ending:
                    self._over = True
                    self._selector.unregister(self._ending)
                else:
                    self._read_output(key.fd)
            if frame is None and self._over:
                frame = self._drain(incoming)
            if frame is not None:
                if self._has_unread():
                    raise wire.ProtocolError("it sent more than one answer")
                return frame

    def read_output(self) -> None:
        """Read what the worker has printed and is still in its pipes, without waiting for more."""
        for descriptor in tuple(self._outputs):
            # a pipe that never runs dry belongs to a process that is still there, and is not waited for
            for _ in range(64):
                if not self._read_output(descriptor):
                    break

    def close(self) -> None:
        """Close every descriptor of the conversation."""
        self._selector.close()
        self._connection.close()
        for descriptor in self._outputs:
            os.close(descriptor)
        self._outputs.clear()
        if self._ending is not None:
            os.close(self._ending)
            self._ending = None

    def _send(self, unsent: list[memoryview]) -> None:
        try:
            sent = self._connection.send(unsent[0])
        except BlockingIOError:
            return
        except OSError:
            # the answer may still say why: go on reading, and let the end of the process speak
            unsent.clear()
            return
        unsent[0] = unsent[0][sent:]
        if not unsent[0]:
            del unsent[0]

    def _read(self, incoming: "_Incoming") -> wire.Frame | None:
        try:
            chunk = self._connection.recv(min(incoming.missing_bytes, _CHUNK_BYTES))
        except BlockingIOError:
            return None
        except OSError:
            raise HungUp from None
        if not chunk:
            raise HungUp
        return incoming.feed(chunk)

    def _drain(self, incoming: "_Incoming") -> wire.Frame:
        """Read what a process that is over had still sent."""
        self.read_output()
        while self._has_unread():
            if (frame := self._read(incoming)) is not None:
                return frame
        raise HungUp

    def _has_unread(self) -> bool:
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def _read_output(self, descriptor: int) -> bool:
        try:
            chunk = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            self._selector.unregister(descriptor)
            self._outputs.discard(descriptor)
            os.close(descriptor)
            return False
        room = self._keep_bytes - len(self._kept)
        self._kept += chunk[:room]
        self._dropped_bytes += max(0, len(chunk) - room)
        return True


class _Incoming:
    """A frame as it arrives. Nothing is allocated for bytes that have only been announced."""

    def __init__(self) -> None:
        self._lengths: tuple[int, int] | None = None
        self._header: bytes | None = None
        self._received = bytearray()
        self.missing_bytes = wire.PREFIX.size

    def feed(self, chunk: bytes) -> wire.Frame | None:
        """Take the next ``chunk``, of at most ``missing_bytes``; return the frame when this completes it."""
        self._received += chunk
        self.missing_bytes -= len(chunk)
        while not self.missing_bytes:
            received, self._received = self._received, bytearray()
            if self._lengths is None:
                self._lengths = wire.parse_prefix(bytes(received))
                self.missing_bytes = self._lengths[0]
            elif self._header is None:
                self._header = bytes(received)
                self.missing_bytes = self._lengths[1]
            else:
                return wire.parse_frame(self._header, received)
        return None
