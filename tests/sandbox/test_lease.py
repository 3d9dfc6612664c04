"""Starting and ending workers, and what is said when a worker does not start as promised."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from grader.course.model import Limits
from grader.results import Verdict
from grader.sandbox import bubblewrap, template, wire
from grader.sandbox.launch import processor_limit_s
from grader.sandbox.lease import IsolationBroken, Worker, describe, open_worker, start_worker
from grader.sandbox.levels import Isolation, Level, choose
from grader.sandbox.process import Ending
from grader.sandbox.worker.configuration import Wall

LIMITS = Limits(memory_bytes=2**30)


def test_every_promised_wall_is_up(isolation):
    with open_worker(isolation, LIMITS) as worker:
        assert set(worker.hello.walls) == set(isolation.walls)
        assert worker.hello.protocol == wire.PROTOCOL
        assert {"python", "numpy"} <= set(worker.hello.versions)


def test_starting_does_not_wait(full):
    worker = start_worker(full, LIMITS)
    assert isinstance(worker, Worker)
    worker.deliver({"a/b.py": b"x = 1\n"})
    worker.close()


def test_a_worker_can_be_closed_at_any_time(isolation):
    start_worker(isolation, LIMITS).close()
    worker = open_worker(isolation, LIMITS)
    worker.close()
    worker.close()


def test_many_workers_at_once(full):
    workers = [start_worker(full, LIMITS) for _ in range(4)]
    for number, worker in enumerate(workers):
        worker.deliver({"same_name.py": f"print({number})\n".encode()})
        worker.request(wire.Load("same_name.py", ()), wall_s=20)
    assert [worker.output.text for worker in workers] == ["0\n", "1\n", "2\n", "3\n"]
    for worker in workers:
        worker.close()


def test_a_worker_that_cannot_start_says_why(full, monkeypatch):
    monkeypatch.setattr(bubblewrap, "find", lambda: Path("/bin/false"))
    with pytest.raises(IsolationBroken, match=r"a worker did not start: .*`grader doctor`"):
        open_worker(full, LIMITS)


def test_bubblewrap_that_went_missing(full, monkeypatch):
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    with pytest.raises(IsolationBroken, match="bubblewrap is not there"):
        open_worker(full, LIMITS)


def test_a_wall_that_cannot_be_raised_stops_the_worker():
    """Namespaces are promised, and nobody made any: the worker must not go on."""
    broken = Isolation(Level.REDUCED, (Wall.SCRATCH, Wall.RESOURCE_LIMITS, Wall.NO_CAPABILITIES), "")
    with pytest.raises(IsolationBroken, match="a worker did not start"):
        open_worker(broken, LIMITS)


def test_a_wall_that_is_not_reported_is_missed(full):
    worker = start_worker(full, LIMITS)
    promised = Isolation(full.level, (*full.walls, "moat"), "")
    worker._isolation = promised
    with pytest.raises(IsolationBroken, match="started without moat"):
        _ = worker.hello
    worker.close()


@pytest.mark.parametrize(
    ("ending", "said", "verdict", "message"),
    [
        (Ending(0, 0, 0, 0.0), "", Verdict.CRASH, "ended by itself with exit code 0 during the call"),
        (Ending(-11, 11, 0, 0.0), "", Verdict.CRASH, "signal 11 (SIGSEGV)"),
        (Ending(137, 9, 0, 0.0), "", Verdict.CRASH, "signal 9 (SIGKILL)"),
        (Ending(137, 9, 2**30, 0.0), "", Verdict.MEMORY, "1,024 MiB of memory used up"),
        (Ending(134, 6, 0, 0.0), "what(): std::bad_alloc", Verdict.MEMORY, "signal 6 (SIGABRT)"),
        (Ending(137, 9, 0, 1e6), "", Verdict.TIMEOUT, "of processor time"),
        (Ending(162, 34, 0, 0.0), "", Verdict.CRASH, "signal 34"),
        (Ending(1, 0, 2**30, 0.0), "MemoryError", Verdict.CRASH, "exit code 1"),
    ],
)
def test_how_a_process_ended_in_words(ending, said, verdict, message):
    seen = describe(ending, LIMITS, said)
    assert seen.verdict is verdict
    assert message in seen.message


def test_processor_time_is_only_a_backstop():
    assert processor_limit_s(LIMITS) > LIMITS.total_s


def test_folders_of_killed_sessions_are_removed(best, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    abandoned, in_use, other = (tmp_path / f"grader-worker-{name}-x" for name in (ended.pid, os.getpid(), "notes"))
    for folder in (abandoned, in_use, other):
        folder.mkdir()
    (abandoned / "closed").mkdir(mode=0)
    with open_worker(choose(best, demanded=Level.REDUCED), LIMITS):
        pass
    template.close_all()
    assert {path.name for path in tmp_path.iterdir()} == {in_use.name, other.name}


def test_the_size_of_the_starter_is_not_taken_for_the_workers():
    """A worker starts as a copy of the session, which may hold frameworks."""
    ending = Ending(0, 11, LIMITS.memory_bytes, 0.0)
    assert describe(ending, LIMITS, "", starter_peak_bytes=2**20).verdict is Verdict.MEMORY
    assert describe(ending, LIMITS, "", starter_peak_bytes=2 * LIMITS.memory_bytes).verdict is Verdict.CRASH
