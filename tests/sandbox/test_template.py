"""Workers that are copies of one template: kept apart, alike, replaced when the template is gone."""

import json
import multiprocessing
import os
import select
import signal
import threading
import time
from pathlib import Path

import pytest

from grader.course.model import Limits
from grader.sandbox import launch, template
from grader.sandbox.lease import open_worker, start_worker
from grader.sandbox.worker.configuration import Wall

LIMITS = Limits(memory_bytes=2**30)


@pytest.fixture
def templates():
    """The templates of this process, by number of process. None are left from other tests."""
    launch.close_all()
    return lambda: sorted(one.process_id for one in template._kept.values())


@pytest.fixture(params=["copy", "copy of a copy", "from nothing"])
def way(request, monkeypatch, isolation):
    """The ways in which a worker can start; the last is what machines without nested namespaces have."""
    if request.param == "from nothing":
        monkeypatch.setattr(template, "_refused", True)
    first = None
    if request.param == "copy of a copy":
        if Wall.NAMESPACES not in isolation.walls or Wall.OWN_KERNEL in isolation.walls:
            pytest.skip("templates make templates within namespaces only")
        launch.close_all()
        launch.warm_up(isolation)
        ((key, first),) = template._kept.items()
        template._kept[key] = first.another()
    yield request.param
    if first is not None:
        launch.close_all()
        first.close()


@pytest.fixture
def copying(isolation):
    """An isolation at which workers are copies of a template."""
    if Wall.OWN_KERNEL in isolation.walls:
        pytest.skip("no worker on gVisor is a copy")
    return isolation


def test_workers_of_one_kind_share_a_template(lease, copying, templates):
    lease(copying, "remember.py")
    (first,) = templates()
    lease(copying, "remember.py")
    assert templates() == [first]


def test_a_template_that_cannot_be_made_leaves_no_descriptor(isolation, templates, monkeypatch):
    if Wall.NAMESPACES not in isolation.walls or Wall.OWN_KERNEL in isolation.walls:
        pytest.skip("templates make templates within namespaces only")
    launch.warm_up(isolation)
    (first,) = template._kept.values()
    first.another().close()

    def opened():
        return sorted(Path("/proc/self/fd").iterdir())

    before = opened()

    def none_left(*_):
        raise OSError(24, "Too many open files")

    for name in ("tempfile.TemporaryFile", "os.pipe"):
        with monkeypatch.context() as patched:
            patched.setattr(f"grader.sandbox.template.{name}", none_left)
            with pytest.raises(OSError, match="Too many"):
                first.another()
        assert opened() == before, name
    first.another().close()


def test_nothing_of_one_worker_is_left_for_the_next(lease, isolation):
    first = lease(isolation, "remember.py")
    assert first.call("leave")
    # while the first lives, and after it
    assert lease(isolation, "remember.py").told("look") == []
    first.worker.close()
    assert lease(isolation, "remember.py").told("look") == []


def test_every_worker_draws_the_same_numbers(lease, isolation, templates, way):
    draws = [lease(isolation, "remember.py").told("draws") for _ in range(2)]
    assert draws[0] == draws[1]
    assert draws[0][:2] == pytest.approx([0.8444218515250481, 0.5488135039273248], abs=0)  # of seed 0
    assert bool(templates()) == (way != "from nothing" and Wall.OWN_KERNEL not in isolation.walls)


def test_a_worker_sees_no_other_process(lease, isolation, way):
    if Wall.NAMESPACES not in isolation.walls:
        pytest.skip(
            "without namespaces numbers of processes can be seen; signals are refused, see the conformance tests"
        )
    lease(isolation, "remember.py")
    assert lease(isolation, "remember.py").told("processes") == []


def test_a_worker_has_no_descriptor_of_the_template(lease, isolation, way):
    kinds = lease(isolation, "remember.py").told("descriptors")
    assert set(kinds) == {"0", "1", "2", "3"}
    assert lease(isolation, "remember.py").told("ask_the_template") == []


