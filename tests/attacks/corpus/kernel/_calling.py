"""Asks the kernel directly, without Python or the C library in between."""

import ctypes
import os
import platform

LIBRARY = ctypes.CDLL(None, use_errno=True)
# (x86-64, AArch64)
NUMBERS = {
    "ptrace": (101, 117),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "init_module": (175, 105),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "seccomp": (317, 277),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "pidfd_open": (434, 434),
    "clone3": (435, 435),
    "pidfd_getfd": (438, 438),
    "landlock_create_ruleset": (444, 444),
    "fanotify_init": (300, 262),
    "chroot": (161, 51),
    "mount": (165, 40),
    "mq_open": (240, 180),
    "shmget": (29, 194),
    "kexec_load": (246, 104),
    "capset": (126, 91),
    "execveat": (322, 281),
    "prctl": (157, 167),
    "clone": (56, 220),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "prlimit64": (302, 261),
    "remap_file_pages": (216, 234),
    "process_madvise": (440, 440),
}


def call(name, *arguments):
    """Make one system call; raise what the kernel says against it."""
    number = NUMBERS[name][platform.machine() == "aarch64"]
    ctypes.set_errno(0)
    result = LIBRARY.syscall(ctypes.c_long(number), *[pointer_or_number(argument) for argument in arguments])
    if result == -1:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def pointer_or_number(argument):
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
