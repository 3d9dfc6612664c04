"""Has an array without entries along one axis, and more than can be counted along the others.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_safetensors


def prepare(folder, target):
    write_network(folder)
    header = {"1.weight": {"dtype": "F32", "shape": [2**62, 0, 2**62], "data_offsets": [0, 0]}}
    write_safetensors(folder / "mlp.safetensors", header)
