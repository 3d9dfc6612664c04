"""Every notebook of the corpus raises exactly what stands beside it, in every variant: no false accusation."""

from collections import Counter

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
            findings = audited(root, varied.cells, as_lines=number % 2 == 0)
            found[example.name, variant.__name__] = varied.expected, Counter(map(shown, findings))
    return found


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
        print(f"  {'kind':28} {'expected':>8} {'raised':>7} {'precision':>10} {'recall':>7}")
        for kind in sorted(wanted | raised):
            recall = right[kind] / max(wanted[kind], 1)
            precision = right[kind] / raised[kind] if raised[kind] else float("nan")
            print(f"  {kind:28} {wanted[kind]:8} {raised[kind]:7} {precision:10.3f} {recall:7.3f}")
    assert len(CORPUS) >= MIN_NOTEBOOKS
    assert {kind: raised[kind] - right[kind] for kind in raised if raised[kind] != right[kind]} == {}
