"""Reports figures that are no numbers: not a number, infinite, larger than any.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"mlp": {"test_accuracy": NaN}}')
