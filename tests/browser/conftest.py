import pytest

from tests.browser import chromium


@pytest.fixture(scope="session")
def browser():
    """One Chromium for all tests."""
    program = chromium.find()
    if program is None:
        pytest.skip(f"no browser here: none of {', '.join(chromium.PROGRAMS)} is on PATH")
    browser = chromium.Chromium(program)
    yield browser
    browser.close()
