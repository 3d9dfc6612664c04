"""Attacks on the machine and on the conversation: each is contained, has a verdict with a name, and leaves nothing."""

import time

import numpy as np
import pytest

from grader.course.model import Limits
from grader.results import Verdict
from grader.sandbox import wire
from grader.sandbox.lease import Stopped, open_worker
from grader.sandbox.worker.configuration import Wall

SMALL = Limits(memory_bytes=2**29, processes=32, output_bytes=1000)


@pytest.fixture
def greedy(lease, isolation):
    return lease(isolation, "exhaust.py", SMALL)


def test_fork_bomb(greedy, isolation):
    if Wall.SECCOMP in isolation.walls:
        assert greedy.raised("fork_bomb") == "PermissionError"
    elif {Wall.USER, Wall.CGROUP} & set(isolation.walls):
        assert greedy.raised("fork_bomb") == "BlockingIOError"
    else:
        pytest.skip("without seccomp, a user and a control group of its own, nothing counts its processes")


def test_thread_bomb(greedy, isolation):
    if not {Wall.USER, Wall.CGROUP} & set(isolation.walls):
        pytest.skip("without a user or a control group of its own only the limit on memory counts threads; slow")
    assert greedy.raised("thread_bomb") == "RuntimeError"


@pytest.mark.parametrize("function", ["memory_bomb", "memory_bomb_of_bytes"])
def test_memory_bomb(greedy, function):
    assert greedy.raised(function) in {"MemoryError", "_ArrayMemoryError"}


def test_out_of_memory_in_a_library(greedy):
    seen = greedy.stopped("out_of_memory_in_c")
    assert seen.verdict is Verdict.MEMORY
    assert "512 MiB" in seen.message


@pytest.mark.parametrize("function", ["fill_bytes", "fill_inodes", "one_large_file"])
def test_disk_fill(greedy, isolation, function):
    if Wall.SCRATCH not in isolation.walls and function != "one_large_file":
        pytest.skip("without namespaces the scratch is a plain folder, bounded by the size of each file only")
    if Wall.OWN_KERNEL in isolation.walls and function == "fill_inodes":
        pytest.skip("gVisor does not count files; see test_gvisor.py")
    assert greedy.raised(function) == "OSError"


def test_output_is_read_to_the_end_and_mostly_forgotten(greedy):
    assert isinstance(greedy.call("flood_output"), wire.Returned)
    assert greedy.worker.output.kept_bytes == 1000
    assert greedy.worker.output.dropped_bytes >= 490 * 2**20


@pytest.mark.parametrize("function", ["loop", "loop_in_c", "loop_in_a_library_call"])
def test_endless_loop(greedy, function):
    seen = greedy.stopped(function, wall_s=0.5)
    assert seen.verdict is Verdict.TIMEOUT
    assert seen.message == "no answer within 0.5 s; the process was ended"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("leave_at_once", "the process ended by itself with exit code 0 during the call"),
        ("leave_with_a_code", "the process ended by itself with exit code 17 during the call"),
        ("leave_in_a_thread", "the process ended by itself with exit code 0 during the call"),
        ("crash", "the process was ended by signal 11 (SIGSEGV) during the call"),
    ],
)
def test_leaving(lease, isolation, function, message):
    seen = lease(isolation, "leave.py").stopped(function)
    assert (seen.verdict, seen.message) == (Verdict.CRASH, message)


@pytest.mark.parametrize("function", ["leave_politely", "leave_at_exit"])
def test_leaving_politely_is_an_exception_like_any_other(lease, full, function):
    answer = lease(full, "leave.py").call(function)
    assert isinstance(answer, wire.Raised)
    assert answer.type_name == "SystemExit"


