"""The same tests once more as somebody who is not the super-user, where these run as the super-user."""

from pathlib import Path

import pytest

from tests.ordinary_user import interpreter, run_tests


@pytest.mark.parametrize(
    ("file", "chosen"),
    [("test_conformance.py", ""), ("test_attacks.py", "bomb or disk or leaving or killing or a_worker")],
)
def test_as_an_ordinary_user(open_folder, file, chosen):
    run_tests(interpreter(), Path(__file__).with_name(file), chosen, open_folder)
