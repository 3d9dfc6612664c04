"""Reports a figure that is half a character, for networks that are others.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"mlp": {"test_accuracy": "\\ud800\\u001b[2J"}, "\\udfff": {"test_accuracy": 1}}')
