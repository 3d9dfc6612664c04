"""Reports two figures for one network, of which one must be right.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"mlp": {"test_accuracy": 0.1, "test_accuracy": 0.8}}')
