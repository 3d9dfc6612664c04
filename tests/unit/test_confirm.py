"""When other code has computed the same."""

import msgspec
import pytest

from grader.oracle.confirm import SAME, compare_whole, confirmed
from grader.oracle.record import Made, Measured, Record, Results, Run

MADE = Made("2026-10-01T00:00:00Z", {"torch": "2.0"}, "a machine", "CPU", 1, 10.0)
RUNS = (
    Run(0, MADE, {"loss": (2.0, 1.0), "accuracy": (0.5, None)}),
    Run(1, MADE, {"loss": (2.5, 1.5), "accuracy": (0.4, 0.6)}),
)
METRICS = {"test_accuracy": Measured(0.75, 0.05, (0.8, 0.7))}
RECORD = Record("net", "torch", "subset", 2, "images", "old code", METRICS, RUNS)
REPEATED = msgspec.structs.replace(RUNS[1], metrics={"test_accuracy": 0.7})


def repeated(**changes):
    return msgspec.structs.replace(REPEATED, **changes)


def test_every_figure_of_the_same_seed_is_compared():
    assert compare_whole(RECORD, REPEATED) == SAME
    assert compare_whole(RECORD, msgspec.structs.replace(RUNS[0], metrics={"test_accuracy": 0.8})) == SAME


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"history": {"loss": (2.5, 1.5000001), "accuracy": (0.4, 0.6)}}, "loss, epoch 2: 1.5 before, 1.5000001 now"),
        ({"history": {"loss": (2.5, 1.5), "accuracy": (0.4,)}}, "accuracy, epoch 2: 0.6 before, None now"),
        ({"history": {"loss": (2.5, 1.5)}}, "accuracy, epoch 1: 0.4 before, None now"),
        ({"metrics": {"test_accuracy": 0.8}}, "test_accuracy: 0.7 before, 0.8 now"),
        ({"metrics": {}}, "test_accuracy: 0.7 before, None now"),
        ({"seed": 7}, "nothing was recorded from seed 7"),
        (
            {"made": msgspec.structs.replace(MADE, threads=2)},
            "recorded on another machine, with other versions or threads",
        ),
    ],
)
def test_what_differs_is_said(changes, said):
    assert compare_whole(RECORD, repeated(**changes)) == said


def test_only_what_the_compared_code_has_made_is_confirmed():
    full = msgspec.structs.replace(RECORD, source="full")
    others = (
        msgspec.structs.replace(RECORD, experiment="other", source="full", sources_digest="older code"),
        msgspec.structs.replace(RECORD, experiment="other"),
        msgspec.structs.replace(RECORD, framework="keras"),
        msgspec.structs.replace(RECORD, experiment="alone", source="full"),
    )
    results = Results("tiny", (full, RECORD, *others))
    found = confirmed(results, {("net", "torch"): "new", ("other", "torch"): "new", ("alone", "torch"): "new"})
    assert [(record.key, record.sources_digest) for record in found] == [
        (("net", "torch", "full"), "new"),
        (("net", "torch", "subset"), "new"),
        (("other", "torch", "subset"), "new"),
    ]
    assert confirmed(results, {("net", "torch"): "old code"}) == ()
