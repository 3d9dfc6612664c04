"""Classroom 50 calls this once per submission, in the student's checkout.

It installs the grader that lies beside it into an environment of its own and hands over to it. Exit code 0 when the
grading ran to the end, whatever the marks.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

BUNDLE = Path(__file__).resolve().parent
ASSIGNMENT = "@ASSIGNMENT@"
EXTRAS = "@EXTRAS@"


def environment() -> Path:
    """Return the Python of an environment that has the grader: the one named by $GRADER_PYTHON, or a new one."""
    if given := os.environ.get("GRADER_PYTHON"):
        return Path(given)
    folder = Path(tempfile.mkdtemp(prefix="grader-"))
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    (wheel,) = BUNDLE.glob("grader-*.whl")
    # -I: the folder this runs in is the student's, and nothing in it may be imported here
    subprocess.run([str(python), "-I", "-m", "pip", "install", "--quiet", f"{wheel}{EXTRAS}"], check=True)
    return python


def main() -> int:
    """Grade the checkout this was called in."""
    places = [str(Path.cwd()), str(BUNDLE / "course")]
    command = [str(environment()), "-I", "-m", "grader.export.run_classroom50", *places, ASSIGNMENT]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
