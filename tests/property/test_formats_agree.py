"""Every format says the same about a report: points, number of criteria, verdicts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.report.files import FORMATS
from grader.report.view import for_student
from grader.results import Evidence, Feedback, Override, Table, Verdict, Visibility
from tests.golden.reports import report, result
from tests.unit.report_formats import READERS, written

DUE = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = st.text(st.characters(), max_size=30)
OVERRIDES = st.builds(
    Override,
    TEXT,
    TEXT,
    TEXT,
    st.sampled_from(Verdict),
    st.floats(0, 7),
    st.sampled_from(Evidence),
    TEXT,
    st.booleans(),
)


@st.composite
def results(draw, number):
    possible = draw(st.sampled_from([0.0, 0.25, 1.0, 1 / 3, 2.0, 7.0]))
    verdict = draw(st.sampled_from(Verdict))
    fraction = {Verdict.PASS: 1.0, Verdict.PARTIAL: draw(st.floats(0.0, 1.0))}.get(verdict, 0.0)
    columns = draw(st.lists(TEXT, min_size=1, max_size=3))
    return result(
        f"{draw(st.sampled_from(['backprop', 'plots', 'other']))}.c{number}",
        draw(TEXT),
        verdict,
        awarded=fraction * possible,
        possible=possible,
        feedback=Feedback(
            draw(TEXT),
            facts=tuple(draw(st.lists(TEXT, max_size=2))),
            table=Table(tuple(columns), (tuple(columns),), tuple(columns[:1])),
            again=draw(TEXT),
        ),
        evidence=draw(st.sampled_from(Evidence)),
        visibility=draw(st.sampled_from(Visibility)),
        private=draw(TEXT),
        override=draw(st.none() | OVERRIDES),
    )


@st.composite
def reports(draw):
    count = draw(st.integers(0, 5))
    made = sorted((draw(results(n)) for n in range(count)), key=lambda r: r.part_id)
    penalty = draw(st.sampled_from([0.0, 0.5, 1 / 3, 100.0]))
    return report(*made, student=draw(TEXT), title=draw(TEXT), late_penalty=penalty)


@settings(max_examples=60, deadline=None)
@given(whole=reports(), as_student=st.booleans())
def test_all_formats_agree(whole, as_student):
    shown = for_student(whole, DUE, DUE) if as_student else whole
    verdicts = sorted(str(r.verdict) for r in shown.results)
    for name, text in written(shown).items():
        told = READERS[name](text)
        assert sorted(told.verdicts) == verdicts, name
        # a table of criteria has no place for what is taken off for all of them
        total = shown.score.awarded if name == "csv" else shown.score.total
        rounding = {"markdown": 0.0051, "html": 0.0051, "classroom50": 0.0051 * (len(verdicts) + 2)}.get(name, 1e-9)
        assert told.total == pytest.approx(total, abs=rounding), name


def test_every_format_is_compared():
    assert set(READERS) >= {*FORMATS, "classroom50"}
