"""Finished trainings in the cache."""

import msgspec
import pytest

from grader.oracle.job import Job
from grader.oracle.record import Made, Run
from grader.oracle.store import Store

MADE = Made("2026-11-21T12:00:00Z", {"torch": "2.15.0"}, "Linux x86_64, 2 cores", "CPU", 1, 3.2)
RUN = Run(1, MADE, {"loss": (2.0, None)}, {"test_accuracy": 0.9})
JOB = Job("/course/reference/weight_decay", "mlp", "torch", "subset", 1, 10, 0, "d" * 64, "c" * 64, {"torch": "2.15.0"})


def test_what_was_kept_comes_back(tmp_path):
    store = Store(tmp_path / "not" / "yet")
    assert store.get(JOB) is None
    store.put(JOB, RUN)
    assert store.get(msgspec.structs.replace(JOB)) == RUN


@pytest.mark.parametrize(
    "changed",
    [
        {"folder": "/course/reference/three_networks"},
        {"experiment": "cnn"},
        {"framework": "keras"},
        {"source": "full"},
        {"seed": 2},
        {"epochs": 1},
        {"images": 600},
        {"data_digest": "e" * 64},
        {"sources_digest": "e" * 64},
        {"versions": {"torch": "2.16.0"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_nothing_else_is_taken_for_it(tmp_path, changed):
    store = Store(tmp_path)
    store.put(JOB, RUN)
    assert store.get(msgspec.structs.replace(JOB, **changed)) is None


def test_a_course_that_was_moved_keeps_its_results(tmp_path):
    store = Store(tmp_path)
    store.put(JOB, RUN)
    assert store.get(msgspec.structs.replace(JOB, folder="/elsewhere/reference/weight_decay")) == RUN


@pytest.mark.parametrize("content", [b"", b"{", b"[1]"])
def test_a_damaged_file_counts_as_absent_and_is_replaced(tmp_path, content):
    store = Store(tmp_path)
    store.put(JOB, RUN)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept.write_bytes(content)
    assert store.get(JOB) is None
    store.put(JOB, RUN)
    assert store.get(JOB) == RUN


def test_nothing_is_left_behind_where_it_cannot_be_kept(tmp_path):
    store = Store(tmp_path)
    store.put(JOB, RUN)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept.unlink()
    kept.mkdir()
    with pytest.raises(OSError, match="directory"):
        store.put(JOB, RUN)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
