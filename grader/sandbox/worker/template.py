"""A process that has imported what workers need, and makes workers as copies of itself.

It runs none of a student's code and holds no secret: it is what a worker is before a submission arrives. A copy gets
namespaces of its own where there are any, then raises the other walls as a worker that started from nothing would.

The session speaks to it over a socket that keeps packets apart; a request comes with four descriptors, the answer with
one by which the session can signal the new process. How a copy has ended is written into the last of the four.
"""

import array
import fcntl
import gc
import importlib
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache

import msgspec

from grader.sandbox.worker import kernel, main, system_calls, walls

MAX_PACKET_BYTES = 4096
DESCRIPTORS = 4
"""Of a request: the conversation, standard output, standard error, and where to say how the worker ended."""

_OUT_OF_THE_WAY = 10
_WORKER_MODULES = (
    *("loader", "notebook", "reader", "names", "source", "tracebacks", "evasions", "landlock", "walls"),
    *("operations.workbench", "operations.cell_facts", "operations.notebook_facts"),
)
_ALWAYS = ("numpy.random", "numpy.linalg", "numpy.fft", "tempfile", "inspect", "tokenize", "dataclasses", "typing")
LIBRARIES: dict[str, tuple[str, ...]] = {
    "torch": (
        *("torch", "torch.nn.functional", "torch.optim", "torch.utils.data"),
        *("grader.sandbox.worker.operations.live_torch", "grader.sandbox.worker.operations.weights_torch"),
        "grader.transplant.trace_torch",
    ),
    "torchvision": ("torchvision", "torchvision.transforms"),
    "keras": (
        *("tensorflow", "keras", "h5py"),
        *("grader.sandbox.worker.operations.live_keras", "grader.sandbox.worker.operations.weights_keras"),
        "grader.transplant.trace_keras",
    ),
    "matplotlib": ("matplotlib.pyplot", "matplotlib.backends.backend_agg"),
}
"""What a template can hold besides NumPy, and the modules that make it up."""
_FOR_MANY = {"torch": ("torch._dynamo",)}
"""What takes as long as all the rest, and what a library imports by itself when a network is first trained: worth it as
soon as there is a second worker."""


class Begin(msgspec.Struct, frozen=True):
    """The first packet: which of :data:`LIBRARIES` to import. Those that are not installed are left out."""

    libraries: tuple[str, ...]


class Start(msgspec.Struct, frozen=True):
    """A request for a worker. ``separate``: in namespaces of its own; ``copy``: as a copy, not the template itself.

    ``template``: for another template instead, to be spoken to where a worker would have its conversation.
    """

    request: int
    separate: bool
    copy: bool
    template: bool = False


class Started(msgspec.Struct, frozen=True):
    """The answer to a request. If not ``copied``, the template itself has become the worker, and makes no more.

    ``peak_bytes`` is the most memory that the template had, which the kernel counts for its copies as well.
    """

    request: int
    copied: bool
    peak_bytes: int


class Ended(msgspec.Struct, frozen=True):
    """How a copy ended: the status that the kernel gives, its peak of memory, and its processor time."""

    status: int
    peak_bytes: int
    processor_s: float


def run() -> None:
    """Be a template until the session hangs up. The socket to the session arrives as standard input."""
    control = socket.socket(fileno=os.dup(0))
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    system_calls.prepare(1)
    own_numbers = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    _be_template(control, own_numbers)


def _be_template(control: socket.socket, own_numbers: int) -> None:
    begin = msgspec.msgpack.decode(control.recv(MAX_PACKET_BYTES), type=Begin)
    _import(_modules(LIBRARIES, begin.libraries))
    _freeze()
    # beside TensorFlow, the compiler that this brings would end the process: two copies of LLVM
    _serve(control, own_numbers, [] if "keras" in begin.libraries else _modules(_FOR_MANY, begin.libraries))


def _modules(parts: Mapping[str, Sequence[str]], libraries: Sequence[str]) -> list[str]:
    return [module for library in libraries for module in parts.get(library, ())]


def _freeze() -> None:
    """What is there now is nobody's garbage, and a collector that looked at it would copy all of it in every worker."""
    gc.collect()
    gc.freeze()


def run_alone(libraries: Sequence[str]) -> None:
    """Be one worker, where nobody can pass descriptors on: the conversation arrives as standard input, and the pipes
    for output and errors are where they belong already. ``libraries`` are some of :data:`LIBRARIES`."""
    # out of the way of the numbers that a worker's descriptors have
    received = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY) for number in (0, 1, 2, 2)]
    # what libraries say while they are imported is none of a student's output
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    _import(_modules(LIBRARIES, libraries))
    system_calls.prepare(os.getpid())
    _become_worker(received, separate=False)


