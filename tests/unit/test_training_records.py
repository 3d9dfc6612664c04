"""Histories, event files and checkpoints: read from bytes, and judged."""

import json
import struct

import numpy as np
import pytest

from grader.checks.histories import Events, History, Scalars, decode_events, decode_history, find_series, meaning_of
from grader.checks.questions import State
from grader.checks.student import StudentError
from grader.checks.training import Reloaded, Training, TrainingOptions, TrainingSeen
from grader.checks.training_records import Measured, judge_checkpoint, judge_events, judge_history
from grader.results import Evidence, Feedback, Verdict
from grader.sandbox import wire
from grader.sandbox.worker.loader import Loader
from grader.sandbox.worker.operations.events import BrokenEvents, collect, masked_crc, read_events
from grader.sandbox.worker.operations.histories import read_history
from grader.sandbox.worker.operations.workbench import Workbench

KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")


def travelled(value):
    arrays = []
    packed = wire.pack(value, arrays)
    return wire.unpack(packed, tuple(arrays))


# --- JSON -------------------------------------------------------------------------------------------------------------


def history_of(folder, text):
    (folder / "lenet.json").write_text(text)
    return decode_history(travelled(read_history(Workbench(folder, Loader(folder)), "lenet.json")))


@pytest.mark.parametrize(
    "document",
    [
        {"loss": [0.5, 0.25], "name": "lenet"},
        {"history": {"loss": [0.5, 0.25]}, "params": 3},
        {"lenet": {"history": {"loss": [0.5, 0.25]}}},
        [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}],
        {"loss": {"0": 0.5, "1": 0.25}},
    ],
)
def test_a_history_is_read_in_every_usual_form(tmp_path, document):
    history = history_of(tmp_path, json.dumps(document))
    assert history.problem == ""
    assert history.series["loss"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2 is not JSON"),
        ("[1, 2]", "no lists of numbers"),
        ('"text"', "no lists of numbers"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "number that cannot be read"),
        ("", "not JSON"),
    ],
)
def test_what_is_no_history_says_why(tmp_path, text, words):
    assert words in history_of(tmp_path, text).problem


def test_gaps_and_huge_numbers_stay_visible(tmp_path):
    values = history_of(tmp_path, '{"loss": [1, null, NaN, 1e999, 1' + "0" * 400 + "]}").series["loss"]
    assert np.isnan(values[1:3]).all()
    assert np.isposinf(values[3:]).all()


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("loss", ("training", "loss")),
        ("val_acc", ("validation", "accuracy")),
        ("valAccuracy", ("validation", "accuracy")),
        ("Loss/train", ("training", "loss")),
        ("Loss/validation", ("validation", "loss")),
        ("validation epoch_loss", ("validation", "loss")),
        ("val_sparse_categorical_accuracy", ("validation", "accuracy")),
        ("test_loss", ("test", "loss")),
        ("vloss", ("validation", "loss")),
    ],
)
def test_names_are_understood(name, meaning):
    assert meaning_of(name) == meaning


def test_other_names_mean_nothing():
    assert meaning_of("learning_rate") is None
    assert find_series({"learning_rate": np.zeros(3), "test_loss": np.zeros(3)}, "loss") is None


def history(epochs=6, **series):
    steps = np.arange(epochs)
    full = {
        "loss": 1 / (steps + 1.0),
        "accuracy": 1 - 0.5 / (steps + 1.0),
        "val_loss": 0.3 + 0.1 * (steps - 2.0) ** 2,
        "val_accuracy": 0.9 - 0.01 * (steps - 2.0) ** 2,
    }
    return History("", {**full, **series})


def test_a_whole_history_is_right():
    assert judge_history("h.json", history(), KEYS, 6).state is State.YES
    percent = history(accuracy=np.linspace(50, 99, 6), val_accuracy=np.linspace(50, 90, 6))
    assert judge_history("h.json", percent, KEYS, 6).state is State.YES
    assert judge_history("h.json", history(), KEYS, None).state is State.YES


@pytest.mark.parametrize(
    ("seen", "epochs", "words"),
    [
        (history(5), 6, "should have 6 numbers of each"),
        (history(val_loss=np.ones(5)), None, "it has 5 of val_loss"),
        (history(loss=np.array([1, 1, np.nan, 1, 1, 1.0])), 6, "loss of epoch 3 is not a finite number"),
        (history(loss=np.array([1, -1, 1, 1, 1, 1.0])), 6, "loss of epoch 2 is -1"),
        (history(accuracy=np.full(6, 101.0)), 6, "accuracy of epoch 1 is 101"),
        (History("", {"loss": np.ones(6)}), 6, "has no accuracy, val_loss and val_accuracy"),
        (History("it is empty", {}), 6, "cannot be read: it is empty"),
    ],
)
def test_what_is_wrong_with_a_history_is_said(seen, epochs, words):
    answer = judge_history("h.json", seen, KEYS, epochs)
    assert answer.state is State.NO
    assert words in answer.said


