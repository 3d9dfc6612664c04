"""Has a history of what is no number: nothing, infinite, of more digits than Python reads.

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
    history.write_text('{"loss": [NaN, -Infinity, 1e999]}')
    events.write_bytes(scalar_event(b"loss", float("inf"), 0))
