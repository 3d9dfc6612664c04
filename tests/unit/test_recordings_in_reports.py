"""What a report shows of a recording, and what a student's view leaves out."""

import io
from datetime import UTC, datetime

import msgspec
from rich.console import Console

from grader.recording.events import ModelBinding, Note
from grader.report import recordings, terminal, view
from grader.report.html import to_html
from grader.report.json import from_json, to_json
from grader.results import ReportFile, Visibility
from tests.unit.recording_examples import cell, failure, model, recording, trained
from tests.unit.test_report_json import report_file

NOTEBOOK = recording(
    cell(2, Note(line=1, kind="not-run", text="!pip install torch")),
    cell(3, model(names=("net",)), trained()),
    cell(4, Note(line=1, kind="not-run", text="!pip install torch"), status="failed", cause="budget",
         failure=failure("IndexError")),
    cell(5, status="failed", cause="earlier cell", because_of=4, failure=failure("NameError"), is_given=True),
    cell(6, status="out of time", cause="budget"),
    cell(7, status="not run"),
    problem="It ended in cell 6.",
)  # fmt: skip


def report(**changes):
    made = report_file().reports[0]
    return msgspec.structs.replace(made, recordings=(NOTEBOOK,), **changes)


def test_the_lines_of_a_recording():
    seen = recordings.shown(NOTEBOOK, report())
    assert seen.summary == "hw.ipynb: 2 of 6 code cells ran (quick), observed. It ended in cell 6."
    groups = dict(seen.groups)
    assert groups["Models"] == (
        "nets / lenet: told by its structure, called net; trained in cell 3 with Adam, batches of 128, 2 of 20 epochs",
    )
    assert groups["Cells that did not run to their end"] == (
        "cell 4, line 1: IndexError: a message (because of the replay's budget)",
        "cell 5, line 1, given: NameError: a message (follows from cell 4)",
        "cell 6: ended after its time (because of the replay's budget)",
        "not run: one cell from cell 7 on",
    )
    assert groups["Run in another way than it is written"] == ("cells 2 to 4: !pip install torch",)


def test_a_terminal_shows_them():
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    terminal.render(report(), console)
    text = console.file.getvalue()
    assert "Replayed" in text
    assert "nets / lenet: told by its structure" in text


def test_a_page_shows_them_and_runs_nothing_of_them():
    hostile = cell(1, status="failed", cause="code", failure=failure("<script>alert(1)</script>"))
    made = msgspec.structs.replace(report(), recordings=(NOTEBOOK, recording(hostile)))
    page = to_html(made)
    assert "nets / lenet: told by its structure" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_student_s_view_leaves_out_what_stands_for_hidden_models():
    made = report()
    hidden = msgspec.structs.replace(made.results[0], visibility=Visibility.HIDDEN)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    cut = view.for_student(msgspec.structs.replace(made, results=(hidden,)), now, None)
    assert cut.recordings[0].bindings == ()
    assert cut.recordings[0].cells == NOTEBOOK.cells
    shown_part = msgspec.structs.replace(NOTEBOOK, bindings=(ModelBinding("backprop", "lenet", (1,), ("name",)),))
    kept = view.for_student(msgspec.structs.replace(made, recordings=(shown_part,)), now, None)
    assert kept.recordings == (shown_part,)


def test_recordings_go_into_a_file_and_come_back():
    file = ReportFile(report_file().schema_version, (report(),))
    assert from_json(to_json(file)) == file
