"""Numbers its epochs with more digits than Python reads.

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
    history.write_text('{"loss": {"' + "1" * 5000 + '": 1, "2": 1, "3": 1}}')
    events.write_bytes(b"")
