"""Workers on gVisor. What holds at every level is tried by the other tests here, of which it is one of the variants."""

import json
import os
import signal
import stat
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from grader.course.model import Limits
from grader.execute import course_at
from grader.results import Verdict
from grader.sandbox import bubblewrap, gvisor, wire
from grader.sandbox.lease import IsolationBroken, Stopped, open_worker, start_worker
from grader.sandbox.levels import IsolationRefused, Level, choose, own_kernel
from grader.sandbox.mounts import Bind
from grader.sandbox.worker import walls
from grader.sandbox.worker.configuration import Wall
from grader.session import Job, grade
from tests.ordinary_user import interpreter, run_tests
from tests.sandbox.conftest import variant
from tests.small_course import TOTAL

LIMITS = Limits(memory_bytes=2**29)
THREADS = b"""
import threading
wait = threading.Event()
for _ in range(16):
    threading.Thread(target=lambda: (bytearray(1000), wait.wait()), daemon=True).start()
"""
FILES = b"""
import os
def make():
    for number in range(10**9):
        os.close(os.open(str(number), os.O_CREAT))
"""


@pytest.fixture
def beneath(best):
    """The isolation level gvisor; skips where it is not to be had."""
    return variant(best, "gvisor")


def test_it_is_never_chosen_by_itself(best, beneath):
    assert choose(best).level is not Level.GVISOR
    assert Wall.OWN_KERNEL not in best.walls
    assert choose(best, demanded=Level.GVISOR) == beneath
    assert beneath.note.startswith("gvisor (")


def test_full_marks_and_the_same_report_as_at_full(small_course, root, beneath):
    course = course_at(small_course)
    reports = [
        grade(course, Job(root / "submissions" / "alice", demanded=demanded)) for demanded in (None, beneath.level)
    ]
    assert reports[1].provenance.isolation == "gvisor"
    assert "own kernel" in reports[1].provenance.walls
    assert reports[1].score.awarded == TOTAL
    assert _timeless(reports[0]) == _timeless(reports[1])


def test_what_is_announced_is_gvisor_and_not_linux(lease, beneath):
    subject = lease(beneath, "remember.py")
    assert Wall.OWN_KERNEL in subject.worker.hello.walls
    with pytest.raises(OSError, match=r"not gVisor|not permitted"):
        walls.check_kernel()


def test_neither_its_description_nor_its_state_can_be_read(lease, beneath):
    subject = lease(beneath, "look_around.py")
    assert subject.told("read", "/gvisor/config.json", "/gvisor/state/worker.state", "/gvisor/state") == []


def test_threads_that_do_nothing_take_no_memory_worth_counting(beneath):
    """Addresses are counted here, and a thread reserves many."""
    with open_worker(beneath, Limits(memory_bytes=2**28)) as worker:
        worker.deliver({"threads.py": THREADS})
        assert isinstance(worker.request(wire.Load("threads.py", ()), wall_s=20).message, wire.Loaded)


def test_files_without_end_are_ended(beneath):
    """gVisor does not count files: a call that makes nothing else runs out of time, or gVisor of memory."""
    with open_worker(beneath, LIMITS) as worker:
        worker.deliver({"files.py": FILES})
        worker.request(wire.Load("files.py", ("make",)), wall_s=20)
        with pytest.raises(Stopped) as caught:
            worker.request(wire.Call("files.py", "make", ((),)), wall_s=2)
    assert caught.value.verdict in {Verdict.TIMEOUT, Verdict.CRASH}


def test_gvisor_itself_is_bounded_and_the_first_to_go(beneath):
    with open_worker(beneath, LIMITS) as worker:
        assert worker.hello
        ours = _processes_of_gvisor()
        assert ours
        for number in ours:
            (line,) = [line for line in _read(number, "limits").splitlines() if line.startswith(b"Max data size")]
            assert line.split()[3:5] == [b"1073741824"] * 2
            assert _read(number, "oom_score_adj").strip() == b"1000"


