"""Real workers at every level that this machine offers."""

import ctypes
import gc
import json
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from grader.course.model import Limits
from grader.sandbox import cgroups, template, wire
from grader.sandbox.cgroup_places import Unavailable
from grader.sandbox.lease import Stopped, open_worker
from grader.sandbox.levels import Level, choose, isolation_of, own_kernel, probe
from grader.sandbox.worker.configuration import Wall

ATTACKS = Path(__file__).parent / "attacks"
PR_SET_CHILD_SUBREAPER = 36

# every combination that a real machine can end up with, strongest first: the walls it lacks
VARIANTS = {
    "gvisor": {Wall.LANDLOCK},
    "full": set(),
    "strong without Landlock": {Wall.LANDLOCK},
    "strong without seccomp": {Wall.SECCOMP},
    "reduced": {Wall.NAMESPACES, Wall.SCRATCH, Wall.USER},
    "reduced without seccomp": {Wall.NAMESPACES, Wall.SCRATCH, Wall.USER, Wall.SECCOMP},
}


@pytest.fixture(scope="session")
def best():
    """What this machine offers."""
    return probe()


@pytest.fixture(params=VARIANTS)
def isolation(request, best):
    """Every isolation that promises something; a test skips where the machine cannot raise one of its walls."""
    return variant(best, request.param)


@pytest.fixture
def full(best):
    return variant(best, "full")


@pytest.fixture
def none():
    return isolation_of(set())


def variant(best, name):
    if name == "gvisor":
        if not (found := own_kernel()).works:
            pytest.skip(f"no worker can run on gVisor here: {found.why}")
        return choose(best, demanded=Level.GVISOR)
    # a control group is there where it can be had, and no level needs it
    wanted = set(Wall) - VARIANTS[name] - {Wall.OWN_KERNEL} - ({Wall.CGROUP} - set(best.walls))
    if missing := sorted(wanted - set(best.walls)):
        pytest.skip(f"this machine cannot raise: {', '.join(missing)}")
    return isolation_of(wanted)


class Subject:
    """A worker to which one of the files in ``attacks`` has been delivered and loaded."""

    def __init__(self, worker, attack):
        self.worker = worker
        self.attack = attack
        worker.deliver({attack: (ATTACKS / attack).read_bytes()})
        loaded = worker.request(wire.Load(attack, ()), wall_s=30).message
        assert isinstance(loaded, wire.Loaded), loaded

    def call(self, function, *arguments, wall_s=30.0):
        """Call with texts; return the answer's message."""
        values = tuple(wire.Text(str(argument)) for argument in arguments)
        return self.worker.request(wire.Call(self.attack, function, (values,)), wall_s=wall_s).message

    def told(self, function, *arguments):
        """Return the data that a function tells as JSON text."""
        answer = self.call(function, *arguments)
        assert isinstance(answer, wire.Returned), answer
        assert isinstance(answer.results[0].value, wire.Text)
        return json.loads(answer.results[0].value.value)

    def raised(self, function):
        """Return the name of the exception that a function raises."""
        answer = self.call(function)
        assert isinstance(answer, wire.Raised), answer
        return answer.type_name

    def stopped(self, function, *arguments, wall_s=20.0):
        """Return how a call ended the worker, and see that it stays ended."""
        with pytest.raises(Stopped) as first:
            self.call(function, *arguments, wall_s=wall_s)
        with pytest.raises(Stopped) as second:
            self.call(function, *arguments)
        assert second.value is first.value
        return first.value


@pytest.fixture
def lease():
    """``lease(isolation, "exhaust.py", limits)`` opens a worker and returns it as a :class:`Subject`."""
    opened = []

    def open_one(isolation, attack, limits=None, *, hidden=()):
        worker = open_worker(isolation, limits or Limits(memory_bytes=2**30), hidden=hidden)
        opened.append(worker)
        return Subject(worker, attack)

    yield open_one
    for worker in opened:
        worker.close()


@pytest.fixture
def open_folder():
    """A folder that everybody may read, so that only the walls stand in the way."""
    folder = Path(tempfile.mkdtemp(prefix="course-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_left():
    """Fail a test that leaves a process, a descriptor or a temporary folder behind."""
    # orphans of our children become our own children instead of disappearing from view
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _leftovers()
    yield
    template.close_all()
    gc.collect()
    _reap_orphans()
    assert _leftovers() - before == set()


def _reap_orphans():
    """Wait for grandchildren that are over, as the first process of the machine would."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _leftovers():
    folders = Path(tempfile.gettempdir()).glob(f"grader-worker-{os.getpid()}-*")
    return {*_children(), *map(str, Path("/proc/self/fd").iterdir()), *map(str, folders), *_groups()}


@cache
def _place():
    with suppress(Unavailable):
        return cgroups.find()


def _groups():
    parents = place.parents if (place := _place()) else ()
    return {str(group) for parent in parents for group in parent.glob(f"grader-worker-{os.getpid()}-*")}


def _children():
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == os.getpid():
                yield f"process {entry.name}"
