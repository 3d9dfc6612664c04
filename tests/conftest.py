from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root():
    """The repository, which is also a course."""
    return ROOT


@pytest.fixture(scope="session")
def course(root):
    """The course of this repository."""
    from grader.execute import course_at

    return course_at(root)
