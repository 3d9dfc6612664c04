"""What is shown while trainings run, on a terminal and off it."""

import io
import re

import pytest
from rich.console import Console

from grader.cli.reference_progress import Bars, Lines, duration, view
from grader.oracle.job import EpochDone, Failed, Finished, Job
from grader.oracle.record import Made, Run
from grader.oracle.schedule import Started

JOB = Job("/course/reference/weight_decay", "mlp", "torch", "subset", 1, 2, 0, "d" * 64, "c" * 64, {})
RUN = Run(1, Made("2026-11-21T12:00:00Z", {}, "Linux", "CPU", 1, 3.2), {})
STORY = (Started(), EpochDone(1, 0.51234), EpochDone(2, None))


def shown(*events, terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)
    chosen = view(console, 2)
    assert isinstance(chosen, Bars if terminal else Lines)
    with chosen as progress:
        for event in events:
            progress.show(JOB, event)
            if terminal:
                chosen._progress.refresh()
    return re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", console.file.getvalue())


def test_lines_have_epoch_loss_and_time_left():
    text = shown(*STORY, Finished(RUN), terminal=False).splitlines()
    assert re.fullmatch(r"weight_decay/mlp torch subset seed 1: epoch 1 of 2, loss 0\.5123, about 0 s left", text[0])
    assert "epoch 2 of 2, loss not finite" in text[1]
    assert text[2] == "weight_decay/mlp torch subset seed 1: finished (1 of 2)"


def test_bars_have_epoch_loss_and_all_trainings():
    text = shown(*STORY, terminal=True)
    assert "weight_decay/mlp torch subset seed 1" in text
    assert "1/2" in text
    assert "loss 0.5123" in text
    assert "trainings" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_a_failure_stays_on_the_screen_as_it_was_said(terminal):
    assert "mlp torch subset seed 1: failed: [b] is wrong" in shown(
        Started(), Failed("[b] is wrong"), terminal=terminal
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5400, "90 min"), (9000, "2.5 h")]
)
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text
