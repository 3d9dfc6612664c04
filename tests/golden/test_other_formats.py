"""Reports for programs and platforms, compared with files that were read by a person; see test_terminal_reports.py."""

import pytest

from tests.golden.reports import REPORTS
from tests.golden.test_terminal_reports import compare
from tests.unit.report_formats import written


@pytest.mark.parametrize("form", ["markdown", "csv", "junit", "gradescope", "classroom50"])
@pytest.mark.parametrize("name", ["partial", "hostile", "by_hand"])
def test_format(name: str, form: str) -> None:
    compare(f"{name}-{form}", written(REPORTS[name])[form])
