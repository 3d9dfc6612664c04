import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from grader.cli.doctor import report
from grader.sandbox.levels import Finding, IsolationRefused, Level, choose, isolation_of, level_of, summarise
from grader.sandbox.worker.configuration import Wall

EVERYTHING = frozenset(Wall) - {Wall.OWN_KERNEL}
NO_NAMESPACES = EVERYTHING - {Wall.NAMESPACES, Wall.SCRATCH, Wall.USER}


@pytest.mark.parametrize(
    ("walls", "level"),
    [
        (EVERYTHING, Level.FULL),
        (EVERYTHING - {Wall.CGROUP}, Level.FULL),
        (EVERYTHING - {Wall.LANDLOCK}, Level.STRONG),
        (EVERYTHING - {Wall.SECCOMP}, Level.STRONG),
        (NO_NAMESPACES, Level.REDUCED),
        (NO_NAMESPACES - {Wall.SECCOMP}, Level.REDUCED),
        (NO_NAMESPACES - {Wall.CGROUP}, Level.REDUCED),
        (NO_NAMESPACES - {Wall.LANDLOCK}, Level.NONE),
        (EVERYTHING - {Wall.RESOURCE_LIMITS}, Level.NONE),
        (EVERYTHING - {Wall.NO_CAPABILITIES}, Level.NONE),
        (frozenset(), Level.NONE),
        (frozenset(Wall) - {Wall.LANDLOCK, Wall.CGROUP}, Level.GVISOR),
        (frozenset(Wall) - {Wall.LANDLOCK, Wall.SECCOMP}, Level.NONE),
    ],
)
def test_level_of(walls, level):
    assert level_of(walls) is level


@given(st.sets(st.sampled_from(sorted(EVERYTHING))), st.sampled_from(sorted(EVERYTHING)))
def test_one_more_wall_never_lowers_the_level(walls, wall):
    assert level_of(walls | {wall}).rank >= level_of(walls).rank


def test_the_note_names_what_is_missing():
    assert isolation_of(EVERYTHING).note == "full"
    assert "seccomp" in isolation_of(EVERYTHING - {Wall.SECCOMP}).note
    assert isolation_of(NO_NAMESPACES).note.startswith("reduced (")


def test_the_best_level_is_chosen_by_itself():
    probed = isolation_of(NO_NAMESPACES, ("Run `sysctl`.",))
    assert choose(probed) is probed


@pytest.mark.parametrize("demanded", [level for level in Level if level is not Level.GVISOR])
def test_a_lower_level_can_be_demanded(demanded):
    chosen = choose(isolation_of(EVERYTHING), demanded=demanded, trust_code=True)
    assert chosen.level is demanded


@pytest.mark.parametrize("level", [Level.FULL, Level.STRONG, Level.REDUCED])
def test_a_control_group_is_kept_at_every_level_and_missed_at_none(level):
    assert Wall.CGROUP in choose(isolation_of(EVERYTHING), demanded=level).walls
    assert choose(isolation_of(EVERYTHING - {Wall.CGROUP}), demanded=level).level is level


def test_a_higher_level_is_refused_with_what_would_lift_it():
    with pytest.raises(IsolationRefused, match=r"(?s)full was asked for.*offers reduced.*Run `sysctl`"):
        choose(isolation_of(NO_NAMESPACES, ("Run `sysctl`.",)), demanded=Level.FULL)


@pytest.mark.parametrize("demanded", [None, Level.NONE])
def test_none_is_refused_unless_the_code_is_trusted(demanded):
    probed = isolation_of(())
    with pytest.raises(IsolationRefused, match="--trust-code"):
        choose(probed, demanded=demanded)
    assert choose(probed, demanded=demanded, trust_code=True).level is Level.NONE


def test_a_level_that_this_machine_skips_is_refused():
    without_landlock = isolation_of(EVERYTHING - {Wall.LANDLOCK})
    with pytest.raises(IsolationRefused, match="reduced is not to be had here"):
        choose(without_landlock, demanded=Level.REDUCED)


def test_doctor_says_what_is_missing_and_what_would_help():
    findings = tuple(
        Finding(wall, wall in NO_NAMESPACES, "seen [here]", "" if wall in NO_NAMESPACES else f"Lift {wall}.")
        for wall in sorted(EVERYTHING)
    )
    console = Console(width=100, file=io.StringIO())
    report(console, findings, summarise(findings), Finding(Wall.OWN_KERNEL, False, "seen elsewhere", "Lift it."))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert "namespaces not here seen [here]" in lines
    assert "landlock up seen [here]" in lines
    assert any(line.startswith("isolation: reduced") for line in lines)
    assert "to raise it: Lift namespaces." in lines
    assert "own kernel not here seen elsewhere" in lines
    assert "not to be had: gvisor. Lift it." in lines


def test_doctor_says_how_to_have_what_is_never_chosen_by_itself():
    console = Console(width=100, file=io.StringIO())
    report(console, (), isolation_of(EVERYTHING), Finding(Wall.OWN_KERNEL, True, "runsc version 1"))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert "own kernel up runsc version 1" in lines
    assert lines[-2:] == ["isolation: full", "on request: --isolation gvisor"]
