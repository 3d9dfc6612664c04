"""Has members in an archive that are encrypted, packed in unusual ways, named like paths, and not what they say.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import zipfile

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_npy


def prepare(folder, target):
    write_network(folder)
    path = folder / "mlp.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        write_npy(archive, "../../../../tmp/attack-was-here.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': ()}")
        write_npy(archive, "b.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", b"\0" * 8)
    content = bytearray(path.read_bytes())
    # the bit that says a member is encrypted, in the member and in the directory
    content[6] |= 1
    directory = content.index(b"PK\1\2")
    content[directory + 8] |= 1
    path.write_bytes(bytes(content))
