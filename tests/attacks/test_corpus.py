"""Every attack is graded beside honest work by the real ``grader run``: it gains nothing, harms nobody, leaves nothing.

    python -m pytest tests/attacks -s

prints a table of the attacks. ``-k wire`` or ``-k fork_bomb`` grades those of an area, or one of them, and nobody else
but the honest. ``ATTACKS_AT=reduced`` in the environment grades them at another level than the best of this machine.
"""

from tests.attacks.beside_honest_work import BesideHonestWork
from tests.attacks.course import GROUND


class TestAttacks(BesideHonestWork):
    ground = GROUND
    at_least = 260
