"""Calls of the Linux kernel that Python has no name for, through the C library that Python itself uses."""

import ctypes
import errno
import os
from contextlib import suppress

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID = 0x10000000, 0x20000000

_MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_RECURSIVE, _MS_PRIVATE = 2, 4, 8, 32, 0x4000, 0x40000

_READ_ALL_MESSAGES = 3
_MOST_ARENAS = -8
_CAPABILITY_VERSION_3 = 0x20080522
_library = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call the C function ``name``; integers are passed as C longs.

    Raises:
        OSError: it returned a negative number.
    """
    converted = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = int(getattr(_library, name)(*converted))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def prctl(option: int, *arguments: object) -> None:
    """Set a property of this process. Raises ``OSError`` if the kernel refuses."""
    call("prctl", option, *arguments, *([0] * (4 - len(arguments))))


def mount_scratch(folder: str, options: str, *, again: bool) -> None:
    """Mount a file system in memory at ``folder``, or change the options of the one that is there (``again``).

    Raises:
        OSError: the kernel refuses.
    """
    flags = _MS_NOSUID | _MS_NODEV | (_MS_REMOUNT if again else 0)
    call("mount", b"none", os.fsencode(folder), b"tmpfs", flags, options.encode())


def mount_processes() -> None:
    """Mount a view of this process's own namespace at ``/proc``. Raises ``OSError`` if the kernel refuses."""
    call("mount", b"none", b"/proc", b"proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, None)


def keep_mounts() -> None:
    """Let no mount of this namespace be seen in another one. Raises ``OSError`` if the kernel refuses."""
    call("mount", b"none", b"/", None, _MS_RECURSIVE | _MS_PRIVATE, None)


def share_one_arena() -> None:
    """Let all threads take memory from one place: glibc would reserve 64 MiB of addresses for each of them."""
    # other C libraries have neither the habit nor the call
    with suppress(AttributeError):
        call("mallopt", _MOST_ARENAS, 1)


def messages() -> bytes:
    """Return the last of the kernel's own messages. Raises ``OSError`` if it keeps them secret."""
    buffer = ctypes.create_string_buffer(4096)
    length = call("klogctl", _READ_ALL_MESSAGES, buffer, len(buffer))
    return buffer.raw[:length]


def clear_capabilities() -> None:
    """Give up every capability, those that could be had later included. Raises ``OSError`` if the kernel refuses."""
    try:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    except OSError as error:
        # gVisor knows no ambient capabilities, so that there are none to give up
        if error.errno != errno.EINVAL:
            raise
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
