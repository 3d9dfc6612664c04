"""What must hold from inside a worker, tried from inside a worker, at every level that promises it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import grader
from grader.course.model import Limits
from grader.results import Verdict
from grader.sandbox import cgroups, template
from grader.sandbox.worker.configuration import Wall

PACKAGE = Path(grader.__file__).parent


@pytest.fixture
def inside(lease, isolation):
    return lease(isolation, "look_around.py")


@pytest.fixture
def secrets(open_folder):
    """A course with one reference and one other student's work, readable by everybody."""
    files = [open_folder / "reference" / "hw" / "oracle_numpy.py", open_folder / "submissions" / "bob" / "backprop.py"]
    for file in files:
        file.parent.mkdir(parents=True, mode=0o755)
        file.write_text("the answer\n")
        file.chmod(0o644)
    return files


@pytest.fixture
def victim():
    """A process of the same user that somebody might want to harm."""
    process = subprocess.Popen(["sleep", "600"], env={"SECRET": "1"})
    yield process
    assert process.poll() is None
    process.kill()
    process.wait()


def test_references_and_other_submissions_cannot_be_read(lease, isolation, secrets):
    inside = lease(isolation, "look_around.py", hidden=[secrets[0].parents[2]])
    assert inside.told("read", *secrets) == []
    assert inside.told("read_through_descriptors", *secrets) == []


def test_the_graders_files_cannot_be_read(inside):
    private = [PACKAGE / "results.py", PACKAGE / "sandbox" / "lease.py", PACKAGE.parent / "rubric.yaml", __file__]
    assert inside.told("read", *private) == []
    assert inside.told("import_grader", "grader.results", "grader.sandbox.lease", "grader.course.model") == []


def test_private_files_of_the_machine_cannot_be_read(inside):
    assert inside.told("read", "/etc/passwd", "/etc/shadow", "/root/.bashrc", Path.home() / ".profile") == []


def test_other_processes_cannot_be_read_or_traced(inside, victim):
    assert inside.told("trace", victim.pid) == []
    assert inside.told("environments_of_others") == []


def test_other_processes_cannot_be_signalled_or_limited(inside, isolation, victim):
    if Wall.NAMESPACES not in isolation.walls and Wall.SECCOMP not in isolation.walls:
        # Landlock guards against signals only; the victim is this user's, whose limits this user may change
        assert "victim" not in inside.told("signal_everything", victim.pid)
    else:
        assert inside.told("signal_everything", victim.pid) == []


def test_no_way_out_over_a_socket(inside, isolation, open_folder):
    name = f"grader-test-{os.getpid()}"
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        _listening("\0" + name),
        _datagram("\0" + name + "-datagram"),
        _listening(str(open_folder / "socket")),
    ):
        (open_folder / "socket").chmod(0o777)
        reached = inside.told("reach", tcp.getsockname()[1], name, open_folder / "socket")
    if Wall.NAMESPACES not in isolation.walls and Wall.SECCOMP not in isolation.walls:
        # Landlock alone: TCP and abstract sockets are closed, datagrams and named sockets need the other walls
        assert not {"tcp", "abstract", "datagram to abstract"} & set(reached)
    else:
        assert reached == []


def test_no_socket_of_any_family(inside, isolation):
    if Wall.SECCOMP not in isolation.walls:
        pytest.skip("without seccomp sockets can be made; the network they lead to is empty, see the test above")
    assert inside.told("open_sockets") == []


def test_nothing_is_written_outside_the_scratch(inside, isolation, open_folder):
    open_folder.chmod(0o777)
    written = inside.told("write_everywhere", open_folder)
    # gVisor keeps a number of its own there, which means nothing to the machine
    assert written == (["spare me"] if Wall.OWN_KERNEL in isolation.walls else [])
    assert list(open_folder.iterdir()) == []
    assert inside.told("write_scratch") == "written"


def test_no_new_processes(inside, isolation):
    started = inside.told("start_processes")
    if Wall.SECCOMP in isolation.walls:
        assert started == []
    else:
        # without seccomp they can be made, but only of this program, and are counted and ended with it
        assert "spawn" not in started or Wall.LANDLOCK not in isolation.walls


