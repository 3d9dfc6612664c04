"""The pages that are looked at, by the tests and by ``screenshots.py``."""

from msgspec.structs import replace

from grader.cli.reference_page import page
from grader.report.html import to_html
from grader.report.html_index import to_html_index
from tests.golden.reports import REPORTS, UNREADABLE
from tests.pages.material import full_report, materials

NAMES = ("report", "hostile", "class", "reference")
SCHEMES = ("light", "dark")
FEW = ("mlp", "retrained_two_raw", "sweep_0.001", "sweep_1e-06")
"""Networks that have between them every kind of drawing."""


def write(folder, *, whole=False):
    """Write each page of :data:`NAMES` below ``folder`` and return where. Of the references: :data:`FEW`, or all."""
    few = [replace(m, items=tuple(i for i in m.items if i.experiment.name in FEW)) for m in materials()]
    made = {
        "report": to_html(full_report()),
        "hostile": to_html(REPORTS["hostile"]),
        "class": to_html_index(list(REPORTS.values()), UNREADABLE, {0: "report.html"}),
        "reference": page(materials() if whole else few, "full"),
    }
    for name in NAMES:
        (folder / f"{name}.html").write_text(made[name], encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NAMES}