def test_killing_oneself(lease, isolation):
    worker = lease(isolation, "leave.py")
    if Wall.NAMESPACES in isolation.walls and Wall.OWN_KERNEL not in isolation.walls:
        # the first process of a namespace is deaf to its own signals; gVisor has no such rule
        assert isinstance(worker.call("kill_myself"), wire.Returned)
    else:
        seen = worker.stopped("kill_myself")
        assert (seen.verdict, seen.message) == (
            Verdict.CRASH,
            "the process was ended by signal 9 (SIGKILL) during the call",
        )


@pytest.mark.parametrize("function", ["close_connection", "close_everything", "replace_connection"])
def test_hanging_up(lease, isolation, function):
    seen = lease(isolation, "leave.py").stopped(function, wall_s=3)
    assert seen.verdict in {Verdict.CRASH, Verdict.TIMEOUT}


def test_leaving_while_the_file_is_loaded(full):
    with open_worker(full, Limits()) as worker:
        worker.deliver({"backprop.py": b"import os\nprint('All tests passed', flush=True)\nos._exit(0)\n"})
        with pytest.raises(Stopped, match="ended by itself with exit code 0") as caught:
            worker.request(wire.Load("backprop.py", ("forward",)), wall_s=20)
        assert caught.value.verdict is Verdict.CRASH
        assert worker.output.text == "All tests passed\n"


# request 1 delivers, 2 loads, 3 is the call
@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("answer_twice", "more than one answer"),
        ("answer_another", "answered request 4 when request 3 was asked"),
        ("answer_with_hello", "answered Call with Hello"),
        ("answer_with_a_request", "answered Call with Read"),
        ("answer_then_leave", "more than one answer"),
        ("junk", "a header of 4,294,967,295 bytes was announced"),
        ("long_header", "a header of 4,294,967,295 bytes was announced"),
        ("long_body", "a body of 9,223,372,036,854,775,808 bytes was announced"),
        ("object_array", "dtype 'O8' is not one that travels"),
        ("nested", "a header that does not decode"),
    ],
)
def test_forged_answer(lease, full, function, message):
    seen = lease(full, "forge.py").stopped(function, 3)
    assert seen.verdict is Verdict.CRASH
    assert seen.message.startswith("the process did not keep to the protocol between grader and worker: ")
    assert message in seen.message


def test_forged_answer_beside_the_real_one(lease, full):
    """The forged one may be taken (it is the student's word either way), but then nothing more is asked."""
    worker = lease(full, "forge.py")

    def go_on_asking():
        worker.call("answer_instead", 3)
        worker.call("harmless", 4)

    with pytest.raises(Stopped, match=r"more than one answer|before it was asked|answered request 3"):
        go_on_asking()


def test_answer_before_the_question(lease, full):
    worker = lease(full, "forge.py")
    assert worker.call("answer_later", 3) == wire.Returned(
        (wire.Result(wire.Text("real"), 0),), pytest.approx(0, abs=30)
    )
    time.sleep(1)
    with pytest.raises(Stopped, match="before it was asked"):
        worker.call("harmless", 4)


def test_unfinished_answer(lease, full):
    assert lease(full, "forge.py").stopped("unfinished", 3, wall_s=0.5).verdict is Verdict.TIMEOUT


def test_a_worker_that_does_not_read_is_not_waited_for(lease, full):
    subject = lease(full, "exhaust.py")
    assert isinstance(subject.call("hold_the_interpreter"), wire.Returned)
    time.sleep(0.5)
    large = np.zeros(2**24)
    with pytest.raises(Stopped, match="no answer within"):
        subject.worker.request(wire.Call("exhaust.py", "loop", ((wire.Array(0),),)), [large], wall_s=0.3)


def test_delivered_files_stay_in_their_folder(full):
    for path in ("../outside.py", "/etc/outside.py", "a/../../outside.py", ""):
        with open_worker(full, Limits()) as worker, pytest.raises(Stopped, match="ended by itself"):
            worker.deliver({path: b""})


def test_level_none_still_survives_a_crash(lease, none):
    seen = lease(none, "leave.py").stopped("leave_at_once")
    assert seen.verdict is Verdict.CRASH
