"""Calls its file of weights what a terminal or a spreadsheet would act on.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    for name in ("mlp.\x1b[2J.pt", "mlp.=cmd|' C calc'!A0.pt", "mlp.<script>alert(1).pt", "mlp.\u202etp.pt"):
        (folder / name).write_bytes(b"PK\3\4")
