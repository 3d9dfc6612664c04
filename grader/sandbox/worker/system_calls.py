"""Which system calls student code may make, as the small program that the kernel runs before each of them.

The list says what is allowed: what numerical Python, PyTorch and TensorFlow need to compute, to read the files they
can reach and to start threads. A call that is not on it does not exist (``ENOSYS``), which libraries take for an older
kernel and work around. Calls that ask for something forbidden are refused by name (``EPERM``), so that the student's
traceback says so. A program for another architecture is killed.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import msgspec

from grader.sandbox.worker import kernel
from grader.sandbox.worker.system_call_numbers import NUMBERS

_ALLOWED_FOR = {
    "files; which of them is decided by mounts and Landlock": """
        read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 open openat close close_range lseek
        stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat getdents
        getdents64 getcwd chdir fchdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink
        symlinkat truncate ftruncate fallocate fsync fdatasync fadvise64 sendfile copy_file_range umask flock dup
        dup2 dup3 pipe pipe2 getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr""",
    "memory": "munmap mremap mprotect madvise brk msync mbind get_mempolicy set_mempolicy membarrier",
    "threads, and the end": """
        exit exit_group wait4 waitid set_tid_address set_robust_list rseq futex futex_waitv restart_syscall sched_yield
        sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
        sched_rr_get_interval""",
    "facts about oneself and the machine": """
        gettid getpid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid getgroups capget
        uname sysinfo times getrusage getcpu getrlimit getpriority arch_prctl getrandom""",
    "time": "time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm setitimer getitimer pause",
    "signals to oneself": """
        rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack""",
    "waiting, and speaking over what is open already": """
        poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd
        eventfd2 sendto recvfrom sendmsg recvmsg shutdown getsockopt getsockname getpeername""",
}
_REFUSED_FOR = {
    "new processes and programs": "fork vfork execve execveat",
    "ways to the outside": "socket connect bind listen accept accept4 setsockopt",
    "other processes": """
        ptrace process_vm_readv process_vm_writev process_madvise pidfd_open pidfd_getfd pidfd_send_signal kcmp tkill
        rt_sigqueueinfo rt_tgsigqueueinfo setpriority sched_setscheduler sched_setparam sched_setattr ioprio_set""",
    "parts of the kernel that have no business here": """
        keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register mount
        umount2 move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr pivot_root chroot unshare setns
        init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl
        settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname syslog personality
        name_to_handle_at open_by_handle_at seccomp""",
    "memory that no limit counts": "memfd_create memfd_secret shmget shmat shmctl semget msgget mq_open",
    "being someone else": """
        setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset setsid setpgid setrlimit
        chown fchown lchown fchownat mknod mknodat setxattr lsetxattr fsetxattr""",
}
PRETENDED = frozenset(["chmod", "fchmod", "fchmodat", "utime", "utimes", "utimensat", "futimesat"])
"""Calls that do nothing and say that it is done. Landlock does not know them: where a worker belongs to the user who
grades, they would reach the modes and times of all files of that user. ``shutil.copy`` and its like go on without."""
ALLOWED = frozenset(" ".join(_ALLOWED_FOR.values()).split())
"""Calls that are always allowed."""
REFUSED = frozenset(" ".join(_REFUSED_FOR.values()).split())
"""Calls that are refused by name."""


class Condition(msgspec.Struct, frozen=True):
    """Argument number ``argument`` of a call, its lower 32 bits masked, has to be one of ``values``."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF


def conditional(process_id: int) -> dict[str, tuple[tuple[Condition, ...], int]]:
    """Return the calls that depend on their arguments: all conditions have to hold, else the call fails with the
    given error number. ``process_id`` is the process itself, as it sees its own number."""
    thread, new_namespace = 0x10000, 0x7E020080
    shared, anonymous, grows_down = 0x01, 0x20, 0x100
    # F_DUPFD .. F_SETLKW, open-file locks, F_DUPFD_CLOEXEC, F_GETPIPE_SZ; not F_SETOWN, which can signal a stranger
    commands = (*range(8), 36, 37, 38, 1030, 1032)
    terminal_and_descriptor = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
    set_name, get_name, get_dumpable, name_memory = 15, 16, 3, 0x53564D41
    unix, stream, kind = 1, 1, 0xF
    return {
        # a thread, not a process, and in no new namespace
        "clone": ((Condition(0, (thread,), thread | new_namespace),), errno.EPERM),
        # glibc falls back to clone, whose flags can be looked at
        "clone3": ((Condition(0, ()),), errno.ENOSYS),
        # anonymous shared memory and growing stacks escape the limit on memory
        "mmap": (
            (Condition(3, (0, shared, anonymous), shared | anonymous | grows_down),),
            errno.EPERM,
        ),
        "fcntl": ((Condition(1, commands),), errno.EPERM),
        "ioctl": ((Condition(1, terminal_and_descriptor),), errno.ENOTTY),
        "prctl": ((Condition(0, (set_name, get_name, get_dumpable, name_memory)),), errno.EPERM),
        "prlimit64": ((Condition(0, (0, process_id)),), errno.EPERM),
        "sched_setaffinity": ((Condition(0, (0,)),), errno.EPERM),
        "kill": ((Condition(0, (process_id,)),), errno.EPERM),
        "tgkill": ((Condition(0, (process_id,)),), errno.EPERM),
        # connected from the start; a datagram pair could still address any socket on the machine
        "socketpair": ((Condition(0, (unix,)), Condition(1, (stream,), kind)), errno.EPERM),
    }


