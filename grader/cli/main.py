"""The ``grader`` command. Commands are imported when they are called, so that ``--help`` stays quick."""

import importlib
from typing import Any

import click

from grader import __version__

COMMANDS = {
    "run": "Grade submissions and print a rubric report.",
    "export": "Make a bundle of an assignment for Gradescope, Classroom 50 or students' repositories.",
    "overrides": "Print what waits for a person, as a file to enter points in.",
    "lint": "Check the course's rubrics.",
    "data": "Show where MNIST and Fashion-MNIST are, and fetch them.",
    "reference": "Train the references, record what they reach, and check it.",
    "doctor": "Say what this machine can isolate, and what would improve it.",
}


class LazyGroup(click.Group):
    """A group whose commands live one per module, ``grader.cli.<name>``, loaded on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"grader.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def main(**_: Any) -> None:
    """Grade deep-learning coursework: student code behind kernel walls, verdicts in a trusted process."""
