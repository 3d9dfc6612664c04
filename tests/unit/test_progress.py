"""What is shown while grading, rendered into strings."""

import io
from pathlib import Path

from rich.console import Console

from grader.cli.progress import LiveProgress, PlainProgress, choose_progress, outcome_text
from grader.execute import Event
from grader.results import Unreadable, Verdict
from grader.session import Job
from tests.golden.reports import OUTPUT, REPORTS, report

ALICE, BOB = Job(Path("class/alice")), Job(Path("class/bob\x1b[2J"))


def console(*, terminal, width=60):
    return Console(file=io.StringIO(), force_terminal=terminal, width=width, color_system=None, _environ={})


def shown(progress):
    page = console(terminal=False)
    page.print(progress.display())
    return page.file.getvalue()


def test_a_terminal_gets_a_live_display_and_a_file_lines():
    assert isinstance(choose_progress(console(terminal=True), 3), LiveProgress)
    assert isinstance(choose_progress(console(terminal=False), 3), PlainProgress)


def test_who_is_at_which_criterion_and_how_long_it_may_take():
    now = [100.0]
    with LiveProgress(console(terminal=True), 3, clock=lambda: now[0]) as progress:
        progress.heard(Event(ALICE))
        assert shown(progress) == "0 of 3 graded\n  alice  starting\n"
        progress.heard(Event(ALICE, "backprop.loss", Verdict.PASS))
        progress.heard(Event(BOB))
        assert shown(progress) == "0 of 3 graded\n  alice  backprop.loss: pass\n  bob\\x1b[2J  starting\n"
        now[0] = 104.0
        progress.done(ALICE, report(OUTPUT))
        assert shown(progress) == "1 of 3 graded, about 8.0 s left\n  bob\\x1b[2J  starting\n"


def test_one_submission_needs_no_count():
    with LiveProgress(console(terminal=True), 1) as progress:
        progress.heard(Event(ALICE, "backprop.loss", Verdict.FAIL))
        assert shown(progress) == "  alice  backprop.loss: fail\n"


def test_many_at_once_are_counted():
    with LiveProgress(console(terminal=True), 30) as progress:
        for number in range(20):
            progress.heard(Event(Job(Path(f"s{number}"))))
        assert shown(progress).endswith("  s7  starting\n  and 12 more\n")


def test_the_display_begins_with_the_first_submission_and_never_after_its_end():
    page = console(terminal=True)
    with LiveProgress(page, 2) as progress:
        assert page.file.getvalue() == ""
        progress.heard(Event(ALICE))
        assert page.file.getvalue() != ""
    shown_until_then = page.file.getvalue()
    progress.heard(Event(BOB))
    assert page.file.getvalue() == shown_until_then
    with LiveProgress(page, 2) as progress:
        pass
    progress.heard(Event(BOB))
    assert page.file.getvalue() == shown_until_then


def test_a_live_display_leaves_nothing_behind_and_never_ends_in_an_error():
    page = console(terminal=True)
    with LiveProgress(page, 2) as progress:
        progress.heard(Event(ALICE))
        progress.done(ALICE, report(OUTPUT))
    assert page.file.getvalue().endswith("\x1b[2K")


def test_a_line_for_each_submission():
    file = io.StringIO()
    with PlainProgress(file, 3) as progress:
        progress.heard(Event(ALICE, "backprop.loss", Verdict.PASS))
        progress.done(ALICE, REPORTS["needs_review"])
        progress.done(BOB, Unreadable("bob", "empty"))
        progress.done(ALICE, Unreadable("alice", "it died", is_fault=True))
    assert file.getvalue().splitlines() == [
        "1 of 3  alice: 2.33 of 6 points, 3 pending",
        "2 of 3  bob\\x1b[2J: could not be read",
        "3 of 3  alice: the grader failed",
    ]


def test_a_stream_that_is_not_utf8():
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    PlainProgress(file, 2).done(Job(Path("山田")), report(OUTPUT))
    file.flush()
    assert raw.getvalue() == b"1 of 2  \\u5c71\\u7530: 2 of 2 points\n"


def test_one_submission_gets_no_line():
    page = console(terminal=False)
    choose_progress(page, 1).done(ALICE, report(OUTPUT))
    assert page.file.getvalue() == ""


def test_the_name_of_the_folder_one_is_in():
    assert outcome_text(Job(Path()), Unreadable(".", "empty")).startswith(Path.cwd().name)
