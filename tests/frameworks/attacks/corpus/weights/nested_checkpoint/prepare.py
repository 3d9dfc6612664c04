"""Nests a checkpoint in itself, as deep as a pickle goes.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    # a thousand times a hundred empty lists, each in the one before, and a dict that holds itself
    (folder / "mlp.pt").write_bytes(b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"}q\x00X\x05\x00\x00\x00modelh\x00s.")
