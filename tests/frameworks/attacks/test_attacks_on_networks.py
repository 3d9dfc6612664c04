"""Attacks on networks, on weights and records of trainings, and on the replay of notebooks, beside honest work.

    python -m pytest tests/frameworks/attacks -s

As in ``tests/attacks``, which says what each must end with, and where all that needs no framework is attacked.
``-k weights/`` grades those of an area.
"""

from tests.attacks.beside_honest_work import BesideHonestWork
from tests.frameworks.attacks.course_of_networks import GROUND
from tests.frameworks.attacks.libraries import need_libraries

need_libraries()


class TestAttacks(BesideHonestWork):
    ground = GROUND
    at_least = 80
