"""Has a shape whose product has more digits than Python writes.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_safetensors


def prepare(folder, target):
    write_network(folder)
    shape = "[" + ",".join(["1" + "0" * 4000] * 30) + "]"
    header = '{"1.weight": {"dtype": "F32", "shape": %s, "data_offsets": [0, 4]}}' % shape
    write_safetensors(folder / "mlp.safetensors", header.encode(), b"\0" * 4)
