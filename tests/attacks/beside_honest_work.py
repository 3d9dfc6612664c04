"""The tests of a corpus of attacks: all are graded beside honest work, in one run of the real ``grader run``."""

import os
from typing import ClassVar

import pytest

from grader.results import Verdict
from tests.attacks.arena import Arena, chosen_of, comparable
from tests.attacks.corpus import areas, attacks
from tests.attacks.ground import Ground
from tests.attacks.judged import complaints_of_attack, complaints_of_run, print_table, secrets_told

FULL_MARKS, NOT_MET, UNREADABLE = 0, 1, 4
LEVEL = ("--isolation", os.environ["ATTACKS_AT"]) if "ATTACKS_AT" in os.environ else ()


class BesideHonestWork:
    """A class of tests derives from this and names a ground, and how many attacks there must be at least."""

    ground: ClassVar[Ground]
    at_least: ClassVar[int]

    def pytest_generate_tests(self, metafunc):
        """Test each attack, and the work of each honest student."""
        if "attack" in metafunc.fixturenames:
            metafunc.parametrize("attack", self.every(), ids=lambda attack: f"{attack.area}/{attack.name}")
        if "name" in metafunc.fixturenames:
            metafunc.parametrize("name", self.ground.honest)

    @classmethod
    def every(cls):
        """Return all attacks."""
        return [attack for area in areas(cls.ground) for attack in attacks(area, cls.ground)]

    @pytest.fixture(scope="class")
    @classmethod
    def arena(cls):
        """A machine with secrets."""
        made = Arena(cls.ground)
        yield made
        made.close()

    @pytest.fixture(scope="class")
    @classmethod
    def peace(cls, arena):
        """The honest work, graded beside nobody else."""
        batch = arena.grade([], *LEVEL)
        assert batch.exit_code == FULL_MARKS, batch.text + batch.errors
        return batch

    @pytest.fixture(scope="class")
    @classmethod
    def batch(cls, request, arena):
        """The honest work, graded beside those attacks that were chosen."""
        graded = arena.grade(chosen_of(request.session, cls.ground), *LEVEL)
        print_table(graded)
        return graded

    def test_there_are_enough_of_them(self):
        names = [attack.name for attack in self.every()]
        assert len(names) >= self.at_least
        assert len(set(names)) == len(names)

    def test_an_attack(self, attack, arena, batch):
        seen = complaints_of_attack(attack, batch, arena.secret_texts())
        assert not seen, "\n".join(seen)

    def test_honest_work_has_full_marks(self, name, batch):
        report = batch.report(name)
        assert report is not None, batch.refusal(name)
        lost = [(r.criterion_id, r.verdict, r.private) for r in report.results if r.verdict is not Verdict.PASS]
        assert not lost

    def test_honest_work_has_the_same_report_as_without_attackers(self, name, peace, batch):
        assert batch.report(name) is not None, batch.refusal(name)
        assert comparable(batch.report(name)) == comparable(peace.report(name))

    def test_nothing_is_left_or_reached(self, batch):
        assert batch.left == ()

    def test_the_run_ends_as_any_other(self, batch):
        assert batch.exit_code in ({NOT_MET, UNREADABLE} if batch.attacks else {FULL_MARKS}), batch.errors[-3000:]

    def test_what_is_written_about_all_is_harmless(self, batch):
        seen = complaints_of_run(batch)
        assert not seen, "\n".join([*seen, batch.errors[-3000:]])

    def test_no_secret_is_told_to_anybody(self, arena, batch):
        assert not secrets_told(batch, arena.secret_texts())
