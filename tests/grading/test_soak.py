"""A short soak, and the judgement of a long one. benchmarks/soak.py runs for as long as one likes."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture
def soak(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    for name in ("soak", "soak_submissions", "processes", "measure"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import soak

    return soak


def test_thirty_submissions_in_two_orders_leave_nothing_and_are_graded_alike():
    command = [sys.executable, str(BENCHMARKS / "soak.py")]
    done = subprocess.run(
        [*command, "--submissions=30", "--jobs=2", "--every=5", "--seed=11"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "seed 11" in done.stdout
    kinds = re.findall(r"(\d+) kinds in (\d+) ways", done.stdout)
    assert len(kinds) == 2
    assert all(kind == ways for kind, ways in kinds)


def test_every_sort_of_submission_is_in_every_mixture(soak):
    sorts = soak.soak_submissions.kinds()
    for count in (10, 30, 100):
        drawn = [kind.name for kind in soak.soak_submissions.drawn(count)]
        assert len(drawn) == count
        for sort, kinds in sorts.items():
            assert set(drawn) & {kind.name for kind in kinds}, (count, sort)
    everything = {kind.name for kinds in sorts.values() for kind in kinds}
    assert {kind.name for kind in soak.soak_submissions.drawn(2000)} == everything


def test_the_order_is_the_seeds(soak, tmp_path):
    chosen = soak.soak_submissions.drawn(30)
    orders = [
        [name for name, _ in soak.soak_submissions.write_submissions(tmp_path / str(n), chosen, seed)]
        for n, seed in enumerate((1, 1, 2))
    ]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


# --- the judgement ----------------------------------------------------------------------------------------------------


def samples(soak, total=1000, **given):
    """Samples of one process: 40,000 KiB, 12 descriptors and 2 threads, or what is ``given`` as functions of time."""

    def at(done, name, steady):
        return given[name](done) if name in given else steady

    return [
        soak.Sample(
            done,
            soak.Usage(
                role="session",
                pss_kib=30_000,
                anonymous_kib=at(done, "kib", 40_000),
                descriptors=at(done, "descriptors", 12),
                threads=at(done, "threads", 2),
                children=1,
            ),
        )
        for done in range(0, total + 1, 50)
    ]


def test_a_process_that_stays_as_it_is_has_not_grown(soak):
    assert soak.grown(samples(soak), 1000) == []


def test_what_is_loaded_in_the_beginning_is_no_leak(soak):
    def kib(done):
        return 40_000 + min(done, 200) * 100

    assert soak.grown(samples(soak, kib=kib, descriptors=lambda done: 12 + (done > 100)), 1000) == []


@pytest.mark.parametrize("kib_each", [6, 50])
def test_a_leak_of_memory_is_told_with_its_size(soak, kib_each):
    (text,) = soak.grown(samples(soak, kib=lambda done: 40_000 + kib_each * done), 1000)
    assert text.startswith(f"memory by {kib_each}.0 KiB")


def test_a_slow_growth_within_the_bound_is_accepted(soak):
    assert soak.grown(samples(soak, kib=lambda done: 40_000 + 4 * done), 1000) == []


@pytest.mark.parametrize("name", ["descriptors", "threads"])
def test_a_leak_of_descriptors_or_threads_is_told_also_where_their_number_moves(soak, name):
    def leaking(done):
        return 12 + done // 100 + done // 50 % 3

    assert any(text.startswith(name) for text in soak.grown(samples(soak, **{name: leaking}), 1000))
    moving = samples(soak, **{name: lambda done: 12 + done // 50 % 3})
    assert soak.grown(moving, 1000) == []


def order(soak, seed, answers, left_processes=(), left_files=()):
    return soak.Order(seed, answers, {}, list(left_processes), list(left_files), 1.0)


def test_what_differs_or_is_left_or_gained_is_a_failure(soak):
    kind = soak.soak_submissions.Kind("exits", {}, 1.0)
    right = order(soak, 1, {"exits": {"1 points: loss CRASH 0; said a"}})
    assert soak.failures([right], [kind]) == []
    cases = {
        "a process is left: session (7)": order(soak, 2, right.answers, left_processes=["session (7)"]),
        "a file is left: x/y": order(soak, 2, right.answers, left_files=["x/y"]),
        "'exits' was graded in 2 ways": order(soak, 2, {"exits": {"1 points: loss TIMEOUT 0; said a"}}),
        "should have 1 points, got 4 points": order(soak, 2, {"exits": {"4 points: loss PASS 3; said b"}}),
        "the grader failed for 'exits'": order(soak, 2, {"exits": {"GRADER_FAULT it died"}}),
    }
    for words, other in cases.items():
        assert any(words in text for text in soak.failures([right, other], [kind])), words


# --- what is watched --------------------------------------------------------------------------------------------------


def test_processes_below_are_found_with_what_they_use(soak):
    import processes

    script = "import os, time; pid = os.fork(); files = [open(os.devnull) for _ in range(20)]; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        try:
            used = None
            while used is None or used.descriptors < 20 or used.children < 1:
                time.sleep(0.02)
                below = processes.below(os.getpid())
                used = next((processes.usage(p, below) for p in below if p.number == parent.pid), None)
            assert used.threads == 1
            assert 500 < used.pss_kib < 1_000_000
            assert 500 < used.anonymous_kib < 1_000_000
        finally:
            for child in processes.below(parent.pid):
                os.kill(child.number, signal.SIGKILL)
            parent.kill()