def _import(modules: Sequence[str]) -> None:
    own = [f"grader.sandbox.worker.{name}" for name in _WORKER_MODULES]
    for name in (*own, *_ALWAYS, *modules):
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # where it is missing, the student's own import says so
        except Exception as error:  # a broken installation: likewise
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    _seed_libraries()


def _seed_libraries() -> None:
    """PyTorch seeds itself at random when it is imported, TensorFlow at the first draw: code that draws without a seed
    of its own is to get the same numbers from every template. In a worker, this would cost it milliseconds."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.manual_seed(0)
    if (tensorflow := sys.modules.get("tensorflow")) is not None:
        tensorflow.random.set_seed(0)


def _serve(control: socket.socket, own_numbers: int, for_many: Sequence[str]) -> None:
    """Answer requests. ``for_many`` are modules to import when a second worker is asked for."""
    started = 0
    watched = select.poll()
    watched.register(control, select.POLLIN)
    # by a descriptor that becomes readable at its end: the process, and where to say how it ended
    living: dict[int, tuple[int, int]] = {}
    while True:
        for descriptor, _ in watched.poll():
            if descriptor != control.fileno():
                watched.unregister(descriptor)
                _tell_end(*living.pop(descriptor))
                os.close(descriptor)
                continue
            packet, received, _, _ = socket.recv_fds(control, MAX_PACKET_BYTES, DESCRIPTORS)
            if not packet:
                return
            start = msgspec.msgpack.decode(packet, type=Start)
            started += 1
            if started == 2 and for_many:
                _import(for_many)
                _freeze()
            number = _copy(start, own_numbers) if start.copy else None
            if number == 0 and start.template:
                pipes = [pipe for _, pipe in living.values()]
                _become_template(received, own_numbers, [control.detach(), *living, *pipes])
            if number == 0:
                _become_worker(received, separate=start.separate)
            handle = os.pidfd_open(number or os.getpid())
            peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            _answer(control, Started(start.request, number is not None, peak_bytes), handle)
            if number is None:
                _become_worker(received, separate=False)
            for other in received[:-1]:
                os.close(other)
            living[handle] = (number or 0, received[-1])
            watched.register(handle, select.POLLIN)


def _copy(start: Start, own_numbers: int) -> int | None:
    """Return 0 in the copy, its number in the template; ``None`` if this machine makes no namespaces in namespaces."""
    if not start.separate:
        return os.fork()
    if not _can_separate(own_numbers):
        return None
    return _fork_apart(own_numbers)


@cache
def _can_separate(own_numbers: int) -> bool:
    """Try, in a copy that does nothing else."""
    try:
        number = _fork_apart(own_numbers)
    except OSError:
        return False
    if number == 0:
        code = 1
        with suppress(OSError):
            walls.separate(os.environ["HOME"], "size=4096", own_user=os.geteuid() != 0)
            code = 0
        os._exit(code)
    return os.waitpid(number, 0)[1] == 0


def _fork_apart(own_numbers: int) -> int:
    """Fork into a namespace of processes of its own. Raises ``OSError`` if the kernel refuses."""
    kernel.call("unshare", kernel.CLONE_NEWPID)
    number = os.fork()
    if number:
        # the next copy is to be the first of another one, and no child of this
        kernel.call("setns", own_numbers, kernel.CLONE_NEWPID)
    return number


def _answer(control: socket.socket, started: Started, handle: int) -> None:
    # socket.send_fds would do, but for a peer that is gone
    with suppress(BrokenPipeError):
        control.sendmsg(
            [msgspec.msgpack.encode(started)],
            [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))],
        )


def _tell_end(number: int, pipe: int) -> None:
    _, status, usage = os.wait4(number, 0)
    ended = Ended(status, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)
    with suppress(OSError):
        os.write(pipe, msgspec.msgpack.encode(ended))
    os.close(pipe)


def _become_template(received: Sequence[int], own_numbers: int, others: Sequence[int]) -> None:
    """Go on as another template, and never return. ``others`` are descriptors of the one that this is a copy of."""
    code = 1
    try:
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        for descriptor in others:
            os.close(descriptor)
        control, output, errors, ended = received
        for number, descriptor in ((1, output), (2, errors)):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(ended)
        _be_template(socket.socket(fileno=control), own_numbers)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _become_worker(received: Sequence[int], *, separate: bool) -> None:
    """Go on as a worker, and never return."""
    # where it is the template itself, it leads a session already
    with suppress(PermissionError):
        os.setsid()
    code = 1
    try:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        connection, output, errors, _ = received
        null = os.open(os.devnull, os.O_RDONLY)
        # 0, 1 and 2 are taken, so that none of those received can have a number that is overwritten too early
        for number, descriptor in ((0, null), (1, output), (2, errors)):
            os.dup2(descriptor, number)
        os.dup2(connection, main.CONNECTION)
        os.set_inheritable(main.CONNECTION, False)
        os.closerange(main.CONNECTION + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        main.work(socket.socket(fileno=main.CONNECTION), separate=separate)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