# --- TensorBoard ------------------------------------------------------------------------------------------------------


def field(number, content):
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, float):
        return varint(number << 3 | 5) + struct.pack("<f", content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def record(data):
    header = struct.pack("<Q", len(data))
    return header + struct.pack("<I", masked_crc(header)) + data + struct.pack("<I", masked_crc(data))


def scalar(tag, step, value):
    return record(field(2, step) + field(5, field(1, field(1, tag.encode()) + field(2, value))))


def tensor(tag, step, value):
    content = field(1, 1) + field(4, struct.pack("<f", value))
    return record(field(2, step) + field(5, field(1, field(1, tag.encode()) + field(8, content))))


def test_the_checksum_is_the_published_one():
    # RFC 3720, B.4: CRC-32C of 32 bytes of zeros is 8a9136aa; rotated by 15 with a282ead8 added
    crc = 0x8A9136AA
    assert masked_crc(bytes(32)) == (((crc >> 15) | (crc << 17) & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF


def test_scalars_of_both_forms_are_read():
    series = {}
    long_one = record(field(2, 1) + bytes(70_000))
    collect(scalar("loss", 1, 0.5) + long_one + tensor("loss", 2, 0.25) + record(b"") + scalar("acc", 7, 1.0), series)
    assert series == {"loss": [(1, 0.5), (2, 0.25)], "acc": [(7, 1.0)]}


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[:-3], "ends within a record"),
        (lambda data: data + b"\1", "ends within a record"),
        (lambda data: data[:-6] + b"\0\0" + data[-4:], "checksum of the record"),
        (lambda data: b"PK" + data, "not an event file"),
        (
            lambda data: data + struct.pack("<Q", 2**60) + struct.pack("<I", masked_crc(struct.pack("<Q", 2**60))),
            "ends",
        ),
        (lambda data: data + record(varint(1 << 3 | 3)), "field of kind 3"),
        (lambda data: data + record(b"\x12\xff"), "ends within a number"),
        (lambda data: data + record(b"\x2a\x7f"), "shorter than it says"),
    ],
)
def test_damage_is_noticed_and_what_stood_before_it_kept(damage, words):
    series = {}
    with pytest.raises(BrokenEvents, match=words):
        collect(damage(scalar("loss", 1, 0.5) + scalar("loss", 2, 0.5)), series)
    assert len(series.get("loss", [])) <= 2


def test_event_files_travel(tmp_path):
    (tmp_path / "a").write_bytes(scalar("loss", 1, 0.5) + b"x")
    (file,) = decode_events(travelled(read_events(Workbench(tmp_path, Loader(tmp_path)), ("a",))))
    assert file.path == "a"
    assert "ends within" in file.problem
    assert (file.series[0].tag, file.series[0].steps.tolist(), file.series[0].values.tolist()) == ("loss", [1], [0.5])


@pytest.mark.parametrize(
    "answer", [None, "text", {"problem": ""}, {"problem": "", "series": {"loss": "x"}}, {"problem": "", "series": 3}]
)
def test_a_history_that_is_none_is_refused(answer):
    with pytest.raises(ValueError, match=r"."):
        decode_history(travelled(answer))


def curves(*names, steps=6):
    return tuple(Scalars(name, np.arange(steps), np.ones(steps)) for name in names)


def test_curves_are_found_by_tag_or_by_folder():
    one = (Events("logs/lenet/events.out.tfevents.1", "", curves("Loss/train", "Acc/train", "Loss/val", "Acc/val")),)
    two = tuple(
        Events(f"logs/lenet/{run}/events.out.tfevents.1", "", curves("epoch_loss", "epoch_accuracy"))
        for run in ("train", "validation")
    )
    assert judge_events(one, KEYS, 6, "lenet").state is State.YES
    assert judge_events(two, KEYS, 6, "lenet").state is State.YES
    assert "no curve of val_loss and val_accuracy" in judge_events(two[:1], KEYS, 6, "lenet").said
    assert "there should be 18 steps" in judge_events(one, KEYS, 18, "lenet").said


