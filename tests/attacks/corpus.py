"""The attacks: what each one wants, and how it has to end.

An attack is what somebody could hand in. It lies in ``corpus/<area>/`` and is one of three things:

``<name>.py``
    handed in as ``layer.py``
``<name>/``
    handed in as it is
``<name>/`` with a ``prepare.py``
    handed in after ``prepare(folder, target)`` has made in ``folder`` what cannot be in a repository: links, pipes,
    names that do not print. It may also have ``while_graded(folder, target, over)``, which runs beside the grading
    until the event ``over`` is set, and ``NAME``, the name of the folder that is handed in.

The docstring of ``<name>.py``, of ``prepare.py`` or else of ``layer.py`` says what the attack wants, and then::

    Expects: outputs PASS, loss CRASH or TIMEOUT
    Says: PermissionError

``Expects:`` names the verdict of each criterion that the attack touches. PASS stands only where the work is honest; a
criterion that is not named earns nothing. ``Expects: unreadable`` is a submission that is refused as a whole.
Two lines may be left out. ``Says:`` is what the report says of a named criterion or of the refusal. ``Needs:
super-user`` is an attack that only the super-user can prepare.

Files of an area whose names begin with ``_`` go with each of its attacks. Every attack finds ``target.json`` beside
itself: the paths, ports and process ids that somebody who knows the machine
would know. What reaches something that it must not reach raises an error that says ``got through``.
"""

import ast
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from grader.results import Verdict
from tests.attacks.course import FILE, POINTS, SHOWN

CORPUS = Path(__file__).parent / "corpus"
TARGET = "target.json"
BREAKTHROUGH = "got through"
"""What an attack says that reached what it wanted."""
UNREADABLE = "unreadable"


class Target(msgspec.Struct, frozen=True):
    """What an attacker knows of the machine. Paths are absolute."""

    course: str
    neighbour: str
    home: str
    grader: str
    open_folder: str
    """Everybody may write into it, as far as its own mode goes."""
    victim: int
    """A process of the user who grades."""
    tcp: int
    udp: int
    abstract: str
    socket: str
    """The path of a named socket."""


class Attack(msgspec.Struct, frozen=True):
    """One attack. ``expects`` holds the verdicts allowed by criterion; it is empty where the submission is refused.

    ``may_be_refused``: it may be graded or refused, as it happens.
    """

    name: str
    area: str
    path: Path
    aim: str
    expects: dict[str, tuple[Verdict, ...]]
    says: str = ""
    may_be_refused: bool = False

    @property
    def earns(self) -> int:
        """The points of its honest part: of what it must pass, and of the hidden criterion on the same function."""
        passed = [name for name, verdicts in self.expects.items() if verdicts == (Verdict.PASS,)]
        return sum(POINTS[name] for name in [*passed, *(["zebra"] if "outputs" in passed else [])])

    def hand_in(self, submissions: Path, target: Target) -> Path:
        """Put it among ``submissions`` and return its folder."""
        folder = submissions / self.folder
        if self.path.is_dir():
            shutil.copytree(self.path, folder, ignore=shutil.ignore_patterns("prepare.py", "__pycache__"))
        else:
            folder.mkdir()
            shutil.copy(self.path, folder / FILE)
        for shared in self.path.parent.glob("_*.py"):
            shutil.copy(shared, folder)
        (folder / TARGET).write_bytes(msgspec.json.encode(target))
        if self._builder is not None:
            self._builder.prepare(folder, target)
        return folder

    @property
    def folder(self) -> str:
        """The name of the folder that is handed in, which is the student's."""
        name: str = getattr(self._builder, "NAME", self.name)
        return name

    @property
    def companion(self) -> Any:
        """What runs beside the grading, or ``None``."""
        return getattr(self._builder, "while_graded", None)

    @property
    def _builder(self) -> ModuleType | None:
        file = self.path / "prepare.py"
        return _module(file) if file.exists() else None


def areas() -> list[str]:
    """Return the names of the areas."""
    return sorted(folder.name for folder in CORPUS.iterdir() if folder.is_dir() and folder.name[0] not in "._")


def attacks(area: str) -> list[Attack]:
    """Return the attacks of one area, in order of their names.

    Raises:
        ValueError: one of them does not say what it expects.
    """
    entries = [entry for entry in (CORPUS / area).iterdir() if entry.name[0] not in "._"]
    found = [read(entry, area) for entry in sorted(entries)]
    return [attack for attack in found if attack is not None]


def read(entry: Path, area: str) -> Attack | None:
    """Return the attack that lies at ``entry``, ``None`` if this user cannot prepare it.

    Raises:
        ValueError: it does not say what it wants and what it expects.
    """
    described = entry
    if entry.is_dir():
        described = entry / "prepare.py" if (entry / "prepare.py").exists() else entry / FILE
    text = ast.get_docstring(ast.parse(described.read_text("utf-8"))) or ""
    aim, _, lines = text.partition("\n\n")
    said = dict(line.split(": ", 1) for line in lines.splitlines())
    if not aim or "Expects" not in said or set(said) - {"Expects", "Says", "Needs"}:
        raise ValueError(f"{described} does not say what it wants and what it expects")
    if said.get("Needs") == "super-user" and os.geteuid() != 0:
        return None
    verdicts, may_be_refused = _verdicts(said["Expects"], described)
    return Attack(entry.stem, area, entry, aim.replace("\n", " "), verdicts, said.get("Says", ""), may_be_refused)


def _verdicts(text: str, path: Path) -> tuple[dict[str, tuple[Verdict, ...]], bool]:
    found = {}
    certain = text.removesuffix(f" or {UNREADABLE}")
    for entry in certain.split(", ") if text != UNREADABLE else ():
        criterion, _, verdicts = entry.partition(" ")
        if criterion not in SHOWN:
            raise ValueError(f"{path}: '{criterion}' is no criterion; there are {', '.join(SHOWN)}")
        found[criterion] = tuple(Verdict(verdict) for verdict in verdicts.split(" or "))
    return found, certain != text


def _module(file: Path) -> ModuleType:
    name = f"prepare_{file.parent.name}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]