class Architecture(msgspec.Struct, frozen=True):
    """What a filter has to know of an architecture: its number in the kernel's audit, the column of the table of
    system calls, and the bit that marks calls of a second, older interface."""

    audit: int
    column: int
    foreign_bit: int | None


ARCHITECTURES = {
    "x86_64": Architecture(0xC000003E, 0, 0x40000000),
    "aarch64": Architecture(0xC00000B7, 1, None),
}

# classic BPF: operation codes, and offsets in ``struct seccomp_data``
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000

Instruction = tuple[int, int, int, int]
"""Operation, how many to skip if true, how many if false, operand."""


def assemble(architecture: Architecture, process_id: int) -> list[Instruction]:
    """Return the filter for ``architecture`` and the process ``process_id``."""
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if architecture.foreign_bit is not None:
        program += [(_AT_LEAST, 0, 1, architecture.foreign_bit), (_RETURN, 0, 0, _KILL)]
    for number in _numbers(ALLOWED, architecture):
        program += _on(number, [(_RETURN, 0, 0, _ALLOW)])
    for name, (conditions, error) in conditional(process_id).items():
        for number in _numbers([name], architecture):
            program += _on(number, _check(conditions, error))
    for number in _numbers(PRETENDED, architecture):
        program += _on(number, [(_RETURN, 0, 0, _FAIL)])
    for number in _numbers(REFUSED, architecture):
        program += _on(number, [(_RETURN, 0, 0, _FAIL | errno.EPERM)])
    return [*program, (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]


def _numbers(names: Iterable[str], architecture: Architecture) -> list[int]:
    columns = (NUMBERS[name][architecture.column] for name in names)
    return sorted(number for number in columns if number is not None)


def _on(number: int, body: list[Instruction]) -> list[Instruction]:
    """Return ``body`` behind a test for the call ``number``. The body has to end in a return."""
    return [(_EQUAL, 0, len(body), number), *body]


def _check(conditions: tuple[Condition, ...], error: int) -> list[Instruction]:
    body: list[Instruction] = []
    for condition in conditions:
        body += [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * condition.argument), (_AND, 0, 0, condition.mask)]
        # past the values still to be compared, and past the refusal that follows them
        body += [(_EQUAL, len(condition.values) - index, 0, value) for index, value in enumerate(condition.values)]
        body.append((_RETURN, 0, 0, _FAIL | error))
    return [*body, (_RETURN, 0, 0, _ALLOW)]


def architecture() -> Architecture | None:
    """Return this machine's architecture, ``None`` if there is no filter for it."""
    return ARCHITECTURES.get(platform.machine())


_INSTRUCTION = struct.Struct("=HBBI")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def available() -> bool:
    """Whether this kernel has filters for system calls, and this machine an architecture that is known here."""
    return architecture() is not None and Path("/proc/sys/kernel/seccomp/actions_avail").exists()


def confine() -> None:
    """Load the filter into this process, for good. ``no_new_privs`` has to be set, and it has to be the only thread.

    Raises:
        OSError: the kernel refuses, the machine's architecture is unknown, or there are other threads.
    """
    known = architecture()
    if known is None:
        raise OSError(errno.ENOSYS, f"no system call filter for {platform.machine()}")
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        raise OSError(errno.EBUSY, "a system call filter needs a process with one thread")
    program = _packed(known, os.getpid())
    kernel.prctl(kernel.PR_SET_SECCOMP, 2, ctypes.byref(_Program(len(program) // _INSTRUCTION.size, program)))


def prepare(process_id: int) -> None:
    """Assemble the filter for a process that will have the number ``process_id``, ahead of time."""
    if (known := architecture()) is not None:
        _packed(known, process_id)


@cache
def _packed(known: Architecture, process_id: int) -> bytes:
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in assemble(known, process_id))
