"""Every page under docs/diagnoses runs, prints what it shows, and is found by the diagnosis it explains."""

import re
from pathlib import Path

import pytest

from grader.numerics.diagnose import PATTERN_IDS

PAGES = Path(__file__).parents[2] / "docs" / "diagnoses"
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<output>.*?)```", re.DOTALL)


def test_each_id_has_a_page_and_each_page_an_id() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == set(PATTERN_IDS)


def test_the_index_lists_each_page_with_its_title() -> None:
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| \[`([a-z-]+)`\]\(\1\.md\) \| (.+) \|$", index, re.MULTILINE))

    titles = {}
    for pattern in PATTERN_IDS:
        heading = (PAGES / f"{pattern}.md").read_text(encoding="utf-8").splitlines()[0]
        titles[pattern] = heading.removeprefix(f"# `{pattern}`: ")

    assert listed == titles


@pytest.mark.parametrize("pattern", PATTERN_IDS)
def test_the_example_prints_what_the_page_shows_and_is_diagnosed(
    pattern: str, capsys: pytest.CaptureFixture[str]
) -> None:
    example = EXAMPLE.search((PAGES / f"{pattern}.md").read_text(encoding="utf-8"))
    assert example, f"docs/diagnoses/{pattern}.md has no python block followed by a text block"

    exec(compile(example["code"], f"{pattern}.md", "exec"), {"__name__": "page"})

    printed = capsys.readouterr().out
    assert printed == example["output"]
    assert re.findall(r"^\[([a-z-]+)\]", printed, re.MULTILINE) == [pattern]
