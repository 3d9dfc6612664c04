"""Reports a figure with more digits than Python reads.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"mlp": {"test_accuracy": 1' + b'0' * 9000 + b'}}')
