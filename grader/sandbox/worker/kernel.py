"""Calls of the Linux kernel that Python has no name for, through the C library that Python itself uses."""

import ctypes
import os

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

MS_NOSUID, MS_NODEV, MS_REMOUNT = 2, 4, 32

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


def remount(folder: str, options: str) -> None:
    """Change the options of the file system mounted at ``folder``. Raises ``OSError`` if the kernel refuses."""
    call("mount", b"none", os.fsencode(folder), b"tmpfs", MS_REMOUNT | MS_NOSUID | MS_NODEV, options.encode())


def clear_capabilities() -> None:
    """Give up every capability, those that could be had later included. Raises ``OSError`` if the kernel refuses."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
