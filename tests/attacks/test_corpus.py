"""Every attack is graded beside honest work by the real ``grader run``: it gains nothing, harms nobody, leaves nothing.

    python -m pytest tests/attacks -s

prints a table of the attacks. ``-k wire`` or ``-k fork_bomb`` grades those of an area, or one of them, and nobody else
but the honest. ``ATTACKS_AT=reduced`` in the environment grades them at another level than the best of this machine.
"""

import os

import pytest

from tests.attacks.arena import chosen_of, comparable
from tests.attacks.corpus import areas, attacks
from tests.attacks.course import GROUND
from tests.attacks.judged import complaints_of_attack, complaints_of_run, print_table, secrets_told

FULL_MARKS, NOT_MET, UNREADABLE = 0, 1, 4
LEVEL = ("--isolation", os.environ["ATTACKS_AT"]) if "ATTACKS_AT" in os.environ else ()
EVERY = [attack for area in areas(GROUND) for attack in attacks(area, GROUND)]


@pytest.fixture(scope="module")
def peace(arena):
    """The honest work, graded beside nobody else."""
    batch = arena.grade([], *LEVEL)
    assert batch.exit_code == FULL_MARKS, batch.errors
    return batch


@pytest.fixture(scope="module")
def batch(request, arena):
    """The honest work, graded beside those attacks that were chosen."""
    graded = arena.grade(chosen_of(request.session, GROUND), *LEVEL)
    print_table(graded)
    return graded


def test_there_are_enough_of_them():
    assert len(EVERY) >= 260
    assert len({attack.name for attack in EVERY}) == len(EVERY)


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: f"{attack.area}/{attack.name}")
def test_an_attack(attack, arena, batch):
    seen = complaints_of_attack(attack, batch, arena.secret_texts())
    assert not seen, "\n".join(seen)


@pytest.mark.parametrize("name", GROUND.honest)
def test_honest_work_has_the_same_report_as_without_attackers(name, peace, batch):
    assert batch.report(name) is not None, batch.refusal(name)
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
