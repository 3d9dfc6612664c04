"""``grader doctor``: what this machine can do for grading, and what would help it."""

import importlib.metadata
import platform
import sys

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.sandbox import levels
from grader.sandbox.levels import Finding, Isolation, Level

PACKAGES = ("numpy", "torch", "torchvision", "tensorflow")


@click.command()
@click.pass_context
def doctor(context: click.Context) -> None:
    """Say what this machine can do: Python, packages, and how well it isolates student code.

    Ends with exit code 0 if isolation is strong or full, 1 otherwise.
    """
    findings = levels.examine()
    isolation = levels.summarise(findings)
    report(Console(highlight=False), findings, isolation, levels.own_kernel())
    context.exit(0 if isolation.level.rank >= Level.STRONG.rank else 1)


def report(console: Console, findings: tuple[Finding, ...], isolation: Isolation, own_kernel: Finding) -> None:
    """Print what was found to ``console``. ``own_kernel`` is what the level gvisor needs besides ``findings``."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Python", platform.python_version(), Text(sys.executable))
    for name in PACKAGES:
        table.add_row(name, *_package(name))
    table.add_section()
    for finding in (*findings, own_kernel):
        # what was seen is text of the system, in which brackets mean brackets
        table.add_row(finding.wall, "up" if finding.works else "not here", Text(finding.why))
    console.print(table)
    console.print()
    console.print(f"isolation: {isolation.note}", markup=False, soft_wrap=True)
    for lift in isolation.lifts:
        console.print(f"  to raise it: {lift}", markup=False, soft_wrap=True)
    if own_kernel.works:
        console.print("  on request: --isolation gvisor", markup=False, soft_wrap=True)
    else:
        console.print(f"  not to be had: gvisor. {own_kernel.lift}", markup=False, soft_wrap=True)


def _package(name: str) -> tuple[str, str]:
    try:
        return importlib.metadata.version(name), ""
    except importlib.metadata.PackageNotFoundError:
        return "not found", "" if name == "numpy" else "needed only by submissions that use it"
