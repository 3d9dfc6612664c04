"""Where the attacks are graded: a machine with something to steal, something to harm, and honest work beside them."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import grader
from grader.recording.events import Recording
from grader.report.files import folder_names
from grader.report.json import from_json
from grader.results import CriterionResult, GradeReport, ReportFile, Usage
from tests.attacks.corpus import Attack, Target
from tests.attacks.ground import USER, Ground, Secrets, draw_secrets
from tests.attacks.surroundings import Doors, adopt_orphans, changes, children, contents, processes_left

ROOT = Path(__file__).parents[2]
MARK = "attack-was-here"
"""What an attack calls a file that it leaves somewhere."""
KEY = 0x61747461
"""What an attack calls shared memory that it leaves."""
_MARKED = ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/dev/mqueue", "/run", "/etc", "/root", "/home", sys.prefix)
_GRACE_S = 5.0
_RUN_S = 900.0
_PROGRAM = "from grader.cli.main import main; main()"


class Batch(msgspec.Struct, frozen=True):
    """What one run of ``grader run`` gave: its exit code, what it wrote to standard output and error, its folder, and
    the reports in it. ``folders`` are the names of each submission's files. ``left`` are sentences about what it left
    behind or let through."""

    ground: Ground
    attacks: tuple[Attack, ...]
    exit_code: int
    text: str
    errors: str
    out: Path
    file: ReportFile
    folders: dict[str, str]
    left: tuple[str, ...]
    seconds: float

    def report(self, name: str) -> GradeReport | None:
        """Return the report of one submission, ``None`` if it was refused."""
        written = _as_written(name)
        return next((report for report in self.file.reports if Path(report.submission.path).name == written), None)

    def refusal(self, name: str) -> str:
        """Return why a submission was refused; empty if it was not."""
        written = _as_written(name)
        return next((entry.message for entry in self.file.unreadable if Path(entry.path).name == written), "")

    def shown(self, name: str) -> Path:
        """Return the folder of what a student is shown."""
        return self.out / "students" / self.folders[name]


class Arena:
    """The machine of the attacks. Its folder can be read by everybody, so that only the walls stand in the way."""

    def __init__(self, ground: Ground) -> None:
        adopt_orphans()
        self.ground = ground
        self.secrets: Secrets = draw_secrets()
        self.folder = Path(tempfile.mkdtemp(prefix="attacked-"))
        self.folder.chmod(0o755)
        self.course = ground.write(self.folder / "course", self.secrets)
        self._home = self._folder("home", 0o755)
        (self._home / "private.txt").write_text(self.secrets.home)
        self._temporary = self._folder("temporary", 0o777)
        self._elsewhere = self._folder("elsewhere", 0o755)
        self._open = self._folder("open", 0o777)
        self._victim = subprocess.Popen(["sleep", "6000"], env={"SECRET": self.secrets.victim})
        self._batches = 0

    @property
    def victim(self) -> int:
        """The number of a process that somebody might want to harm."""
        return self._victim.pid

    def close(self) -> None:
        """Remove everything."""
        self._victim.kill()
        self._victim.wait()
        # some of what is in it nobody may enter, and some is deeper than Python follows
        subprocess.run(["chmod", "-R", "u+rwx", self.folder], check=False, capture_output=True)
        subprocess.run(["rm", "-rf", "--", self.folder], check=True)

    def grade(self, attacks: list[Attack], *options: str) -> Batch:
        """Grade attacks and honest work together, in one run of ``grader run`` with ``options``."""
        self._batches += 1
        submissions = self._folder(f"submissions-{self._batches}", 0o755)
        for name, write in self.ground.honest.items():
            (submissions / name).mkdir()
            write(submissions / name)
            (submissions / name / "notes.md").write_text(self.secrets.neighbour)
        out = self.folder / f"out-{self._batches}"
        with Doors(self.folder / "socket") as doors:
            target = self._target(submissions, doors)
            handed_in = {attack.name: attack.hand_in(submissions, target) for attack in attacks}
            before, known = self._state(submissions), children()
            started = time.monotonic()
            with _companions(attacks, handed_in, target):
                ended = self._run(submissions, out, options)
            seconds = time.monotonic() - started
            changing = {handed_in[attack.name].name for attack in attacks if attack.companion is not None}
            left = [*processes_left(self.victim, *known, grace_s=_GRACE_S), *doors.entered()]
            left += changes(before, self._state(submissions), changing | self.ground.kept)
        if self._victim.poll() is not None:
            left.append("a process of the grader's user was ended")
        names = {folder.name: folder for folder in submissions.iterdir()}
        folders = folder_names(names.values())
        return Batch(
            self.ground,
            tuple(attacks),
            ended.returncode,
            ended.stdout.decode("utf-8", "replace"),
            ended.stderr.decode("utf-8", "replace"),
            out,
            from_json((out / "reports.json").read_bytes()) if (out / "reports.json").exists() else ReportFile("", ()),
            {name: folders[path] for name, path in names.items()},
            tuple(left),
            seconds,
        )

    def secret_texts(self) -> dict[str, str]:
        """Return every text that nobody may be shown, by where it stands."""
        shown = msgspec.structs.asdict(self.secrets)
        for what, number in self.ground.hidden_numbers.items():
            # as Python, NumPy, a table and a counter write it
            for form in ("{}", "{:.7g}", "{:.0f}", "{:,.0f}", "{:,}"):
                shown[f"{what} as {form}"] = form.format(number)
            shown[f"{what} as a whole number"] = f"{int(number)}"
            shown[f"{what} as a count"] = f"{int(number):,}"
        return shown

    def _folder(self, name: str, mode: int) -> Path:
        folder = self.folder / name
        folder.mkdir()
        folder.chmod(mode)
        return folder

    def _target(self, submissions: Path, doors: Doors) -> Target:
        return Target(
            course=str(self.course),
            neighbour=str(submissions / next(iter(self.ground.honest))),
            home=str(self._home),
            grader=str(Path(grader.__file__).parent),
            open_folder=str(self._open),
            victim=self.victim,
            tcp=doors.tcp.getsockname()[1],
            udp=doors.udp.getsockname()[1],
            abstract=doors.name,
            socket=str(doors.path),
        )

    def _run(self, submissions: Path, out: Path, options: tuple[str, ...]) -> "subprocess.CompletedProcess[bytes]":
        arguments = ["run", str(submissions), "--course", str(self.course), "--out", str(out), "--details"]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
            "USER": USER,
            "HOME": str(self._home),
            "TMPDIR": str(self._temporary),
            "LANG": "C.UTF-8",
            "GRADER_CANARY": self.secrets.environment,
            "COLUMNS": "120",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments, "--jobs", str(self.ground.jobs), *options],
            cwd=self._elsewhere,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=_RUN_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def _state(self, submissions: Path) -> dict[str, str]:
        """Everything that a run must leave as it is: what lies in folders of ours, and marks anywhere else."""
        state: dict[str, str] = {}
        for folder in (self.course, submissions, self._home, self._temporary, self._elsewhere, self._open):
            state.update(contents(folder))
        for folder in (*_MARKED, Path(grader.__file__).parent, ROOT):
            state.update({str(path): "a mark" for path in Path(folder).glob(f"*{MARK}*")})
        for file in ("/proc/sysvipc/shm", "/proc/sysvipc/msg", "/proc/keys"):
            with contextlib.suppress(OSError):
                left = [line for line in Path(file).read_text().splitlines() if MARK in line or str(KEY) in line]
                state[file] = f"{len(left)} marks"
        return state


def chosen_of(session: pytest.Session, ground: Ground) -> list[Attack]:
    """Return the attacks on ``ground`` that this run of pytest was asked for."""
    parameters = [
        item.callspec.params.get("attack")
        for item in session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    return [attack for attack in parameters if isinstance(attack, Attack) and attack.ground is ground]


def _as_written(name: str) -> str:
    """Return a name as JSON has it, where the bytes of a name that is no text are written out."""
    return name.encode("utf-8", "backslashreplace").decode()


def comparable(report: GradeReport) -> dict[str, Any]:
    """Return everything of a report that must be the same whenever and beside whomever it is made."""
    results = [_timeless(result) for result in report.results]
    seconds_apart = msgspec.structs.replace(report.provenance, started_at="")
    submission = msgspec.structs.replace(report.submission, path="")
    recordings = tuple(_timeless_recording(recording) for recording in report.recordings)
    same = msgspec.structs.replace(
        report,
        results=tuple(results),
        provenance=seconds_apart,
        submission=submission,
        duration_s=0.0,
        recordings=recordings,
    )
    plain: dict[str, Any] = msgspec.to_builtins(same)
    return plain


def _timeless(result: CriterionResult) -> CriterionResult:
    usage = Usage(calls=result.usage.calls)
    feedback = msgspec.structs.replace(result.feedback, again="")
    return msgspec.structs.replace(result, usage=usage, duration_s=0.0, feedback=feedback)


def _timeless_recording(recording: Recording) -> Recording:
    cells = tuple(msgspec.structs.replace(cell, wall_s=0.0) for cell in recording.cells)
    return msgspec.structs.replace(recording, cells=cells, wall_s=0.0)


@contextlib.contextmanager
def _companions(attacks: list[Attack], handed_in: dict[str, Path], target: Target) -> Iterator[None]:
    """Let those attacks that have one go on outside while they are graded."""
    over = threading.Event()
    running = [
        threading.Thread(target=attack.companion, args=(handed_in[attack.name], target, over))
        for attack in attacks
        if attack.companion is not None
    ]
    for thread in running:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in running:
            thread.join()
