import pytest

from tests.attacks.arena import Arena
from tests.attacks.course import GROUND

# what is handed in, some of it under the names of pytest's own files
collect_ignore_glob = ["corpus/*"]


@pytest.fixture(scope="session")
def arena():
    """A machine with secrets."""
    made = Arena(GROUND)
    yield made
    made.close()