# --- checkpoints ------------------------------------------------------------------------------------------------------


def measured(loss, accuracy=0.5, count=10_000):
    return Measured("checkpoints/lenet.pt", loss, 0.8, accuracy, count)


def test_the_best_epoch_is_recognised_by_its_loss_within_chance():
    assert judge_checkpoint(measured(0.31), history()).state is State.YES
    assert judge_checkpoint(measured(0.34), history()).state is State.YES


def test_the_last_epoch_is_told_from_the_best():
    answer = judge_checkpoint(measured(1.2), history())
    assert answer.state is State.NO
    assert "nearest to epoch 6, the last one" in answer.facts[0]


def test_few_images_cannot_tell_epochs_apart_that_many_can():
    assert judge_checkpoint(measured(0.4, count=1000), history()).state is State.NO
    assert judge_checkpoint(measured(0.4, count=200), history()).state is State.YES


def test_another_kind_of_loss_is_compared_by_accuracy_or_left_to_a_person():
    with_penalty = history(val_loss=1 + 0.1 * (np.arange(6) - 2.0) ** 2)
    assert judge_checkpoint(measured(0.3, accuracy=0.901), with_penalty).state is State.YES
    assert judge_checkpoint(measured(0.3, accuracy=0.5), with_penalty).state is State.UNCLEAR


def test_the_last_epoch_is_told_from_the_best_though_as_many_are_right():
    assert judge_checkpoint(measured(1.2, accuracy=0.9), history()).state is State.NO


def test_a_loss_that_only_an_earlier_epoch_has_accuses_nobody():
    falling = history(val_loss=np.linspace(1, 0.3, 6))
    assert judge_checkpoint(measured(0.72), falling).state is State.UNCLEAR


def test_without_a_history_nothing_can_be_said():
    assert judge_checkpoint(measured(0.3), History("it is not there", {})).state is State.NO


# --- the criterion ----------------------------------------------------------------------------------------------------

ALL = ("history", "best_checkpoint", "tensorboard", "reload")


def judged(make_criterion, seen, of=ALL):
    return Training().judge((("lenet", seen),), make_criterion(TrainingOptions(of=of, epochs=6), kind="training"))


def test_all_records_in_order_pass_and_show_their_curves(make_criterion):
    events = (Events("logs/lenet/x.tfevents", "", curves("loss", "accuracy", "val_loss", "val_accuracy")),)
    seen = TrainingSeen("lenet", ("h.json", history()), events, measured(0.3), Reloaded("c.pt", "", 0.0))
    judgement = judged(make_criterion, seen)
    assert judgement.verdict is Verdict.PASS, judgement.feedback
    assert judgement.evidence is Evidence.CLAIMED
    assert [exhibit.title for exhibit in judgement.exhibits] == ["lenet: loss", "lenet: accuracy"]


def test_each_record_costs_its_own_share(make_criterion):
    seen = TrainingSeen("lenet", ("h.json", history()), None, measured(1.2), Reloaded("c.pt", "", 0.5))
    judgement = judged(make_criterion, seen)
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.25)
    text = " ".join((judgement.feedback.summary, *judgement.feedback.facts))
    for words in ("not that of the best epoch", "no event files of TensorBoard in logs/lenet", "lacks something"):
        assert words in text


def test_nothing_handed_in_is_missing(make_criterion):
    assert judged(make_criterion, TrainingSeen("lenet")).verdict is Verdict.MISSING


def test_a_reload_is_a_record_of_its_own(make_criterion):
    seen = TrainingSeen("lenet", reloaded=Reloaded("c.pt", "", 0.0))
    judgement = judged(make_criterion, seen, of="reload")
    assert (judgement.verdict, judgement.evidence) == (Verdict.PASS, Evidence.OBSERVED)
    broken = judged(make_criterion, TrainingSeen("lenet", reloaded=Reloaded("c.pt", "it is empty", 0.0)), of="reload")
    assert broken.feedback.summary == "c.pt cannot be loaded again: it is empty."
    assert (
        judged(make_criterion, TrainingSeen("lenet", reloaded=Reloaded("c", "", float("nan"))), of="reload").fraction
        == 0
    )


def test_a_network_that_cannot_be_built_says_so(make_criterion):
    error = StudentError(Verdict.CRASH, Feedback("build_lenet raised ValueError"))
    judgement = judged(make_criterion, TrainingSeen("lenet", checkpoint=error), of="best_checkpoint")
    assert judgement.verdict is Verdict.FAIL
    assert judgement.feedback.summary == "build_lenet raised ValueError"
