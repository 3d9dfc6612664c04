"""Reports more figures than anybody reads.

Expects: layers PASS, parameters PASS, computes PASS, reported FAIL or MISSING
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    (folder / "results.json").write_bytes(b'{' + b','.join(b'"%d": {"test_accuracy": 1}' % n for n in range(90_000)) + b'}')