def test_a_template_that_is_gone_is_replaced(lease, copying, templates):
    lease(copying, "remember.py").worker.close()
    (gone,) = templates()
    os.kill(gone, signal.SIGKILL)
    # the first process of its namespace, where there is one, ends with it
    for one in template._kept.values():
        one.kill()
    assert lease(copying, "remember.py").told("look") == []
    assert templates() != [gone]


def test_a_template_that_somebody_else_has_waited_for_is_replaced(lease, full, templates):
    """Whatever else runs in this process may wait for every child there is."""
    lease(full, "remember.py").worker.close()
    (gone,) = templates()
    os.kill(gone, signal.SIGKILL)
    os.waitpid(gone, 0)
    assert lease(full, "remember.py").told("look") == []
    assert templates() != [gone]


def test_a_worker_that_is_closed_before_it_has_started_leaves_nothing(copying, templates):
    start_worker(copying, LIMITS).close()
    with open_worker(copying, LIMITS) as second:
        start_worker(copying, LIMITS).close()
        second.deliver({"a.py": b""})
    assert len(templates()) == 1


def test_answers_belong_to_their_requests(isolation):
    first, second, third = (start_worker(isolation, LIMITS) for _ in range(3))
    third.deliver({"third.py": b""})
    second.close()
    first.deliver({"first.py": b""})
    first.close()
    third.close()


def test_only_some_templates_are_kept(full, templates):
    kinds = [("torch",), ("torchvision",), ("keras",), ("matplotlib",), ()]
    for libraries in kinds:
        # what is not installed is left out, so that this needs none of them
        with open_worker(full, LIMITS, libraries=libraries):
            pass
    assert len(templates()) == template.MAX_KEPT


def test_a_template_in_use_is_kept(full, templates):
    with open_worker(full, LIMITS) as worker:
        for libraries in (("torch",), ("torchvision",), ("keras",), ("matplotlib",)):
            with open_worker(full, LIMITS, libraries=libraries):
                pass
        worker.deliver({"a.py": b"x = 1\n"})


def test_each_thread_has_its_own(full, templates):
    """The kernel ends a template with the thread that started it."""
    with open_worker(full, LIMITS):
        thread = threading.Thread(target=lambda: open_worker(full, LIMITS).close())
        thread.start()
        thread.join()
        assert len(templates()) == 2


def test_a_worker_from_nothing_has_the_same_walls(isolation):
    with open_worker(isolation, LIMITS, copy=False) as cold, open_worker(isolation, LIMITS) as warm:
        assert cold.hello == warm.hello


def test_a_worker_made_ahead_is_the_next_one_of_its_kind_and_no_other(isolation, templates):
    with open_worker(isolation, LIMITS) as first:
        first.start_another()
        ahead = list(launch._ahead.values())
        assert bool(ahead) == (Wall.NAMESPACES in isolation.walls and Wall.OWN_KERNEL not in isolation.walls)
        with open_worker(isolation, LIMITS) as second:
            assert ahead in ([], [second._process])
            second.start_another()
            ahead = list(launch._ahead.values())
            with open_worker(isolation, Limits(memory_bytes=2**31)) as third:
                assert third._process not in ahead
                for worker in (first, second, third):
                    worker.deliver({"a.py": b"x = 1\n"})
    assert not launch._ahead


def test_a_worker_made_ahead_is_not_waited_for_when_its_template_is_gone(copying, templates):
    with open_worker(copying, LIMITS) as first:
        first.start_another()
        first._process.source.kill()
    with open_worker(copying, LIMITS) as second:
        second.deliver({"a.py": b"x = 1\n"})


