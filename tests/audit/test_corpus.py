"""Every notebook of the corpus raises exactly what stands beside it, in every variant: no false accusation."""

from collections import Counter
from pathlib import Path

import pytest
from audit_notebooks import VARIANTS, audited, corpus, shown

CORPUS = corpus()
MIN_NOTEBOOKS = 40


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """What was expected and what was found, by notebook and variant."""
    root = tmp_path_factory.mktemp("notebooks")
    found = {}
    for example in CORPUS:
        for number, variant in enumerate(VARIANTS):
            varied = variant(example)
            findings = audited(root, varied.cells, number % 2 == 0, varied.headings)
            found[example.name, variant.__name__] = varied.expected, Counter(map(shown, findings))
    return found


def test_every_kind_is_described():
    page = (Path(__file__).parents[2] / "docs" / "concepts" / "audit.md").read_text(encoding="utf-8")
    kinds = {text.split()[0] for example in CORPUS for text in example.expected}
    assert {kind for kind in kinds if f"`{kind}`" not in page} == set()


def test_honest_notebooks_are_long():
    honest = [example for example in CORPUS if example.name.startswith("honest_")]
    assert len(honest) >= 10
    assert all(len(example.cells) >= 25 and not example.expected for example in honest)


@pytest.mark.parametrize("name", [example.name for example in CORPUS])
def test_exactly_what_is_expected_is_found(outcome, name):
    for variant in VARIANTS:
        expected, found = outcome[name, variant.__name__]
        assert found == Counter(expected), variant.__name__


def test_precision_and_recall(outcome, capsys):
    """Print the table by kind. Nothing may be raised that is not expected; what is missed shows in the recall."""
    right, raised, wanted = Counter(), Counter(), Counter()
    for expected, found in outcome.values():
        for text in expected:
            wanted[text.split()[0]] += 1
            right[text.split()[0]] += text in found
        for text, times in found.items():
            raised[text.split()[0]] += times
    with capsys.disabled():
        print(f"\n\n{len(CORPUS)} notebooks in {len(VARIANTS)} variants each")
        print(f"  {'kind':28} {'right':>6} {'wrong':>6} {'missed':>7} {'precision':>10} {'recall':>7}")
        for kind in sorted(wanted | raised):
            recall = right[kind] / max(wanted[kind], 1)
            precision = right[kind] / raised[kind] if raised[kind] else float("nan")
            wrong, missed = raised[kind] - right[kind], wanted[kind] - right[kind]
            print(f"  {kind:28} {right[kind]:6} {wrong:6} {missed:7} {precision:10.3f} {recall:7.3f}")
    assert len(CORPUS) >= MIN_NOTEBOOKS
    assert {kind: raised[kind] - right[kind] for kind in raised if raised[kind] != right[kind]} == {}
