"""Control groups: with real ones where this machine lets them be made, and what is decided from texts anywhere."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import grader
from grader.course.model import Limits
from grader.results import Verdict
from grader.sandbox import cgroup_places, cgroups, wire
from grader.sandbox.cgroup_places import Mounted, Place, Unavailable
from grader.sandbox.cgroups import Group, Setting
from grader.sandbox.lease import IsolationBroken, open_worker, start_worker
from grader.sandbox.levels import isolation_of
from grader.sandbox.worker.configuration import Wall

SMALL = Limits(memory_bytes=2**29, processes=16)
TOGETHER_MIB = 448
"""Less than the limit of one process; twice as much is more than that, the scratch and the kernel's own together."""
ALONE = {Wall.NAMESPACES, Wall.SCRATCH, Wall.USER, Wall.SECCOMP}


@pytest.fixture
def place():
    """Where groups can be made on this machine."""
    works, why = cgroups.trial()
    if not works:
        pytest.skip(f"no control group can be made here: {why}")
    return cgroups.find()


@pytest.fixture
def full(full, place):
    return full


@pytest.fixture(params=["strong without seccomp", "reduced without seccomp"])
def open_to_forks(request, best, place):
    """Isolations at which a submission can start processes: every wall but seccomp, and the fewest walls."""
    lacking = {Wall.SECCOMP} if request.param.startswith("strong") else ALONE
    return isolation_of(set(best.walls) - lacking)


@pytest.fixture
def group(place):
    made = Group(place, memory_bytes=2**27, processes=4)
    yield made
    made.end()


def sleeping(group):
    process = subprocess.Popen(["sleep", "600"])
    group.admit(process.pid)
    return process


# --- workers ----------------------------------------------------------------------------------------------------------


def test_a_worker_is_in_a_group_of_its_own(full, place):
    with open_worker(full, SMALL) as worker:
        assert Wall.CGROUP in worker.hello.walls
        (group,) = (
            path for path in place.parents[0].iterdir() if path.name.startswith(f"grader-worker-{os.getpid()}-")
        )
        assert str(worker._process._process.process_id) in (group / "cgroup.procs").read_text().split()
    assert not group.exists()


def test_one_process_within_its_limit_is_left_alone(lease, full):
    """Its scratch full as well: that counts for the group, and not for the process."""
    subject = lease(full, "exhaust.py", SMALL)
    assert subject.raised("fill_bytes") == "OSError"
    assert isinstance(subject.call("memory_made_read_only", TOGETHER_MIB), wire.Returned)


def test_memory_of_two_processes_is_counted_together(lease, open_to_forks):
    seen = lease(open_to_forks, "exhaust.py", SMALL).stopped("memory_of_two", TOGETHER_MIB)
    assert seen.verdict is Verdict.MEMORY
    assert "512 MiB" in seen.message


def test_two_processes_within_the_limit_are_left_alone(lease, open_to_forks):
    assert isinstance(lease(open_to_forks, "exhaust.py", SMALL).call("memory_of_two", 100), wire.Returned)


def test_processes_are_counted(lease, open_to_forks):
    assert lease(open_to_forks, "exhaust.py", SMALL).raised("fork_bomb") == "BlockingIOError"


def test_threads_are_counted(lease, best, place):
    isolation = isolation_of(set(best.walls) - {Wall.NAMESPACES, Wall.SCRATCH, Wall.USER})
    assert lease(isolation, "exhaust.py", SMALL).raised("thread_bomb") == "RuntimeError"


@pytest.mark.parametrize("way", ["close", "kill", "crash"])
def test_whatever_was_started_ends_with_the_worker(lease, open_to_forks, place, way):
    """Nothing but the group reaches a process that has left everything it came from; fixtures see that none is left."""
    subject = lease(open_to_forks, "exhaust.py", SMALL)
    assert isinstance(subject.call("leave_a_child_behind"), wire.Returned)
    members = (subject.worker._process._group.folders[0] / "cgroup.procs").read_text().split()
    assert len(members) == 2
    if way == "kill":
        subject.stopped("loop", wall_s=0.2)
    elif way == "crash":
        os.kill(subject.worker._process._process.process_id, signal.SIGKILL)
        assert subject.stopped("loop").verdict is Verdict.CRASH
    subject.worker.close()
    assert not any(folder.exists() for folder in subject.worker._process._group.folders)


def test_a_worker_that_is_closed_while_it_starts_leaves_no_group(full, place):
    start_worker(full, SMALL).close()
    worker = start_worker(full, SMALL)
    assert worker.hello
    worker.close()
    worker.close()


