"""Has arrays in an archive whose headers are programs, nested, negative or endless.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import zipfile

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_npy


def prepare(folder, target):
    write_network(folder)
    with zipfile.ZipFile(folder / "mlp.npz", "w") as archive:
        write_npy(archive, "a.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1)}", b"\0" * 4)
