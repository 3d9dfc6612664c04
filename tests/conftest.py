import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from tests.small_course import write_course

pytest_plugins = ["pytester"]

# A shell starts what it runs in the background with Ctrl-C ignored, and children inherit that: those that tests
# interrupt would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A test case that takes long on a busy machine is no mistake.
settings.register_profile("grader", deadline=None)
settings.load_profile("grader")

# These options are for this run of pytest, not for those that tests start.
os.environ.pop("PYTEST_ADDOPTS", None)
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    """The repository, which is also a course."""
    return ROOT


@pytest.fixture(scope="session")
def small_course(tmp_path_factory):
    """The folder of a course with one small assignment."""
    return write_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def course(root):
    """The course of this repository."""
    from grader.execute import course_at

    return course_at(root)
