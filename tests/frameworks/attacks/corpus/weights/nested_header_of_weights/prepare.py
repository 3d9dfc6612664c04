"""Has a header that is nested deeper than anybody reads.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_safetensors


def prepare(folder, target):
    write_network(folder)
    write_safetensors(folder / "mlp.safetensors", b'{"a":' * 500_000)
