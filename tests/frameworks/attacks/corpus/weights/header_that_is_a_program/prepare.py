"""Has an array whose header is an expression that takes a parser to its end.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import zipfile

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_npy


def prepare(folder, target):
    write_network(folder)
    with zipfile.ZipFile(folder / "mlp.npz", "w") as archive:
        write_npy(archive, "a.npy", "(" * 4000 + ")" * 4000)
        write_npy(archive, "b.npy", "{'descr': __import__('os').system('touch /tmp/attack-was-here'), 'shape': (1,)}")
