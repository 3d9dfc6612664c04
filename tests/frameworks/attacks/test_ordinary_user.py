"""Attacks on networks, once more on the machine of an ordinary user.

Two of each area are drawn, beside honest work. All of them, and the honest work without them to compare with:

    GRADER_ALL=1 python -m pytest tests/frameworks/attacks/test_ordinary_user.py -s

``ATTACKS_SEED=7`` in the environment draws those again that the seed 7 has drawn, which is printed.
"""

import os
import random
from pathlib import Path

from tests.attacks.corpus import areas, attacks
from tests.frameworks.attacks.course_of_networks import GROUND
from tests.frameworks.attacks.libraries import LIBRARIES, need_libraries
from tests.ordinary_user import interpreter, open_folder, run_tests

need_libraries()

OF_EACH_AREA = 2
# whether honest work has the same report without attackers takes another run
THE_RUN = "full_marks or left or ends or harmless or secret"


def drawn(seed):
    """Return which tests to run, as pytest's ``-k`` has it: those of a few attacks of each area, and of the run."""
    draw = random.Random(seed)
    chosen = [attack for area in areas(GROUND) for attack in draw.sample(attacks(area, GROUND), OF_EACH_AREA)]
    return " or ".join([*(f"{attack.area}/{attack.name}" for attack in chosen), THE_RUN])


def test_as_an_ordinary_user():
    python = interpreter(*LIBRARIES)
    everything = bool(os.environ.get("GRADER_ALL"))
    seed = int(os.environ.get("ATTACKS_SEED") or random.randrange(1000))
    print("all attacks" if everything else f"ATTACKS_SEED={seed}")
    file = Path(__file__).with_name("test_attacks_on_networks.py")
    with open_folder() as temporary:
        print(run_tests(python, file, "" if everything else drawn(seed), temporary, "-s"))
