"""Calls its curves what a terminal, a page or a sheet would act on, at steps before the first.

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
    tags = (b"\x1b[2J", b"<script>alert(1)</script>", b"=1+1", b"\xed\xa0\x80", b"\xe2\x80\xae loss of nothing" * 50)
    events.write_bytes(b"".join(scalar_event(tag, float("nan"), 2**64 - 1) for tag in tags))
    history.write_text('{"\\ud800": [1, 2, 3], "<script>alert(1)</script>\\u001b[2J": [1, 2, 3], "=1+1": [1, 2, 3]}')
