"""Calls its arrays what is no text, and what a terminal acts on.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import write_safetensors


def prepare(folder, target):
    write_network(folder)
    names = ("\ud800", "\x1b[2J<script>alert(1)</script>", "=1+1", "\u202e|a|b|", "", "x" * 100_000)
    header = {name: {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} for name in names}
    write_safetensors(folder / "mlp.safetensors", header, b"\0" * 4)
