"""Control groups of version 2, where this machine's own may be of version 1: on a kernel of its own.

Needs User-mode Linux (`apt install user-mode-linux`), a kernel that is an ordinary program. It takes half a minute.
"""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUEST = Path(__file__).with_name("guest_version_2.py")
ROOT = GUEST.parents[2]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What the guest saw, by name."""
    kernel = shutil.which("linux.uml")
    if kernel is None:
        pytest.skip("linux.uml is not on PATH")
    folder = tmp_path_factory.mktemp("guest")
    start = folder / "init"
    first = shlex.join([sys.executable, "-B", str(GUEST)])
    start.write_text(f"#!/bin/sh\nexport PATH=/usr/bin:/bin PYTHONPATH={shlex.quote(str(ROOT))}\nexec {first} 2>&1\n")
    start.chmod(0o755)
    own = ["mem=1536M", "con=null", "con0=fd:0,fd:1", f"uml_dir={folder}", "quiet"]
    files = ["rootfstype=hostfs", "rootflags=/", "ro", f"init={start}"]
    ended = subprocess.run(
        [kernel, *own, *files], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300
    )
    lines = [line.strip() for line in ended.stdout.splitlines()]
    results = dict(json.loads(line.removeprefix("seen:")) for line in lines if line.startswith("seen:"))
    assert len(results) == 6, ended.stdout[-4000:]
    return results


@pytest.mark.parametrize(("who", "scope"), [("super-user", "root.scope"), ("ordinary user", "user.scope")])
def test_a_delegated_group_is_divided_and_its_limits_hold(seen, who, scope):
    assert seen[who] == {
        "version": 2,
        "parent": f"/sys/fs/cgroup/{scope}",
        "own group": f"0::/{scope}/grader-session",
        "limits": {"memory.max": str(2**26), "memory.swap.max": "0", "memory.oom.group": "1", "pids.max": "5"},
        "two have what they asked for": True,
        "ran out with two": False,
        "four have what they asked for": False,
        "ran out with four": True,
        "left of four": 0,
        "started": 4,
        "groups left": [],
    }


def test_a_process_in_the_leaf_finds_the_same_place(seen):
    assert seen["session process"] == "/sys/fs/cgroup/again.scope"


def test_a_worker_is_bounded(seen):
    walls, verdict, message = seen["worker"]
    assert "cgroup" in walls
    assert (verdict, message) == (
        "MEMORY",
        "the process was ended by signal 9 (SIGKILL) with its 256 MiB of memory used up",
    )


def test_other_processes_are_not_moved(seen):
    works, why = seen["beside another"]
    assert not works
    assert "shared.scope holds processes of others; `systemd-run" in why


def test_a_group_of_somebody_else_is_not_divided(seen):
    works, why = seen["without delegation"]
    assert not works
    assert "foreign.scope is not delegated to this user; `systemd-run" in why
