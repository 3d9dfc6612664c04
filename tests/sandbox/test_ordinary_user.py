"""The same tests once more as somebody who is not the super-user, where these run as the super-user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
USER_ID = 61_234


def readable(path):
    """Whether everybody can read ``path``."""
    path = Path(path).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in path.parents) and bool(path.stat().st_mode & 0o004)


@pytest.fixture(scope="module")
def python():
    """An interpreter that an ordinary user can run, of this version: the libraries are this interpreter's."""
    if os.geteuid() != 0:
        pytest.skip("these tests are running as an ordinary user already")
    if not readable(np.__file__) or not readable(ROOT / "pyproject.toml"):
        pytest.skip(f"an ordinary user cannot read {np.__file__} or {ROOT}")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if shutil.which(candidate) and readable(candidate):
            return candidate
    pytest.skip(f"no Python {version} on this machine that an ordinary user can run")


@pytest.mark.parametrize(
    ("file", "chosen"),
    [("test_conformance.py", ""), ("test_attacks.py", "bomb or disk or leaving or killing or a_worker")],
)
def test_as_an_ordinary_user(python, open_folder, file, chosen):
    os.chown(open_folder, USER_ID, USER_ID)
    libraries = Path(np.__file__).parents[1]
    ended = subprocess.run(
        [
            python,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-rfE",
            "-k",
            chosen,
            str(Path(__file__).with_name(file)),
        ],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(libraries),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/",
            "TMPDIR": str(open_folder),
        },
        user=USER_ID,
        group=USER_ID,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-2000:]
    assert " passed" in ended.stdout
