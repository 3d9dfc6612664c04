"""Has an epoch of a history for every name, so that there are as many curves as numbers.

Expects: layers PASS, parameters PASS, computes PASS, records FAIL
"""

from tests.frameworks.attacks.course_of_networks import write_network
from tests.frameworks.attacks.hostile_files import record, scalar_event


def prepare(folder, target):
    write_network(folder)
    (folder / "runs" / "mlp").mkdir(parents=True)
    (folder / "history").mkdir()
    events = folder / "runs" / "mlp" / "events.out.tfevents.1.host"
    history = folder / "history" / "mlp.json"
    history.write_text("[" + ",".join('{"loss %d": 1}' % number for number in range(20_000)) + "]")
    events.write_bytes(record(b"") * 5_000)
