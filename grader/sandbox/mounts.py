"""What exists inside the walls. The plan is a pure function of a few facts about the machine.

Inside are the system's libraries, the Python environment, and the worker's own few files, all read-only. Not inside
are home folders, the course, its references and tests, submissions, and the rest of this project. Where one of those
lies in a folder that has to be there (a course under ``/usr/share``, this project in ``site-packages``), it is covered
by an empty folder.
"""

import importlib.util
import os
import py_compile
import shutil
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import msgspec

CODE = Path("/worker")
"""Where the worker's own files are, inside."""
SCRATCH = Path("/scratch")
"""The only folder that can be written to, inside."""
PACKAGE = Path(__file__).resolve().parent.parent
"""This project's package."""

_SYSTEM = ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix/store", "gnu/store")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "mime.types")
_PYTHON = ("bin", "lib", "lib32", "lib64", "pyvenv.cfg")
_CODE = ("__init__.py", "sandbox/__init__.py", "sandbox/wire", "sandbox/worker", "transplant")


class Bind(msgspec.Struct, frozen=True):
    """The file or folder ``source`` of the machine, read-only, at ``at``."""

    source: Path
    at: Path


class Link(msgspec.Struct, frozen=True):
    """A symbolic link at ``at`` that says ``target``."""

    target: str
    at: Path


class Cover(msgspec.Struct, frozen=True):
    """An empty folder at ``at``, over what would be there."""

    at: Path


Mount: TypeAlias = Bind | Link | Cover


class PythonFolder(msgspec.Struct, frozen=True):
    """A folder that the interpreter or its libraries live in: as it is named, as it resolves, and those of its
    entries that Python itself needs."""

    at: Path
    source: Path
    parts: tuple[str, ...]


class Machine(msgspec.Struct, frozen=True):
    """Facts about this machine that the plan depends on. Gathered by :func:`look`.

    ``system`` are folders and settings that exist; ``links`` the top-level symbolic links among them, as in
    ``/bin -> usr/bin``; ``executables`` the symbolic links on the way to the interpreter, and last the interpreter;
    ``package`` is this project's package and ``code`` the worker's own files in it, relative to ``package``.
    """

    system: tuple[Path, ...]
    links: tuple[tuple[Path, str], ...]
    python: tuple[PythonFolder, ...]
    executables: tuple[Path, ...]
    package: Path
    code: tuple[str, ...]


def plan(machine: Machine, hidden: Iterable[Path]) -> tuple[Mount, ...]:
    """Return what to mount so that nothing of ``hidden`` (resolved folders) can be reached, in the order to do it.

    Parents come before what lies in them, so that a cover never hides something that has to be there.
    """
    return _plan(machine, frozenset(path for path in hidden if _lies_in_what_is_mounted(path, machine)))


def _lies_in_what_is_mounted(path: Path, machine: Machine) -> bool:
    mounted = (*machine.system, *(place for folder in machine.python for place in (folder.at, folder.source)))
    return any(path.is_relative_to(folder) for folder in mounted)


@lru_cache(maxsize=64)
def _plan(machine: Machine, hidden: frozenset[Path]) -> tuple[Mount, ...]:
    secrets = sorted({machine.package, *hidden})
    binds = [Bind(folder, folder) for folder in machine.system]
    for folder in machine.python:
        for at in (folder.at, folder.source):
            if folder.source in secrets:
                binds += [Bind(folder.source / part, at / part) for part in folder.parts]
            else:
                binds.append(Bind(folder.source, at))
    binds += [Bind(machine.executables[-1], executable) for executable in machine.executables]
    covers = [
        Cover(bind.at / secret.relative_to(bind.source))
        for bind in binds
        for secret in secrets
        if secret != bind.source and secret.is_relative_to(bind.source)
    ]
    links = [Link(target, at) for at, target in machine.links]
    code = [Bind(machine.package / part, CODE / "grader" / part) for part in machine.code]
    everything: list[Mount] = [*links, *covers, *binds, *code]
    by_place = {mount.at: mount for mount in everything}
    kept: list[Mount] = []
    for mount in sorted(by_place.values(), key=lambda mount: (len(mount.at.parts), mount.at)):
        around = nearest(kept, mount.at)
        redundant = around is not None and isinstance(mount, Cover) == isinstance(around, Cover)
        if not redundant:
            kept.append(mount)
    return tuple(kept)


