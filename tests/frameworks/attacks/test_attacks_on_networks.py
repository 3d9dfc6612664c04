"""Attacks on networks, on weights and records of trainings, and on the replay of notebooks, beside honest work.

    python -m pytest tests/frameworks/attacks -s

As in ``tests/attacks``, which says what each must end with, and where all that needs no framework is attacked.
"""

import importlib.util
import os

import pytest

from tests.attacks.arena import Arena, chosen_of, comparable
from tests.attacks.corpus import areas, attacks
from tests.attacks.judged import complaints_of_attack, complaints_of_run, print_table, secrets_told
from tests.frameworks.attacks.course_of_networks import GROUND

pytest.importorskip("torch")
for library in ("torchvision", "tensorflow", "keras", "h5py", "matplotlib"):
    # workers import them; here that would take as long as some of the attacks
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"there is no {library}", allow_module_level=True)

FULL_MARKS, NOT_MET, UNREADABLE = 0, 1, 4
LEVEL = ("--isolation", os.environ["ATTACKS_AT"]) if "ATTACKS_AT" in os.environ else ()
EVERY = [attack for area in areas(GROUND) for attack in attacks(area, GROUND)]


@pytest.fixture(scope="module")
def arena():
    made = Arena(GROUND)
    yield made
    made.close()


@pytest.fixture(scope="module")
def peace(arena):
    """The honest work, graded beside nobody else."""
    batch = arena.grade([], *LEVEL)
    assert batch.exit_code == FULL_MARKS, batch.text + batch.errors
    return batch


@pytest.fixture(scope="module")
def batch(request, arena):
    """The honest work, graded beside those attacks that were chosen."""
    graded = arena.grade(chosen_of(request.session, GROUND), *LEVEL)
    print_table(graded)
    return graded


def test_there_are_enough_of_them():
    assert len(EVERY) >= 80
    assert len({attack.name for attack in EVERY}) == len(EVERY)


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: f"{attack.area}/{attack.name}")
def test_an_attack(attack, arena, batch):
    seen = complaints_of_attack(attack, batch, arena.secret_texts())
    assert not seen, "\n".join(seen)


@pytest.mark.parametrize("name", GROUND.honest)
def test_honest_work_has_the_same_report_as_without_attackers(name, peace, batch):
    assert batch.report(name) is not None, batch.refusal(name)
    assert [result.private for result in batch.report(name).results if result.verdict.is_pending] == []
    assert comparable(batch.report(name)) == comparable(peace.report(name))


def test_nothing_is_left_or_reached(batch):
    assert batch.left == ()


def test_the_run_ends_as_any_other(batch):
    assert batch.exit_code in ({NOT_MET, UNREADABLE} if batch.attacks else {FULL_MARKS}), batch.errors[-3000:]


def test_what_is_written_about_all_is_harmless(batch):
    seen = complaints_of_run(batch)
    assert not seen, "\n".join(seen)


def test_no_secret_is_told_to_anybody(arena, batch):
    assert not secrets_told(batch, arena.secret_texts())
