"""What is recorded, and the file that it is recorded in."""

import json

import msgspec
import numpy as np
import pytest

from grader.oracle.record import (
    Array,
    DamagedResults,
    Made,
    Measured,
    Record,
    Results,
    decode,
    encode,
    make_run,
    measure,
    read,
    rounded,
    summarise,
)
from grader.oracle.training import Outcome

MADE = Made("2026-11-21T12:00:00Z", {"torch": "2.15.0"}, "Linux x86_64, 2 cores", "CPU", 1, 3.2)


def record(experiment="mlp", framework="torch", source="subset", accuracies=(0.8, 0.9, 0.85)):
    runs = tuple(
        make_run(seed, Outcome({"test_accuracy": accuracy}, {"loss": [2.0, accuracy]}), MADE)
        for seed, accuracy in enumerate(accuracies)
    )
    metrics = summarise([run.metrics for run in runs])
    kept = tuple(msgspec.structs.replace(run, metrics={}) for run in runs)
    return Record(experiment, framework, source, 2, "d" * 64, "c" * 64, metrics, kept)


def test_results_come_back_from_the_file_as_they_were():
    results = Results("weight_decay").replaced([record(), record("cnn")])
    assert decode(encode(results), "results.json") == results


def test_the_same_results_give_the_same_bytes_in_whatever_order_they_came():
    one, other = record(), record("cnn", "keras", "full")
    results = Results("a").replaced([one, other])
    assert encode(results) == encode(Results("a").replaced([other]).replaced([one]))
    assert [found.experiment for found in results.records] == ["cnn", "mlp"]


def test_a_new_record_takes_the_place_of_the_old_one_and_leaves_the_others():
    results = Results("a").replaced([record(), record(source="full")])
    results = results.replaced([record(accuracies=(0.5,))])
    assert results.find("mlp", "torch", "subset").metrics["test_accuracy"].mean == 0.5
    assert results.find("mlp", "torch", "full").metrics["test_accuracy"].mean == 0.85
    assert results.find("mlp", "keras", "full") is None


@pytest.mark.parametrize(("old", "new"), [("0.85", "0.95"), ('"mlp"', '"cnn"'), ('"torch"', '"keras"')])
def test_a_file_that_was_changed_by_hand_is_refused(old, new):
    content = encode(Results("a", (record(),))).decode()
    assert old in content
    with pytest.raises(DamagedResults, match=r"results\.json: changed by hand.*--write"):
        decode(content.replace(old, new, 1).encode(), "results.json")


def test_white_space_does_not_count_as_a_change():
    content = json.dumps(json.loads(encode(Results("a", (record(),)))), indent=3)
    assert decode(content.encode(), "results.json").records == (record(),)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b"<<<<<<< HEAD\n"])
def test_what_is_no_results_file_is_refused(content):
    with pytest.raises(DamagedResults, match=r"results\.json: not a results file"):
        decode(content, "results.json")


def test_another_format_is_refused_by_its_number():
    content = encode(Results("a")).replace(b'"format": 1', b'"format": 99')
    with pytest.raises(DamagedResults, match="written in format 99"):
        decode(content, "results.json")


def test_nothing_recorded_is_no_error(tmp_path):
    assert read(tmp_path) == Results(tmp_path.name)


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "recorded" / "results.json").mkdir(parents=True)
    with pytest.raises(DamagedResults, match="cannot be read"):
        read(tmp_path)


def test_mean_and_deviation_are_those_of_a_sample():
    assert measure([0.8, 0.9, 0.85]) == Measured(0.85, 0.05, (0.8, 0.9, 0.85))


def test_one_seed_has_no_deviation():
    assert measure([0.8]).deviation is None


def test_a_training_that_diverged_leaves_neither_mean_nor_deviation():
    run = make_run(0, Outcome({"test_loss": float("nan")}, {"loss": [2.0, float("inf")]}), MADE)
    assert run.history["loss"] == (2.0, None)
    assert measure([run.metrics["test_loss"], 0.4, 0.5]) == Measured(None, None, (None, 0.4, 0.5))
    results = Results("a", (msgspec.structs.replace(record(), metrics={"loss": measure([None, 0.4])}, runs=(run,)),))
    assert decode(encode(results), "results.json") == results


@pytest.mark.parametrize(
    ("value", "kept"), [(0.123456789, 0.123457), (5549162.0, 5549162.0), (1.5e-9, 1.5e-9), (float("nan"), None)]
)
def test_numbers_keep_six_digits_and_counts_all(value, kept):
    assert rounded(value) == kept


def test_arrays_keep_their_shape():
    run = make_run(0, Outcome({}, {}, {"confusion_matrix": np.arange(6).reshape(2, 3)}), MADE)
    assert run.arrays == {"confusion_matrix": Array((2, 3), (0.0, 1.0, 2.0, 3.0, 4.0, 5.0))}


def test_long_curves_are_wrapped_and_short_lists_are_not_spread_over_lines():
    long = make_run(0, Outcome({}, {"loss": [0.123456] * 100}), MADE)
    lines = encode(Results("a", (msgspec.structs.replace(record(), runs=(long,)),))).decode().splitlines()
    assert max(map(len, lines)) <= 120
    assert any('"values": [0.8, 0.9, 0.85]' in line for line in lines)
    assert sum("0.123456" in line for line in lines) < 15