def nearest(mounts: Iterable[Mount], path: Path) -> Mount | None:
    """Return the mount that ``path`` lies in or is: of several the innermost, ``None`` if there is none."""
    around = [mount for mount in mounts if path.is_relative_to(mount.at)]
    return max(around, key=lambda mount: len(mount.at.parts), default=None)


def bound(mounts: Iterable[Mount]) -> tuple[Path, ...]:
    """Return the places of ``mounts`` that hold something of the machine."""
    return tuple(mount.at for mount in mounts if isinstance(mount, Bind))


def granted(plan: Iterable[Mount], hidden: Iterable[Path], entries: Callable[[Path], Iterable[Path]]) -> set[Path]:
    """Return the paths of the machine that together hold what ``plan`` would mount, and nothing of ``hidden``.

    For Landlock, which can allow a folder but cannot except anything in it: a folder around a hidden one is replaced
    by its entries. ``entries`` lists a folder.
    """
    secrets = tuple(hidden)
    waiting = [mount.source for mount in plan if isinstance(mount, Bind) and not mount.at.is_relative_to(CODE)]
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if any(secret != path and secret.is_relative_to(path) for secret in secrets):
            waiting += entries(path)
        elif path not in secrets:
            found.add(path)
    return found


def copy_code(machine: Machine, to: Path) -> None:
    """Copy the worker's own files to the folder ``to``, for a worker that has no mounts of its own."""
    for part in machine.code:
        source, target = machine.package / part, to / "grader" / part
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def look(executable: Path | None = None) -> Machine:
    """Gather the facts about this machine and the interpreter that is running."""
    top = [Path("/", name) for name in _SYSTEM]
    links = {path: str(path.readlink()) for path in top if path.is_symlink()}
    folders = [path for path in top if path.is_dir() and path not in links]
    settings = [path for name in _SETTINGS if (path := Path("/etc", name)).exists()]
    prefixes = [_plain(name) for name in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)]
    places = dict.fromkeys(path for path in (*prefixes, *_libraries()) if path.is_dir())
    return Machine(
        system=(*folders, *settings),
        links=tuple(links.items()),
        python=tuple(_python_folder(path) for path in places),
        executables=_chain(executable or interpreter()),
        package=PACKAGE,
        code=_CODE,
    )


def extra_libraries() -> tuple[Path, ...]:
    """Return the library folders that Python would not search by itself, such as those of ``pip install --user``."""
    prefixes = (_plain(sys.prefix), _plain(sys.base_prefix))
    return tuple(path for path in _libraries() if not any(path.is_relative_to(prefix) for prefix in prefixes))


def interpreter() -> Path:
    """Return the path of the interpreter that is running, as a worker is to be started with it."""
    return _plain(sys.executable)


def _libraries() -> list[Path]:
    return [_plain(name) for name in sys.path if Path(name).name in ("site-packages", "dist-packages")]


def _plain(name: str) -> Path:
    """Return an absolute path without ``..``, as a mount needs it: ``../venv/bin/python`` is a usual way to call
    Python. The last part may be a link and stays one: that is how Python knows its virtual environment."""
    path = Path(name)
    return path if path.is_absolute() and ".." not in path.parts else path.parent.resolve() / path.name


def _python_folder(at: Path) -> PythonFolder:
    source = at.resolve()
    return PythonFolder(at, source, tuple(name for name in _PYTHON if (source / name).exists()))


def _chain(executable: Path) -> tuple[Path, ...]:
    """Return ``executable`` and what each symbolic link on the way to the real file points to."""
    chain = [executable]
    while chain[-1].is_symlink():
        chain.append(Path(os.path.normpath(chain[-1].parent / chain[-1].readlink())))
    chain.append(executable.resolve())
    return tuple(dict.fromkeys(chain))


def compile_code(machine: Machine) -> None:
    """Compile the worker's own files where that has not been done: nobody but a worker imports them, and a worker
    cannot write. Where this user cannot either, workers start some milliseconds later."""
    sources = [machine.package / part for part in machine.code if part.endswith(".py")]
    for folder in (machine.package / part for part in machine.code if not Path(part).suffix):
        sources += folder.rglob("*.py")
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with suppress(OSError, py_compile.PyCompileError):
                py_compile.compile(str(source), doraise=True)
