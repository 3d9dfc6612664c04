"""The README shows what really happens."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def block_after(words):
    """The first fenced block after some words."""
    return re.search(re.escape(words) + r".*?```\n(.*?)```", README, re.DOTALL).group(1)


def check_report(command, total):
    program = [sys.executable, "-c", "from grader.cli.main import main; main()", *command.split()[1:]]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", env=environment)
    shown, printed = block_after(f"`{command}`"), done.stdout
    # what follows depends on the machine
    machine = "── How this was graded"
    assert shown.split(machine)[0] == printed.split(machine)[0]
    assert shown.splitlines()[-1] == printed.splitlines()[-1] == total


def test_the_report_is_what_the_command_prints():
    check_report("grader run submissions/bob --only backprop.gradients --for student", "Total: 3 of 7 points")


def test_the_report_about_a_network_is_what_the_command_prints():
    pytest.importorskip("torch")
    pytest.importorskip("keras")
    check_report("grader run submissions/frank --only lenet.parameters --for student", "Total: 0 of 2 points")


def test_the_commands_named_exist():
    from grader.cli.main import COMMANDS

    named = set(re.findall(r"`grader (\w+)", README))
    assert named <= set(COMMANDS), named - set(COMMANDS)
    assert set(COMMANDS) <= named, set(COMMANDS) - named


def test_its_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
