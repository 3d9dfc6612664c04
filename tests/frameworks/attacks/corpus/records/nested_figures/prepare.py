"""Reports a figure that is nested deeper than anybody reads.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{"mlp":' * 100_000)
