"""Has a header whose arrays lie over each other, before the beginning and beyond the end.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_safetensors


def prepare(folder, target):
    write_network(folder)
    names = ("1.weight", "1.bias", "3.weight", "3.bias", "5.weight", "5.bias")
    places = ([0, 8], [4, 12], [-8, 0], [2**63, 2**63 + 8], [8, 0], [0, 8])
    header = {n: {"dtype": "F32", "shape": [2], "data_offsets": p} for n, p in zip(names, places)}
    write_safetensors(folder / "mlp.safetensors", header, b"\0" * 16)
