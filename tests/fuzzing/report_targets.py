"""Reports full of a student's text: every format can be read back, says the same, and acts on nobody."""

import unicodedata

import msgspec
from hypothesis import strategies as st

from grader.report.files import FORMATS
from grader.results import GradeReport, Verdict, Visibility
from tests.fuzzing.target import Target
from tests.property.test_escape import HOSTILE, report_with
from tests.unit.report_formats import READERS, written

SCRIPTS = st.sampled_from([
    "<script>alert(1)</script>", "]]>", "&#0;", "&lt;", "=cmd|' /C calc'!A0", "+1", "@x", "\t=1", "| a | b |", "```",
    "![x](y)",
    "</td></table>", "<!--", "\"onload='x'", "javascript:x", "{{ 7 * 7 }}", "{% x %}", "[red]x[/red]",
    "::error file=a::b", "%0A::x",
    "<details>", "\n\n# Title", "http://a.b", "\x00", "\ud800", "\ufffe",
])  # fmt: skip
TEXTS = HOSTILE | st.lists(SCRIPTS | HOSTILE, max_size=4).map("".join)


def _as_from_a_rubric(report: GradeReport) -> GradeReport:
    """The same report with plain words where only a rubric or the machine writes."""
    replace = msgspec.structs.replace
    results = tuple(
        replace(result, criterion_id=f"part.c{number}", rubric_line="rubric.yaml:7")
        for number, result in enumerate(report.results)
    )
    provenance = replace(report.provenance, isolation="full", started_at="2026-11-20T22:59:00Z")
    return replace(report, assignment="a", results=results, provenance=provenance)


def check_report(example: tuple[str, str, str]) -> None:
    """Every format is read back by another reader than the one that wrote it, with the same verdicts."""
    text, verdict, visibility = example
    report = _as_from_a_rubric(report_with(text, Verdict(verdict), Visibility(visibility)))
    for name, content in written(report).items():
        content.encode()
        assert sorted(READERS[name](content).verdicts) == [verdict, verdict], name
        acting = {c for c in content if unicodedata.category(c) == "Cc"} - {"\n", "\r", "\t"}
        assert not acting, (name, acting)
        if name == "html":
            assert "<script" not in content.lower()


REPORT = Target(
    "reports",
    f"reports as {', '.join(FORMATS)}: read back as the same verdicts, whatever the texts in them",
    st.tuples(TEXTS, st.sampled_from([str(v) for v in Verdict]), st.sampled_from([str(v) for v in Visibility])),
    check_report,
    sample=60,
)
