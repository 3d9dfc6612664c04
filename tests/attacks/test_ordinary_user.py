"""The attacks for which it matters whose machine it is, once more on the machine of an ordinary user."""

from pathlib import Path

import pytest

from tests.ordinary_user import interpreter, open_folder, run_tests

# Python, the wire and the reports are the same for every user
WITH_EVERY_WALL = "file_system or hidden_criteria or kernel or network or resources or template"
# where there are no namespaces, workers are processes of the very user who grades
WITH_THE_FEWEST = "file_system or network or template"
THE_RUN = "honest or left or ends or secret"


@pytest.mark.parametrize(
    ("chosen", "level"), [(WITH_EVERY_WALL, {}), (WITH_THE_FEWEST, {"ATTACKS_AT": "reduced"})], ids=["best", "reduced"]
)
def test_as_an_ordinary_user(chosen, level):
    file = Path(__file__).with_name("test_corpus.py")
    with open_folder() as temporary:
        print(run_tests(interpreter(), file, f"{chosen} or {THE_RUN}", temporary, "-s", **level))
