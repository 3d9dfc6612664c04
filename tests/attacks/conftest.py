import pytest

from tests.attacks.arena import Arena

# what is handed in, some of it under the names of pytest's own files
collect_ignore_glob = ["corpus/*"]


@pytest.fixture(scope="session")
def arena():
    """A machine with secrets."""
    made = Arena()
    yield made
    made.close()
