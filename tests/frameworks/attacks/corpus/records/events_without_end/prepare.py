"""Has more records, of more curves, than anybody looks at.

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
    events.write_bytes(b"".join(scalar_event(b"curve %d" % (number % 500), 1.0, number) for number in range(5_000)))
    history.write_text('{"loss": [' + "1," * 1_000_000 + "1]}")
