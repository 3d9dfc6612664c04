"""A sample of every fuzzer's examples, the same in every run, and the campaign that runs them for longer."""

import ast
import os
import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing import campaign
from tests.fuzzing.target import Target
from tests.fuzzing.targets import TARGETS

# ten seconds of examples in all: benchmarks/fuzz.py is for looking longer


# a failure is shown with its strategy, however long that is
@pytest.mark.filterwarnings("default::hypothesis.errors.HypothesisWarning")
@pytest.mark.parametrize("name", TARGETS)
def test_a_sample_of_every_target(name):
    target = TARGETS[name]

    @settings(
        derandomize=True,
        max_examples=target.sample,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(target.examples)
    def sample(example):
        assert ast.literal_eval(repr(example)) == example, "an example has to be a literal"
        target.run(example)

    sample()


@pytest.mark.parametrize(("name", "number"), [(t.name, n) for t in TARGETS.values() for n in range(len(t.known))])
def test_what_was_found_once_stays_found(name, number):
    TARGETS[name].run(TARGETS[name].known[number])


# --- the campaign -----------------------------------------------------------------------------------------------------


def planted(name):
    """Targets that find something, each in its own way."""

    def refuse(example):
        assert 77 not in example, "77 is in it"

    def die(example):
        if len(example) > 3:
            os._exit(7)

    def hang(example):
        if len(example) > 3:
            time.sleep(600)

    def hoard(example):
        bytes(2 * campaign.MEMORY_BYTES if len(example) > 3 else 0)

    if name == "broken strategy":
        return Target(name, "", st.integers().map(lambda number: number // 0), len)
    checks = {"refuse": refuse, "die": die, "hang": hang, "hoard": hoard, "nothing": len}
    return Target(name, "", st.lists(st.integers(0, 300)), checks[name])


def run(name, seed=3, seconds=20.0, **options):
    return campaign.run(name, seed, seconds, planted, on_progress=id, **options)


def test_a_counterexample_is_the_smallest_and_the_same_for_the_same_seed():
    found = run("refuse").found
    assert found.example == "[77]"
    assert "77 is in it" in found.error
    assert run("refuse").found == found


@pytest.mark.parametrize(
    ("name", "words"), [("die", "ended with exit code 7"), ("hang", "no answer for 5 s"), ("hoard", "MemoryError")]
)
def test_a_process_that_dies_hangs_or_hoards_is_a_finding(name, words):
    found = run(name, silent_s=5).found
    assert words in found.error
    assert len(ast.literal_eval(found.example)) > 3


def test_a_strategy_that_fails_is_not_taken_for_one_that_finds_nothing():
    assert "ended with exit code 1" in run("broken strategy").found.error


def test_a_campaign_that_finds_nothing_says_how_much_it_tried():
    outcome = run("nothing", seconds=3.0)
    assert outcome.found is None
    assert outcome.examples > 10
    assert outcome.rounds > 0


def test_rounds_have_seeds_of_their_own():
    seeds = {campaign.round_seed(s, name, n) for s in (1, 2) for name in ("a", "b") for n in (0, 1)}
    assert len(seeds) == 8


def test_a_counterexample_that_was_saved_is_read_again(tmp_path):
    found = campaign.Found("rubric", repr(("a\ud800\n", b"\xff")), "Traceback:\n  a\nError: b")
    assert campaign.read(campaign.save(found, tmp_path / "new")) == ("rubric", ("a\ud800\n", b"\xff"))
    (tmp_path / "other.txt").write_text("[1]")
    with pytest.raises(ValueError, match="does not begin with"):
        campaign.read(tmp_path / "other.txt")
    (tmp_path / "code.txt").write_text("# target: rubric\n__import__('os')\n")
    with pytest.raises(ValueError, match="one Python literal"):
        campaign.read(tmp_path / "code.txt")


@pytest.fixture
def fuzz(root, tmp_path):
    def run_command(*arguments):
        command = [sys.executable, str(root / "benchmarks" / "fuzz.py"), *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run_command


def test_the_command_runs_a_target_and_prints_its_seed(fuzz):
    done = fuzz("--minutes", 0.02, "--only", "manifests", "--seed", 5)
    assert done.returncode == 0, done.stderr
    assert "seed 5, " in done.stdout
    assert "nothing was found" in done.stdout


def test_the_command_runs_a_counterexample_again(fuzz, tmp_path):
    passing = campaign.save(campaign.Found("manifests", repr(b"assignment: a\n"), "Error"), tmp_path)
    done = fuzz("--again", passing)
    assert (done.returncode, "passes now" in done.stdout) == (0, True), done
    failing = campaign.save(campaign.Found("manifests", repr("text and not bytes"), "Error"), tmp_path)
    done = fuzz("--again", failing)
    assert (done.returncode, "still so" in done.stdout) == (1, True), done


@pytest.mark.parametrize("arguments", [("--only", "wire,nothing"), ("--again", "missing.txt")])
def test_the_command_refuses_what_it_cannot_run(fuzz, arguments):
    done = fuzz(*arguments)
    assert done.returncode == 2
    assert "nothing" in done.stderr or "missing.txt" in done.stderr
    assert "Traceback" not in done.stderr