def test_no_other_program(inside, isolation):
    if not {Wall.SECCOMP, Wall.LANDLOCK} & set(isolation.walls):
        pytest.skip("needs Landlock or seccomp")
    assert inside.told("execute") == []


def test_no_special_rights(inside, isolation):
    rights = inside.told("rights")
    capabilities = {name: int(value, 16) for name, value in rights.items() if name.startswith("Cap")}
    shown = {"CapInh", "CapPrm", "CapEff"} | (set() if Wall.OWN_KERNEL in isolation.walls else {"CapAmb"})
    assert capabilities == dict.fromkeys(shown, 0)
    if Wall.OWN_KERNEL not in isolation.walls:
        assert rights["NoNewPrivs"] == "1"
    assert rights["Seccomp"] == ("2" if Wall.SECCOMP in isolation.walls else "0")
    if Wall.USER in isolation.walls:
        assert "0" not in rights["Uid"].split()
        assert "0" not in rights["Groups"].split()


def test_no_way_to_special_rights(inside, isolation):
    gained = inside.told("become_root")
    allowed = set()
    if Wall.SECCOMP not in isolation.walls:
        # in a new user namespace it has rights again, over nothing but itself
        allowed = {"undo the parent-death signal", "user namespace", "chroot", "mount"}
    if Wall.USER not in isolation.walls and os.getuid() == 0:
        # without a user of its own it is user 0 already, with none of its rights
        allowed |= {"setuid", "setresuid"}
    assert set(gained) <= allowed


def test_no_memory_that_the_limit_does_not_count(inside, isolation):
    if Wall.SECCOMP not in isolation.walls:
        pytest.skip("needs seccomp")
    # beneath gVisor addresses are counted, whatever they lead to
    assert inside.told("uncounted_memory") == (["device"] if Wall.OWN_KERNEL in isolation.walls else [])


def test_no_memory_beyond_the_limit_that_no_process_is_seen_to_have(lease, isolation):
    """What was written and is then made read-only counts for the control group alone."""
    if Wall.CGROUP not in isolation.walls:
        pytest.skip("needs a control group")
    seen = lease(isolation, "exhaust.py", Limits(memory_bytes=2**28)).stopped("memory_made_read_only", 1024)
    assert seen.verdict is Verdict.MEMORY
    assert "256 MiB" in seen.message


def test_nothing_of_the_session_is_handed_down(inside, isolation, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "1")
    seen = inside.told("surroundings")
    scratch = Path(seen["environment"]["HOME"])
    # the interpreter itself may add LC_CTYPE, which says how to read text
    assert {k: v for k, v in seen["environment"].items() if k != "LC_CTYPE"} == template.environment(scratch)
    assert seen["descriptors"] == [0, 1, 2, 3]
    assert seen["standard input"] == ""
    assert not any(str(PACKAGE) in argument for argument in seen["arguments"])
    if Wall.USER in isolation.walls:
        assert seen["user"] not in (0, os.getuid())


def test_what_students_need_works(inside):
    assert inside.told("needed") == "works"


def test_the_worker_dies_with_the_session(isolation):
    """Killed without warning, the session takes its workers along."""
    program = (
        "import os, signal, sys\n"
        "from grader.course.model import Limits\n"
        "from grader.sandbox import lease, levels\n"
        "from grader.sandbox.worker.configuration import Wall\n"
        f"walls = [Wall(name) for name in {[str(wall) for wall in isolation.walls]!r}]\n"
        "worker = lease.open_worker(levels.isolation_of(walls), Limits())\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    # what it left has become ours; it is over as soon as it can be waited for
    waiting = threading.Timer(20, os.abort)
    waiting.start()
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    finally:
        waiting.cancel()
    if Wall.CGROUP in isolation.walls:
        # the group that it left is removed by the next session that looks where to make its own
        cgroups.find()


def _listening(address):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    return listening


def _datagram(address):
    receiving = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiving.bind(address)
    return receiving