def test_a_worker_made_ahead_is_not_left_behind(isolation, templates):
    """Neither one that is still being made, nor one that has long been waiting."""
    for wall_s in (0.0, 0.2):
        before = len(list(Path("/proc/self/fd").iterdir()))
        with open_worker(isolation, LIMITS) as worker:
            worker.start_another()
            time.sleep(wall_s)
        launch.close_all()
        assert templates() == []
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_worker_that_was_told_to_end_is_over_soon(isolation):
    worker = open_worker(isolation, LIMITS)
    worker.end()
    worker.close()
    worker.close()


# --- templates made by templates --------------------------------------------------------------------------------------


@pytest.fixture
def warm(full, templates):
    """A template that holds NumPy and nothing else."""
    launch.warm_up(full)
    (kept,) = template._kept.values()
    return kept


def test_a_worker_that_needs_nothing_else_is_a_copy_of_what_was_started_early(lease, full, warm, templates):
    lease(full, "remember.py")
    assert templates() == [warm.process_id]


def test_a_template_with_libraries_goes_on_from_one_without(full, warm, templates):
    with open_worker(full, LIMITS, libraries=("torchvision",)) as worker:
        worker.deliver({"a.py": b"x = 1\n"})
        (further,) = set(templates()) - {warm.process_id}
        assert parent_of(further) == parent_of_inside(warm)
        # it would end with the one that it is a copy of
        assert warm.users == 1
    launch.close_all()
    assert templates() == []


def test_a_template_that_cannot_go_on_from_another_starts_from_nothing(full, warm, templates):
    warm.kill()
    with open_worker(full, LIMITS, libraries=("torchvision",)) as worker:
        worker.deliver({"a.py": b"x = 1\n"})


def test_nothing_is_started_early_where_workers_are_not_copies(none, templates):
    launch.warm_up(none)
    assert templates() == []


def test_templates_of_templates_leave_no_descriptor(full, templates):
    before = len(list(Path("/proc/self/fd").iterdir()))
    launch.warm_up(full)
    open_worker(full, LIMITS, libraries=("torchvision",)).close()
    for given in template.hand_over():
        given.forget()
    launch.close_all()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.fixture
def other_process(full, warm):
    """A copy of this process to which templates were handed over; it grades on each word that it is sent."""
    given = template.hand_over()
    near, far = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_use, args=(full, given, near, far), daemon=True)
    process.start()
    far.close()
    handles = [os.pidfd_open(one.process_id) for one in given]
    for one in given:
        one.forget()
    yield near, process, handles
    near.close()
    process.join(10)
    assert not process.is_alive()
    process.close()
    for handle in handles:
        os.close(handle)


def _use(full, given, near, far):
    near.close()
    template.take_over(given)
    while True:
        try:
            far.recv()
        except EOFError:
            break
        with open_worker(full, LIMITS) as worker:
            worker.deliver({"a.py": b"x = 1\n"})
            kept = [one.process_id for one in template._kept.values()]
            far.send(json.dumps([kept, parent_of(worker._process._process.process_id)]))
    launch.close_all()


def test_what_was_handed_over_serves_another_process(lease, full, warm, other_process):
    pipe, _, handles = other_process
    for _ in range(2):
        pipe.send("go on")
        kept, parent = json.loads(pipe.recv())
        assert kept == [parent]
        assert parent != warm.process_id
    pipe.close()
    assert all(is_over(handle) for handle in handles)
    # and the one that it is a copy of serves this one
    lease(full, "remember.py")


def test_what_was_handed_over_ends_with_the_process_it_was_for(warm, other_process):
    pipe, process, handles = other_process
    pipe.send("go on")
    pipe.recv()
    process.kill()
    assert all(is_over(handle) for handle in handles)
    assert warm.wait(0) is None


def is_over(handle):
    """Whether the process behind a pidfd ends within some seconds."""
    return bool(select.select([handle], [], [], 10)[0])


def parent_of(number):
    return int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])


def parent_of_inside(warm):
    """The number of the process that bubblewrap has started: the template itself."""
    (inside,) = (
        int(name) for name in Path(f"/proc/{warm.process_id}/task/{warm.process_id}/children").read_text().split()
    )
    return inside
