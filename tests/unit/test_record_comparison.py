"""Comparing records: with what was recorded before, with a repetition, with published figures."""

import msgspec
import pytest

from grader.oracle.compare_records import (
    Agreement,
    changes,
    check_repetition,
    compare_with_published,
    staleness,
)
from grader.oracle.experiments import Figure
from grader.oracle.record import Made, Record, Results, Run, measure

MADE = Made("2026-11-21T12:00:00Z", {"torch": "2.15.0"}, "Linux x86_64, 2 cores", "CPU", 1, 3.2)


def record(source="full", losses=((2.0, 1.0), (2.2, 1.2), (2.4, 1.1)), **metrics):
    runs = tuple(Run(seed, MADE, {"loss": curve}) for seed, curve in enumerate(losses))
    measured = {name: measure(values) for name, values in metrics.items()}
    return Record("mlp", "torch", source, 2, "d" * 64, "c" * 64, measured, runs)


def agreement(value, ours, subset=None, metric="test_accuracy"):
    among = record("subset", **{metric: subset}) if subset else None
    return compare_with_published(Figure(metric, value), record(**{metric: ours}), among)


def test_within_six_thousandths_is_met_however_small_the_spread():
    assert agreement(0.892, [0.8979, 0.8979, 0.8979]).agreement is Agreement.MET
    assert agreement(0.892, [0.8981, 0.8981, 0.8981]).agreement is Agreement.HIGHER
    assert agreement(0.892, [0.8859, 0.8859, 0.8859]).agreement is Agreement.LOWER


def test_within_three_of_our_deviations_is_met():
    ours = [0.85, 0.86, 0.87]  # mean 0.86, deviation 0.01
    found = agreement(0.8899, ours)
    assert found.agreement is Agreement.MET
    assert found.in_deviations == pytest.approx(-2.99)
    assert found.deviation_from == "full"
    assert agreement(0.8901, ours).agreement is Agreement.LOWER


def test_the_spread_of_the_subset_stands_in_for_that_of_a_single_seed():
    found = agreement(0.8899, [0.86], subset=[0.75, 0.76, 0.77])
    assert (found.agreement, found.deviation_from) == (Agreement.MET, "subset")
    alone = agreement(0.8899, [0.86])
    assert (alone.agreement, alone.deviation_from, alone.in_deviations) == (Agreement.LOWER, "", None)


def test_a_count_of_parameters_is_equal_or_differs():
    assert agreement(61706, [61706.0] * 3, metric="parameters").agreement is Agreement.EQUAL
    assert agreement(61706, [61707.0] * 3, metric="parameters").agreement is Agreement.DIFFERS


def test_a_loss_is_shown_and_not_judged():
    found = agreement(0.344, [0.5, 0.6, 0.7], metric="test_loss")
    assert found.agreement is Agreement.NOT_JUDGED
    assert found.in_deviations == pytest.approx(2.56)


def test_a_result_that_is_not_finite_is_not_judged():
    found = agreement(0.892, [None, 0.8])
    assert (found.agreement, found.difference, found.in_deviations) == (Agreement.NOT_JUDGED, None, None)


def test_a_metric_that_was_not_measured_is_not_compared():
    assert compare_with_published(Figure("test_loss", 0.3), record(test_accuracy=[0.9]), None) is None


def test_changes_name_the_metrics_that_differ():
    before = Results("a", (record(test_accuracy=[0.9, 0.8], test_loss=[0.3, 0.3]),))
    now = [
        record(test_accuracy=[0.9, 0.8], test_loss=[0.3, 0.4], parameters=[10.0, 10.0]),
        record("subset", test_accuracy=[0.7, 0.8]),
    ]
    changed, new = changes(before, now)
    assert [(m.metric, m.before is None) for m in changed.metrics] == [("test_loss", False), ("parameters", True)]
    assert new.before is None
    assert not new.is_same
    (same,) = changes(before, before.records)
    assert same.is_same


def test_a_repetition_on_the_same_machine_must_be_the_same():
    recorded = record()
    (check,) = check_repetition(recorded, Run(1, MADE, {"loss": (2.2,)}))
    assert (check.name, check.recorded, check.holds) == ("loss, epoch 1", 2.2, True)
    (check,) = check_repetition(recorded, Run(1, MADE, {"loss": (2.201,)}))
    assert not check.holds


@pytest.mark.parametrize(
    "elsewhere", [{"versions": {"torch": "2.16.0"}}, {"machine": "Darwin arm64"}, {"device": "GPU"}, {"threads": 2}]
)
def test_a_repetition_elsewhere_may_differ_as_much_as_seeds_do(elsewhere):
    made = msgspec.structs.replace(MADE, **elsewhere)
    for value, holds in ((2.201, True), (2.99, True), (3.01, False), (1.39, False)):  # 2.2 ± 4 · 0.2
        (check,) = check_repetition(record(), Run(1, made, {"loss": (value,)}))
        assert check.holds is holds, value


def test_a_repetition_elsewhere_is_not_held_to_less_than_rounding_can_do():
    made = msgspec.structs.replace(MADE, threads=2)
    (check,) = check_repetition(record(losses=((2.0, 1.0),)), Run(0, made, {"loss": (2.03,)}))
    assert check.allowed == pytest.approx(0.04)
    assert check.holds


def test_a_loss_that_was_not_finite_must_not_become_finite():
    recorded = record(losses=((None, None),))
    (check,) = check_repetition(recorded, Run(0, MADE, {"loss": (None,)}))
    assert check.holds
    (check,) = check_repetition(recorded, Run(0, MADE, {"loss": (2.0,)}))
    assert not check.holds


def test_a_repetition_from_a_seed_that_was_not_recorded_is_refused():
    with pytest.raises(ValueError, match="not recorded from seed 7"):
        check_repetition(record(), Run(7, MADE, {"loss": (2.0,)}))


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [("d", "c", ""), ("d", "x", "code"), ("x", "c", "data"), ("x", "x", "code and data")],
)
def test_staleness_says_what_changed(data, code, said):
    assert staleness(record(), data * 64, code * 64) == said
