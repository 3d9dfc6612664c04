"""Runs tests once more as somebody who is not the super-user, where these run as the super-user."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
USER_ID = 61_234


def interpreter(*libraries: str) -> str:
    """Return an interpreter that an ordinary user can run, of this version: the libraries are this interpreter's.

    Skips the test where there is none, where no other user can be made, or where one of the ``libraries`` that the
    tests import cannot be read by others. All are installed here.
    """
    if os.geteuid() != 0:
        pytest.skip("these tests are running as an ordinary user already")
    if not _readable(ROOT / "pyproject.toml"):
        pytest.skip(f"an ordinary user cannot read {ROOT}: put it where everybody may enter")
    for library in ("numpy", *libraries):
        place = _place(library)
        if not _readable(place):
            pytest.skip(f"an ordinary user cannot read {place}: make the environment where everybody may enter")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/python{version}", f"/usr/local/bin/python{version}"):
        if shutil.which(candidate) and _readable(candidate):
            return candidate
    pytest.skip(
        f"an ordinary user cannot run {Path(sys.executable).resolve()}: install Python {version} where everybody may "
        f"enter, such as /usr/local"
    )


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that everybody may enter, other than pytest's own, and remove it in the end."""
    with tempfile.TemporaryDirectory(prefix="attacked-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def run_tests(python: str, file: Path, chosen: str, temporary: Path, *options: str, **environment: str) -> str:
    """Run the tests of ``file`` that the expression ``chosen`` selects; return what pytest prints.

    ``temporary`` is a folder that is given to the user; ``options`` are pytest's.
    """
    os.chown(temporary, USER_ID, USER_ID)
    arguments = ["-q", "-p", "no:cacheprovider", "-rfE", "-k", chosen, str(file), *options]
    ended = subprocess.run(
        [python, "-m", "pytest", *arguments],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_place("numpy").parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/",
            "TMPDIR": str(temporary),
            **environment,
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
    return ended.stdout


def _place(library: str) -> Path:
    """Return the file that importing ``library`` begins with, without importing it."""
    found = importlib.util.find_spec(library)
    assert found is not None, f"there is no {library}"
    assert found.origin is not None, f"{library} is no file"
    return Path(found.origin)


def _readable(path: Path | str) -> bool:
    """Whether everybody can read ``path``."""
    path = Path(path).resolve()
    return all(folder.stat().st_mode & 0o001 for folder in path.parents) and bool(path.stat().st_mode & 0o004)
