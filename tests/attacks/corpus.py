"""The attacks: what each one wants, and how it has to end.

An attack is what somebody could hand in. It lies in ``<area>/`` of a corpus and is one of three things:

``<name>.py``
    handed in as the file that is asked for, such as ``layer.py``
``<name>/``
    handed in as it is
``<name>/`` with a ``prepare.py``
    handed in after ``prepare(folder, target)`` has made in ``folder`` what cannot be in a repository: links, pipes,
    names that do not print. It may also have ``while_graded(folder, target, over)``, which runs beside the grading
    until the event ``over`` is set, and ``NAME``, the name of the folder that is handed in.

The docstring of ``<name>.py``, of ``prepare.py`` or else of the file that is
asked for says what the attack wants, and then::

    Expects: outputs PASS, loss CRASH or TIMEOUT
    Says: PermissionError

``Expects:`` names the verdict of each criterion that the attack touches. PASS stands only where the work is honest; a
criterion that is not named earns nothing. ``Expects: unreadable`` is a submission that is refused as a whole.
Three lines may be left out. ``Says:`` is what the report says of a named criterion or of the refusal. ``Needs:
super-user`` is an attack that only the super-user can prepare. ``Observed:`` names criteria that believe what they are
told, so that a lie passes them: their results must carry the word OBSERVED, and nothing but them may be gained.

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
from tests.attacks.ground import Ground

TARGET = "target.json"
BREAKTHROUGH = "got through"
"""What an attack says that reached what it wanted."""
UNREADABLE = "unreadable"
_KEYS = {"Expects", "Says", "Needs", "Observed"}


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

    ``may_be_refused``: it may be graded or refused, as it happens. ``observed`` are criteria that it may pass by lying,
    because they only believe what they are told; their results must say so.
    """

    ground: Ground
    name: str
    area: str
    path: Path
    aim: str
    expects: dict[str, tuple[Verdict, ...]]
    says: str = ""
    may_be_refused: bool = False
    observed: tuple[str, ...] = ()

    @property
    def earns(self) -> float:
        """The points of its honest part: of what it must pass, and of hidden criteria that share its verdict; and of
        what is only observed."""
        passed = {name for name, verdicts in self.expects.items() if verdicts == (Verdict.PASS,)}
        passed |= {*self.observed} | {hidden for hidden, shown in self.ground.echoes.items() if shown in passed}
        return sum(self.ground.points[name] for name in passed)

    def hand_in(self, submissions: Path, target: Target) -> Path:
        """Put it among ``submissions`` and return its folder."""
        folder = submissions / self.folder
        if self.path.is_dir():
            shutil.copytree(self.path, folder, ignore=shutil.ignore_patterns("prepare.py", "__pycache__"))
        else:
            folder.mkdir()
            self.ground.hand_in(self.path, folder)
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


def areas(ground: Ground) -> list[str]:
    """Return the names of the areas."""
    return sorted(folder.name for folder in ground.corpus.iterdir() if folder.is_dir() and folder.name[0] not in "._")


def attacks(area: str, ground: Ground) -> list[Attack]:
    """Return the attacks of one area, in order of their names.

    Raises:
        ValueError: one of them does not say what it expects.
    """
    entries = [entry for entry in (ground.corpus / area).iterdir() if entry.name[0] not in "._"]
    found = [read(entry, area, ground) for entry in sorted(entries)]
    return [attack for attack in found if attack is not None]


def read(entry: Path, area: str, ground: Ground) -> Attack | None:
    """Return the attack that lies at ``entry``, ``None`` if this user cannot prepare it.

    Raises:
        ValueError: it does not say what it wants and what it expects.
    """
    described = entry
    if entry.is_dir():
        described = entry / "prepare.py" if (entry / "prepare.py").exists() else entry / ground.described_by
    # what follows are cells of a notebook, which need not be Python
    source = described.read_text("utf-8").partition("# %%\n")[0]
    text = ast.get_docstring(ast.parse(source)) or ""
    aim, _, lines = text.partition("\n\n")
    said = dict(line.split(": ", 1) for line in lines.splitlines())
    if not aim or "Expects" not in said or set(said) - _KEYS:
        raise ValueError(f"{described} does not say what it wants and what it expects")
    if said.get("Needs") == "super-user" and os.geteuid() != 0:
        return None
    verdicts, may_be_refused = _verdicts(said["Expects"], described, ground)
    observed = tuple(said["Observed"].split(", ")) if "Observed" in said else ()
    says = said.get("Says", "")
    return Attack(ground, entry.stem, area, entry, aim.replace("\n", " "), verdicts, says, may_be_refused, observed)


def _verdicts(text: str, path: Path, ground: Ground) -> tuple[dict[str, tuple[Verdict, ...]], bool]:
    found = {}
    certain = text.removesuffix(f" or {UNREADABLE}")
    for entry in certain.split(", ") if text != UNREADABLE else ():
        criterion, _, verdicts = entry.partition(" ")
        if criterion not in ground.shown:
            raise ValueError(f"{path}: '{criterion}' is no criterion; there are {', '.join(ground.shown)}")
        found[criterion] = tuple(Verdict(verdict) for verdict in verdicts.split(" or "))
    return found, certain != text


def _module(file: Path) -> ModuleType:
    name = f"prepare_{file.parent.parent.name}_{file.parent.name}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]
