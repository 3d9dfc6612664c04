"""The filter for system calls, run by a small machine of our own: both architectures on any machine."""

import errno
import struct
import sys

import pytest

if sys.platform != "linux":
    pytest.skip("system call filters are a matter of Linux", allow_module_level=True)

from grader.sandbox.worker.system_call_numbers import NUMBERS
from grader.sandbox.worker.system_calls import ALLOWED, ARCHITECTURES, PRETENDED, REFUSED, assemble, conditional

PROCESS = 4242
ALLOW, KILL, NOTHING = "allow", "kill", "nothing"


def verdict(name, number, *arguments, audit=None):
    """Run the filter of architecture ``name``; return ``allow``, ``kill`` or the name of an error."""
    data = struct.pack(
        "<IIQ6Q", number & 0xFFFFFFFF, audit or ARCHITECTURES[name].audit, 0, *arguments, *[0] * (6 - len(arguments))
    )
    program = assemble(ARCHITECTURES[name], PROCESS)
    assert len(program) <= 4096
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = program[at]
        assert 0 <= if_true <= 255
        assert 0 <= if_false <= 255
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, operand)
        elif code == 0x54:
            accumulator &= operand
        elif code in (0x15, 0x35):
            at += if_true if (accumulator == operand if code == 0x15 else accumulator >= operand) else if_false
        elif code == 0x06:
            known = {0x7FFF0000: ALLOW, 0x80000000: KILL, 0x00050000: NOTHING}
            return known.get(operand) or errno.errorcode[operand & 0xFFFF]
        else:
            raise AssertionError(f"unknown operation {code:#x}")


def numbers(names, name):
    columns = ((call, NUMBERS[call][ARCHITECTURES[name].column]) for call in names)
    return [(call, number) for call, number in columns if number is not None]


@pytest.fixture(params=ARCHITECTURES)
def name(request):
    return request.param


def test_each_call_is_in_one_list_only():
    lists = [ALLOWED, PRETENDED, REFUSED, set(conditional(PROCESS))]
    assert sum(map(len, lists)) == len(set().union(*lists))
    assert set().union(*lists) == set(NUMBERS)


def test_no_number_is_listed_twice(name):
    listed = [number for _, number in numbers(NUMBERS, name)]
    assert len(listed) == len(set(listed))


def test_allowed_calls(name):
    assert {call: verdict(name, number) for call, number in numbers(ALLOWED, name)} == {
        call: ALLOW for call, _ in numbers(ALLOWED, name)
    }


def test_calls_that_do_nothing(name):
    assert {verdict(name, number) for _, number in numbers(PRETENDED, name)} == {NOTHING}


def test_refused_calls(name):
    assert {call: verdict(name, number) for call, number in numbers(REFUSED, name)} == {
        call: "EPERM" for call, _ in numbers(REFUSED, name)
    }


def test_every_other_call_does_not_exist(name):
    known = {number for _, number in numbers(NUMBERS, name)}
    assert {verdict(name, number) for number in range(600) if number not in known} == {"ENOSYS"}


def test_another_architecture_is_killed(name):
    assert verdict(name, 0, audit=0x40000003) == KILL


def test_the_second_interface_of_x86_is_killed():
    assert verdict("x86_64", 0x40000000) == KILL


THREAD = 0x3D0F00
SIGCHLD, NEW_USER, NEW_NETWORK = 17, 0x10000000, 0x40000000
PRIVATE, SHARED, ANONYMOUS, GROWS_DOWN = 2, 1, 0x20, 0x100


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (THREAD,), ALLOW),
        ("clone", (SIGCHLD,), "EPERM"),
        ("clone", (THREAD | NEW_USER,), "EPERM"),
        ("clone", (THREAD | NEW_NETWORK,), "EPERM"),
        ("clone3", (0, 88), "ENOSYS"),
        ("mmap", (0, 4096, 3, PRIVATE | ANONYMOUS), ALLOW),
        ("mmap", (0, 4096, 3, SHARED, 5), ALLOW),
        ("mmap", (0, 4096, 3, SHARED | ANONYMOUS), "EPERM"),
        ("mmap", (0, 4096, 3, PRIVATE | ANONYMOUS | GROWS_DOWN), "EPERM"),
        ("kill", (PROCESS, 9), ALLOW),
        ("kill", (PROCESS + 1, 9), "EPERM"),
        ("kill", (0, 9), "EPERM"),
        ("kill", (2**32 - 1, 9), "EPERM"),
        ("tgkill", (PROCESS, 1, 6), ALLOW),
        ("tgkill", (1, 1, 6), "EPERM"),
        ("socketpair", (1, 1), ALLOW),
        ("socketpair", (1, 1 | 0o2000000), ALLOW),
        ("socketpair", (1, 2), "EPERM"),
        ("socketpair", (2, 1), "EPERM"),
        ("prctl", (15,), ALLOW),
        ("prctl", (1, 0), "EPERM"),
        ("fcntl", (0, 1030), ALLOW),
        ("fcntl", (0, 8, 1), "EPERM"),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), "ENOTTY"),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (1, 7), "EPERM"),
    ],
)
def test_calls_that_depend_on_their_arguments(name, call, arguments, expected):
    assert verdict(name, NUMBERS[call][ARCHITECTURES[name].column], *arguments) == expected
