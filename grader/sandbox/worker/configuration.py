"""What the session tells a starting worker: which walls to raise and how high. Sent before anything else."""

from enum import StrEnum

import msgspec


class Wall(StrEnum):
    """One kernel mechanism between student code and the rest of the machine."""

    OWN_KERNEL = "own kernel"
    """Its system calls are answered by gVisor, a program, and never reach the machine's kernel."""
    NAMESPACES = "namespaces"
    """A mount tree with the Python environment only, an empty network, and processes of its own."""
    USER = "own user"
    """A user id shared with nobody else on the machine, and no supplementary groups."""
    SCRATCH = "sized scratch"
    """Files can be written to one file system only, bounded in bytes and in number of files."""
    RESOURCE_LIMITS = "resource limits"
    """Memory, processor time, threads, open files and file size are bounded."""
    CGROUP = "cgroup"
    """Memory and processes of a worker and of all that it starts are bounded together, and end together. Where this
    can be had; no level needs it."""
    NO_CAPABILITIES = "no capabilities"
    """No special right of the super-user, and no way to gain one."""
    LANDLOCK = "landlock"
    """Only named folders can be read and only the scratch written; nothing can be executed."""
    SECCOMP = "seccomp"
    """Only the system calls that numerical Python needs; no new processes, no sockets."""


class Configuration(msgspec.Struct, frozen=True):
    """How one worker confines itself.

    ``scratch`` is the only folder it may write to. ``readable`` are the paths whose content it may read;
    ``listable`` the folders in which it may see names. ``user_id`` is the user and group id to change to, ``None`` to
    stay. ``processes`` bounds processes and threads together, ``None`` where the kernel would count strangers too.
    """

    walls: tuple[Wall, ...]
    scratch: str
    scratch_bytes: int
    scratch_files: int
    readable: tuple[str, ...]
    listable: tuple[str, ...]
    memory_bytes: int
    processor_s: int
    processes: int | None
    user_id: int | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Configuration)


def encode(configuration: Configuration) -> bytes:
    """Return the bytes to send: four of length, little-endian, then msgpack."""
    body = _encoder.encode(configuration)
    return len(body).to_bytes(4, "little") + body


def decode(body: bytes) -> Configuration:
    """Return the configuration in ``body``, which is :func:`encode`'s without the length."""
    return _decoder.decode(body)