def test_nothing_is_left_when_a_worker_is_killed_at_any_moment(beneath):
    before = set(_descendants(os.getpid()))  # templates that other tests of this process keep warm
    for wall_s in (0.0, 0.05, 0.2, 0.4):
        worker = start_worker(beneath, LIMITS)
        time.sleep(wall_s)
        family = set(_descendants(os.getpid())) - before
        worker.close()
        assert family
        assert [number for number in family if _runs(number)] == []


def test_a_worker_that_is_killed_from_outside_is_a_crash(beneath):
    with open_worker(beneath, LIMITS) as worker:
        for number in _processes_of_gvisor():
            os.kill(number, signal.SIGKILL)
        with pytest.raises(Stopped) as caught:
            worker.request(wire.Load("a.py", ()), wall_s=20)
    assert caught.value.verdict is Verdict.CRASH


def test_the_specification_gives_no_right_and_no_second_place_to_write():
    plan = [Bind(Path("/usr"), Path("/usr"))]
    specification = json.loads(json.dumps(gvisor.specification(plan, ["python"])))
    process = specification["process"]
    assert process["user"]["uid"] != 0
    assert process["capabilities"] == {}
    assert process["noNewPrivileges"] is True
    assert specification["root"]["readonly"] is True
    places = {mount["destination"]: mount.get("options", []) for mount in specification["mounts"]}
    assert places["/scratch"][0].startswith("size=")
    # gVisor would add one of its own, without bound
    assert "ro" in places["/tmp"]
    # where Python lies in it, it cannot be covered, and gVisor adds none
    inside = gvisor.specification([*plan, Bind(Path("/tmp/venv"), Path("/tmp/venv"))], ["python"])
    assert "/tmp" not in str(inside["mounts"])


def test_refused_with_the_reason_where_there_is_none(best, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    own_kernel.cache_clear()
    with pytest.raises(IsolationRefused, match=r"(?s)gvisor was asked for.*runsc is not on PATH.*Install gVisor"):
        choose(best, demanded=Level.GVISOR)
    own_kernel.cache_clear()


@pytest.mark.parametrize("missing", [gvisor, bubblewrap])
def test_what_went_missing_since_is_named(beneath, monkeypatch, missing):
    monkeypatch.setattr(missing, "find", lambda: None)
    with pytest.raises(IsolationBroken, match=r"cannot be started: (runsc|bubblewrap) is not there.*`grader doctor`"):
        start_worker(beneath, LIMITS)


@pytest.mark.parametrize(
    ("script", "why"),
    [("exit 3", "exit code"), ("echo 'no such platform' >&2; exit 1", "no such platform"), ("exit 0", "exit code 0")],
)
def test_a_runsc_that_does_not_work_is_no_gvisor(best, monkeypatch, tmp_path, script, why):
    pretender = tmp_path / "runsc"
    pretender.write_text(f"#!/bin/sh\n{script}\n")
    pretender.chmod(pretender.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(gvisor, "find", lambda: pretender)
    works, seen = gvisor.trial()
    assert not works
    assert why in seen


def test_an_ordinary_user_has_it_too(open_folder, beneath):
    """Everything else is tried by test_ordinary_user.py, which would take a machine that has no gVisor for one too."""
    printed = run_tests(
        interpreter(), Path(__file__).with_name("test_conformance.py"), "gvisor and students_need", open_folder
    )
    assert "1 passed" in printed


def _timeless(report):
    results = tuple(
        msgspec.structs.replace(r, usage=msgspec.structs.replace(r.usage, wall_s=0, cpu_s=0), duration_s=0)
        for r in report.results
    )
    return report.submission, report.score, results


def _descendants(process_id):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = int(_read(entry.name, "stat").rpartition(b")")[2].split()[1])
                if parent == process_id:
                    found += [int(entry.name), *_descendants(int(entry.name))]
    return found


def _processes_of_gvisor():
    return [number for number in _descendants(os.getpid()) if _read(number, "cmdline").startswith(b"runsc-sandbox")]


def _read(process_id, name):
    return Path("/proc", str(process_id), name).read_bytes()


def _runs(process_id):
    try:
        return _read(process_id, "stat").rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False
