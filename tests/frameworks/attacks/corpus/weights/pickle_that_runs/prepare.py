"""Has its weights in a file that runs a program when it is opened.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
Says: which is never loaded
"""

import os
import pickle

from tests.frameworks.attacks.course_of_networks import write_network


class Running:
    def __reduce__(self):
        return os.system, ("touch /tmp/attack-was-here attack-was-here",)


def prepare(folder, target):
    write_network(folder)
    (folder / "mlp.pt").write_bytes(pickle.dumps({"1.weight": Running()}))