def test_groups_of_killed_sessions_are_removed(best, place):
    program = (
        "import os, signal\n"
        "from grader.course.model import Limits\n"
        "from grader.sandbox import lease, levels\n"
        "worker = lease.open_worker(levels.probe(), Limits())\n"
        "print(*worker._process._group.folders, sep='\\n', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(grader.__file__).parent.parent
    ended = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    left = [Path(line) for line in ended.stdout.splitlines()]
    assert len(left) == len(place.parents)
    assert cgroups.find() == place
    assert not any(folder.exists() for folder in left)


def test_a_wall_that_has_gone_stops_the_worker(full, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("it was allowed a moment ago")

    monkeypatch.setattr(cgroups.Group, "admit", refuse)
    with pytest.raises(IsolationBroken, match=r"no control group: it was allowed a moment ago.*`grader doctor`"):
        open_worker(full, SMALL)


# --- groups -----------------------------------------------------------------------------------------------------------


def test_a_group_ends_what_is_in_it(group):
    processes = [sleeping(group) for _ in range(3)]
    group.kill()
    assert [process.wait(20) for process in processes] == [-signal.SIGKILL] * 3
    assert not group.ran_out_of_memory
    group.end()
    group.end()
    assert not any(folder.exists() for folder in group.folders)


def test_a_group_that_is_not_empty_is_emptied_first(group):
    process = sleeping(group)
    group.end()
    assert process.wait(20) == -signal.SIGKILL
    assert not any(folder.exists() for folder in group.folders)


def test_what_is_over_is_not_moved(group):
    process = subprocess.Popen(["true"])
    process.wait()
    for gone in (process.pid, -1, 0):
        with pytest.raises(ProcessLookupError):
            group.admit(gone)
    assert str(os.getpid()) not in (group.folders[0] / "cgroup.procs").read_text().split()


def test_a_group_that_cannot_be_limited_is_not_left_behind(place):
    with pytest.raises(OSError, match="Invalid argument"):
        Group(place, memory_bytes=2**27, processes=-1)


# --- what is decided from texts ---------------------------------------------------------------------------------------

UNIFIED = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
SCOPE = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-5.scope"
SEPARATE = """\
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/my\\040pids rw - cgroup cgroup rw,pids,misc
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"""


@pytest.mark.parametrize(
    ("mounts", "membership", "unified", "by_controller"),
    [
        (UNIFIED, f"0::{SCOPE}\n", f"/sys/fs/cgroup{SCOPE}", {}),
        (
            SEPARATE,
            "8:pids,misc:/\n4:memory:/sessions/a:b\n1:name=systemd:/\n0::/\n",
            "/sys/fs/cgroup/unified",
            {"memory": "/sys/fs/cgroup/memory/sessions/a:b", "pids": "/sys/fs/cgroup/my pids"},
        ),
        # in a container that sees its own part of the tree at the usual place
        (
            "35 31 0:32 /docker/12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory",
            "4:memory:/docker/12/inner\n",
            None,
            {"memory": "/sys/fs/cgroup/memory/inner"},
        ),
        # outside its namespace, or of a part that is not mounted
        (UNIFIED, "0::/../run-5.scope\n", None, {}),
        ("35 31 0:32 /docker/12 /m rw - cgroup cgroup rw,memory", "4:memory:/other\n", None, {}),
        ("22 1 0:20 / /proc rw - proc proc rw", "", None, {}),
    ],
)
def test_own_groups_are_found(mounts, membership, unified, by_controller):
    found = cgroup_places.mounted(mounts, membership)
    assert found.unified == (None if unified is None else Path(unified))
    assert found.by_controller == {name: Path(path) for name, path in by_controller.items()}


def test_limits_of_version_1():
    assert cgroups.settings(1, 1000, 8) == (
        Setting("memory", "memory.limit_in_bytes", "1000"),
        Setting("memory", "memory.memsw.limit_in_bytes", "1000", required=False),
        Setting("pids", "pids.max", "8"),
    )


def test_limits_of_version_2():
    assert cgroups.settings(2, 1000, 8) == (
        Setting("memory", "memory.max", "1000"),
        Setting("memory", "memory.swap.max", "0", required=False),
        Setting("memory", "memory.oom.group", "1", required=False),
        Setting("pids", "pids.max", "8"),
    )


@pytest.fixture
def scope(tmp_path):
    """A group of version 2, as files: delegated, this process in it, and a leaf as the kernel would make it."""
    folder = tmp_path / "run-5.scope"
    (folder / "grader-session").mkdir(parents=True)
    (folder / "cgroup.controllers").write_text("cpu memory pids\n")
    (folder / "cgroup.subtree_control").write_text("\n")
    (folder / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (folder / "grader-session" / "cgroup.procs").write_text("")
    if os.geteuid() == 0:
        try:
            os.setxattr(folder, "user.delegate", b"1")
        except OSError:
            pytest.skip("the file system keeps no attributes")
    return folder


def test_a_delegated_group_is_divided(scope):
    assert cgroup_places.place_among(Mounted(scope, {})) == Place(2, {"memory": scope, "pids": scope})
    assert (scope / "grader-session" / "cgroup.procs").read_text() == f"{os.getpid()}\n"[:-1]
    assert (scope / "cgroup.subtree_control").read_text().split() == ["+memory", "+pids"]


def test_a_group_that_was_divided_before_is_found_from_its_leaf(scope):
    (scope / "cgroup.subtree_control").write_text("memory pids\n")
    (scope / "grader-session" / "cgroup.controllers").write_text("memory pids\n")
    found = cgroup_places.place_among(Mounted(scope / "grader-session", {}))
    assert found.parents == (scope,)
    assert (scope / "cgroup.subtree_control").read_text() == "memory pids\n"


def test_a_group_with_others_in_it_is_left_as_it_is(scope):
    (scope / "cgroup.procs").write_text(f"{os.getppid()}\n{os.getpid()}\n")
    with pytest.raises(Unavailable, match=r"run-5\.scope holds processes of others; `systemd-run --user --scope"):
        cgroup_places.place_among(Mounted(scope, {}))
    assert (scope / "cgroup.subtree_control").read_text() == "\n"
    assert (scope / "grader-session" / "cgroup.procs").read_text() == ""


def test_a_group_that_is_not_delegated_is_left_as_it_is(scope, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if os.getuid() == 0:
        os.removexattr(scope, "user.delegate")
    with pytest.raises(Unavailable, match=r"run-5\.scope is not delegated to this user; `systemd-run"):
        cgroup_places.place_among(Mounted(scope, {}))
    assert (scope / "cgroup.subtree_control").read_text() == "\n"


def test_a_group_whose_leaf_cannot_be_entered_is_left_as_it_is(scope):
    (scope / "grader-session" / "cgroup.procs").unlink()
    with pytest.raises(Unavailable, match=r"grader-session/cgroup\.procs"):
        cgroup_places.place_among(Mounted(scope, {}))
    assert (scope / "cgroup.subtree_control").read_text() == "\n"
    assert not (scope / "grader-session").exists()


def test_version_1_is_taken_where_version_2_has_no_controllers(scope, tmp_path):
    (scope / "cgroup.controllers").write_text("hugetlb\n")
    separate = {"memory": tmp_path / "memory", "pids": tmp_path / "pids"}
    assert cgroup_places.place_among(Mounted(scope, separate)) == Place(1, separate)


def test_version_2_is_taken_where_it_has_the_controllers(scope, tmp_path):
    separate = {"memory": tmp_path / "memory", "pids": tmp_path / "pids"}
    assert cgroup_places.place_among(Mounted(scope, separate)).version == 2


@pytest.mark.parametrize(
    ("by_controller", "message"),
    [({}, "no control groups are mounted within reach"), ({"memory": Path("/m")}, "no controller for pids; ")],
)
def test_what_is_missing_is_said(by_controller, message):
    with pytest.raises(Unavailable, match=message):
        cgroup_places.place_among(Mounted(None, by_controller))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("killed", "ran_out"), [(0, False), (1, True)])
def test_whose_memory_had_run_out(tmp_path, version, killed, ran_out):
    """A machine that is full ends processes as well, and their own limit is not to blame."""
    (tmp_path / "memory.oom_control").write_text(f"oom_kill_disable 0\nunder_oom 0\noom_kill {killed}\n")
    (tmp_path / "memory.max_usage_in_bytes").write_text("990\n")
    (tmp_path / "memory.events").write_text(f"low 0\nhigh 0\nmax 7\noom 1\noom_kill {killed}\noom_group_kill 0\n")
    assert cgroups.has_lost_a_process(tmp_path, version, memory_bytes=1000) is ran_out
    (tmp_path / "memory.max_usage_in_bytes").write_text("500\n")
    (tmp_path / "memory.events").write_text(f"low 0\nhigh 0\nmax 0\noom 0\noom_kill {killed}\noom_group_kill 0\n")
    assert not cgroups.has_lost_a_process(tmp_path, version, memory_bytes=1000)


@pytest.mark.parametrize("version", [1, 2])
def test_a_group_that_is_gone_has_lost_nothing(tmp_path, version):
    assert not cgroups.has_lost_a_process(tmp_path / "gone", version, memory_bytes=1000)
