"""Is an archive of a few hundred kilobytes that unpacks to hundreds of megabytes, and says so.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import zipfile

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_npy


def prepare(folder, target):
    write_network(folder)
    with zipfile.ZipFile(folder / "mlp.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1):
            header = "{'descr': '<f4', 'fortran_order': False, 'shape': (62914560,), }"
            write_npy(archive, f"{number}.npy", header, bytes(240 * 2**20))
