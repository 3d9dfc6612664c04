"""Landlock: what this process may read and write, said once and never widened again.

Three system calls, the same on every architecture. An older kernel knows fewer rights; each is demanded from the
version of Landlock (``abi``) that brought it.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.sandbox.worker import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_TRUNCATE = 1 << 14
_IOCTL_DEVICE = 1 << 15
_ON_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE

# (first version, rights it brought)
_FILE_RIGHTS = ((1, (1 << 13) - 1), (2, 1 << 13), (3, _TRUNCATE), (5, _IOCTL_DEVICE), (9, 1 << 16))
_NETWORK_RIGHTS = ((4, 0b11), (10, 0b1100))
_SCOPES = ((6, 0b11),)  # abstract sockets and signals of processes outside


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_files", ctypes.c_uint64),
        ("handled_network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"  # named because Python 3.14 wants it named wherever structures are packed
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the kernel's version of Landlock, 0 if it has none or it is switched off."""
    try:
        return kernel.call("syscall", _CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(*, readable: Iterable[Path], listable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Confine this thread and all it starts, for good. ``no_new_privs`` has to be set.

    ``readable`` files and folders can be read, in ``listable`` folders names can be seen, in ``writable`` ones
    everything can be done but execute, make devices, and leave. Nothing can be executed, no TCP port used, no process
    outside signalled. Paths that do not exist are left out.

    Raises:
        OSError: the kernel refuses, or has no Landlock.
    """
    abi = version()
    handled = _known(_FILE_RIGHTS, abi)
    attributes = _Ruleset(handled, _known(_NETWORK_RIGHTS, abi), _known(_SCOPES, abi))
    ruleset = kernel.call("syscall", _CREATE_RULESET, ctypes.byref(attributes), ctypes.sizeof(attributes), 0)
    try:
        for path in readable:
            _allow(ruleset, path, handled & _READ_FILE)
        for path in listable:
            _allow(ruleset, path, handled & _READ_DIR)
        for path in writable:
            _allow(ruleset, path, handled & ~(_EXECUTE | _IOCTL_DEVICE))
        kernel.call("syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _known(rights: tuple[tuple[int, int], ...], abi: int) -> int:
    return sum(bits for first, bits in rights if abi >= first)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _ON_FILES
        if rights:
            rule = _PathBeneath(rights, parent)
            kernel.call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
