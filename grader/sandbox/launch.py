"""How a worker's process comes to be, and how it is ended. The only module that knows that it is a copy of another.

Where namespaces cannot be made within namespaces, the template that was asked for a copy becomes the worker itself, and
the next worker starts from nothing: slower, behind the same walls.
"""

import atexit
import math
import os
import resource
import signal
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from grader.course.model import Limits
from grader.sandbox import cgroups, mounts, template, users
from grader.sandbox.cgroup_places import Place, Unavailable
from grader.sandbox.cgroups import Group
from grader.sandbox.gvisor import Sandbox
from grader.sandbox.levels import Isolation
from grader.sandbox.mounts import Machine, Mount
from grader.sandbox.process import Copy, Ending, number_of
from grader.sandbox.template import SCRATCH_BYTES, SCRATCH_FILES, Kind, Template
from grader.sandbox.worker import configuration
from grader.sandbox.worker.configuration import Configuration, Wall
from grader.sandbox.worker.template import LIBRARIES

_ENDING_S = 2.0
_KERNEL_BYTES = 2**26
"""For what the kernel keeps for a worker: its page tables, its open files, the names in its scratch."""


class Launched:
    """A worker that has been asked for, and the means to end it.

    ``connection`` is the session's end of the conversation, ``outputs`` the read ends of standard output and standard
    error. Whoever takes these closes them.
    """

    def __init__(self, source: Template | Sandbox, plan: "Plan", *, copy: bool) -> None:
        """Ask ``source`` for a worker.

        Raises:
            OSError: there are not enough descriptors.
        """
        self.connection, far = socket.socketpair()
        output, output_far = os.pipe()
        errors, errors_far = os.pipe()
        ended, ended_far = os.pipe()
        self.outputs = (output, errors)
        self.started_s = time.monotonic()
        self.starter_peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        """The most memory that the process had of which this started as a copy. The kernel counts it for the copy."""
        self.source = source
        self.plan = plan
        self._ended = ended
        self._own_handle: int | None = None
        self._process: Copy | None = None
        self._is_cleaned_up = False
        self._group: Group | None = None
        self._preparing: threading.Thread | None = None
        self._is_prepared = False
        self._failure: Exception | None = None
        self._copy = copy
        source.users += 1
        descriptors = (far.fileno(), output_far, errors_far, ended_far)
        self._request = source.ask(descriptors, separate=plan.separate, copy=copy)
        far.close()
        for descriptor in (output_far, errors_far, ended_far):
            os.close(descriptor)

    def prepare(self, deadline: float) -> int:
        """Wait for the process, and tell it how to confine itself.

        Returns:
            A descriptor that becomes readable when the process is over, for the caller to close.

        Raises:
            TimeoutError: ``deadline`` (of :func:`time.monotonic`) passed first.
            EOFError: the template is over.
            Unavailable: it cannot be moved into a control group.
        """
        if self._preparing is not None:
            self._preparing.join(max(0.0, deadline - time.monotonic()))
            if self._preparing.is_alive():
                raise TimeoutError
        if self._failure is not None:
            raise self._failure
        if not self._is_prepared:
            self._prepare(deadline)
        if self._process is not None:
            return self._process.watched()
        assert self._own_handle is not None
        return os.dup(self._own_handle)

    def prepare_meanwhile(self, deadline: float) -> None:
        """Begin with :meth:`prepare` in a thread: most of it is waiting, for the template and for the kernel."""

        def prepare() -> None:
            try:
                self._prepare(deadline)
            except Exception as error:  # whoever wants the process is told
                self._failure = error

        self._preparing = threading.Thread(target=prepare, daemon=True)
        self._preparing.start()

    def _prepare(self, deadline: float) -> None:
        started, handle = self.source.answer(self._request, deadline)
        number = number_of(handle)
        if started.copied:
            self.starter_peak_bytes = started.peak_bytes
            self._process = Copy(handle, self._ended, self.source)
        else:
            self._own_handle = handle
        own_number = number if started.copied else self.source.process_id
        with suppress(BrokenPipeError):
            # a process that is over already is noticed by whoever waits for its hello
            self.connection.sendall(configuration.encode(self.plan.configuration(own_number)))
        if Wall.CGROUP in self.plan.isolation.walls:
            # the kernel takes its time for that, while the process, which has seen nothing of a submission, confines
            # itself
            self._join_group(number)
        self._is_prepared = True

    @property
    def is_copy(self) -> bool:
        """Whether it has become a copy of its template."""
        return self._process is not None

    @property
    def said(self) -> str:
        """What the template had to say, if it is over."""
        return self.source.said

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended it, or a process that it had started, because all of them together had used up
        their memory."""
        return self._group is not None and self._group.ran_out_of_memory

    def wait(self, wall_s: float) -> Ending | None:
        """Return how the process ended, or ``None`` if it has not within ``wall_s`` seconds."""
        return (self._process or self.source).wait(wall_s)

    def end(self) -> None:
        """Have the kernel end the process and everything in its namespace, where it is a copy, and do not wait for it:
        a large one takes some hundredths of a second. Safe to call twice."""
        if self._process is None or self._is_cleaned_up or self._process.wait(0) is not None:
            return
        self._process.end()
        if not self.plan.separate:
            # it leads a session of its own: this reaches what it may have started
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.process_id, signal.SIGKILL)

    def kill(self) -> None:
        """End the process and everything in its namespace and its control group. Safe to call twice."""
        self._kill_process()
        if self._group is not None:
            self._group.kill()

    def _join_group(self, process_id: int) -> None:
        try:
            self._group = self.plan.group()
            # one that is over already is noticed by whoever waits for its hello
            with suppress(ProcessLookupError):
                self._group.admit(process_id)
        except OSError as error:
            raise Unavailable(str(error)) from None

    def _kill_process(self) -> None:
        if self._preparing is not None:
            self._preparing.join()
        if self._process is not None:
            self.end()
            if self.wait(_ENDING_S) is not None:
                return
        elif self._own_handle is None and self._copy:
            self.source.abandon(self._request)
            return
        self.source.kill()

    def give_up(self) -> None:
        """End a process that nobody wants any more, and close everything that :attr:`connection` and :attr:`outputs`
        name."""
        self.kill()
        self.connection.close()
        for descriptor in self.outputs:
            os.close(descriptor)
        self.clean_up()

    def clean_up(self) -> None:
        """Remove what was made for this process. Safe to call twice."""
        if self._is_cleaned_up:
            return
        self._is_cleaned_up = True
        if self._process is not None:
            self._process.forget()
        else:
            os.close(self._ended)
        if self._own_handle is not None:
            os.close(self._own_handle)
        self.source.users -= 1
        if self._group is not None:
            self._group.end()
        if self.plan.folder is not None:
            template.remove(self.plan.folder)
        if not self.source.users and (not self._copy or self.source.wait(0) is not None):
            self.source.close()


class Plan(msgspec.Struct, frozen=True):
    """How one worker is to confine itself. ``folder`` was made for it where it has no file system of its own."""

    isolation: Isolation
    limits: Limits
    scratch: Path
    readable: tuple[Path, ...]
    listable: tuple[Path, ...]
    folder: Path | None

    @property
    def separate(self) -> bool:
        """Whether it gets namespaces of its own."""
        return Wall.NAMESPACES in self.isolation.walls

    def group(self) -> Group:
        """Make a group whose limit on memory nothing reaches that keeps within the other limits.

        Raises:
            Unavailable: groups could be made when the walls were probed, and no longer can.
            OSError: the kernel refuses.
        """
        allowed_bytes = self.limits.memory_bytes + SCRATCH_BYTES + _KERNEL_BYTES
        return Group(_place(), memory_bytes=allowed_bytes, processes=self.limits.processes)

    def configuration(self, process_id: int) -> Configuration:
        """Return what to tell the worker that has become ``process_id``."""
        walls, limits = self.isolation.walls, self.limits
        # on a kernel of its own it is somebody else from the start
        changes_user = Wall.USER in walls and Wall.OWN_KERNEL not in walls and os.geteuid() == 0
        user_id = users.unused(process_id) if changes_user else None
        if self.folder is not None:
            users.hand_over(self.folder, self.scratch, user_id)
        return Configuration(
            walls=walls,
            scratch=str(self.scratch),
            scratch_bytes=SCRATCH_BYTES,
            scratch_files=SCRATCH_FILES,
            readable=tuple(map(str, self.readable)),
            listable=tuple(map(str, self.listable)),
            memory_bytes=limits.memory_bytes,
            processor_s=processor_limit_s(limits),
            processes=limits.processes if users.counts_own_processes(walls) else None,
            user_id=user_id,
        )


def start(
    isolation: Isolation,
    limits: Limits,
    hidden: Sequence[Path],
    libraries: Iterable[str] = (),
    *,
    copy: bool = True,
) -> Launched:
    """Ask for a worker that will raise the walls of ``isolation``, and return at once.

    Its template has imported ``libraries``, some of :data:`~grader.sandbox.worker.template.LIBRARIES`. Without
    ``copy``, the worker starts from nothing.

    Raises:
        OSError: it cannot be started.
    """
    machine = _machine()
    copy = copy and not template.refuses_copies()
    known = tuple(name for name in LIBRARIES if name in set(libraries))
    if Wall.NAMESPACES in isolation.walls:
        mounted = mounts.plan(machine, hidden)
        bound = mounts.bound(mounted)
        plan = Plan(isolation, limits, mounts.SCRATCH, bound, bound, None)
        if Wall.OWN_KERNEL in isolation.walls:
            return Launched(Sandbox(mounted, known), plan, copy=False)
        source = _template(Kind(mounted, known), machine, copy=copy)
        return _made_ahead(source, plan) or Launched(source, plan, copy=copy)
    source = _template(Kind(None, known), machine, copy=copy)
    return Launched(source, _plan_in_folder(isolation, limits, hidden, source, machine), copy=copy)


def warm_up(isolation: Isolation) -> None:
    """Start a template that holds NumPy for this thread, in which most submissions are graded, before the first of
    them is known. Does nothing where workers have no namespaces, or a kernel of their own."""
    if Wall.NAMESPACES in isolation.walls and Wall.OWN_KERNEL not in isolation.walls:
        machine = _machine()
        # without it, the first worker says what is wrong
        with suppress(OSError):
            _template(Kind(mounts.plan(machine, ()), ()), machine, copy=True)


# --- workers that are asked for before they are wanted ----------------------------------------------------------------

_ahead: dict[int, Launched] = {}
"""One for each thread that has asked for one."""


def start_ahead(like: Launched, wall_s: float) -> None:
    """Ask for another worker like this one, which this thread's next :func:`start` of such a one returns.

    Making a copy of a large template and moving it into a control group take some hundredths of a second, which pass
    meanwhile; ``wall_s`` seconds are allowed for it. Nothing is asked for where workers are no copies, or have no
    namespaces of their own.
    """
    if like.is_copy and like.plan.separate:
        _forget_ahead()
        # without descriptors to spare, the next one starts when it is wanted
        with suppress(OSError):
            made = _ahead[threading.get_ident()] = Launched(like.source, like.plan, copy=True)
            made.prepare_meanwhile(made.started_s + wall_s)


def close_all() -> None:
    """End what this thread has asked for ahead, and every template of this process that no worker needs any more."""
    _forget_ahead()
    template.close_all()


def _made_ahead(source: Template, plan: Plan) -> Launched | None:
    made = _ahead.get(threading.get_ident())
    if made is None or made.source is not source or made.plan != plan:
        _forget_ahead()
        return None
    del _ahead[threading.get_ident()]
    made.started_s = time.monotonic()
    return made


def _forget_ahead() -> None:
    made = _ahead.pop(threading.get_ident(), None)
    if made is not None:
        made.give_up()


atexit.register(close_all)


def processor_limit_s(limits: Limits) -> int:
    """Return the processor time after which the kernel ends a worker, in case there is no session left to do so."""
    return math.ceil(limits.total_s) * 2 + 10


def _plan_in_folder(
    isolation: Isolation, limits: Limits, hidden: Sequence[Path], source: Template, machine: Machine
) -> Plan:
    folder = template.make_folder()
    mounted: tuple[Mount, ...] = mounts.plan(machine, hidden)
    code = () if source.folder is None else (source.folder / "code",)
    return Plan(
        isolation,
        limits,
        scratch=folder / "scratch",
        readable=(*mounts.granted(mounted, (machine.package, *hidden), Path.iterdir), *code),
        listable=(*(path for path in mounts.bound(mounted) if path.exists()), *code),
        folder=folder,
    )


def _template(kind: Kind, machine: Machine, *, copy: bool) -> Template:
    return template.shared(kind, machine) if copy else template.start(kind, machine)


@cache
def _machine() -> Machine:
    machine = mounts.look()
    mounts.compile_code(machine)
    return machine


@cache
def _place() -> Place:
    return cgroups.find()
