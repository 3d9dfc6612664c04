import msgspec

from grader.checks.imports import Imports, ImportsOptions, ImportsSeen
from grader.results import Evidence, Verdict
from grader.sandbox.wire import Evasion, Import

SEEN = ImportsSeen(("numpy",), ("forward", "backward"), (), (), ())
TORCH = Import("torch", 3, None, "import torch", ("backward",), standard=False, own=False)
EXEC = Evasion("exec", 9, 4, "exec(text)", ("backward",))


def judge(make_criterion, **seen):
    return Imports().judge(msgspec.structs.replace(SEEN, **seen), make_criterion(ImportsOptions()))


def test_numpy_alone_passes(make_criterion):
    judgement = judge(make_criterion)
    assert judgement.verdict is Verdict.PASS
    assert judgement.evidence is Evidence.CLAIMED
    assert judgement.feedback.summary == "forward and backward need only numpy."


def test_a_needed_import_fails_and_is_quoted(make_criterion):
    judgement = judge(make_criterion, needed=(("backprop.py", TORCH),))
    assert judgement.verdict is Verdict.FAIL
    assert judgement.feedback.summary == "This part allows numpy; your functions also need torch."
    assert judgement.feedback.facts == ("backprop.py, line 3:  import torch",)


def test_what_can_hide_an_import_is_for_a_person(make_criterion):
    judgement = judge(make_criterion, hidden=(("hw.ipynb", EXEC),))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.feedback.facts == ("hw.ipynb, cell 4, line 9:  exec(text)",)


def test_a_needed_import_weighs_more_than_a_hidden_one(make_criterion):
    judgement = judge(make_criterion, needed=(("backprop.py", TORCH),), hidden=(("backprop.py", EXEC),))
    assert judgement.verdict is Verdict.FAIL


def test_an_import_for_another_part_is_a_note(make_criterion):
    judgement = judge(make_criterion, elsewhere=(("hw.ipynb", TORCH),))
    assert judgement.verdict is Verdict.PASS
    (finding,) = judgement.findings
    assert (finding.kind, finding.quote) == ("import-elsewhere", "import torch")


def test_a_part_without_a_rule_is_named(backprop):
    part = msgspec.structs.replace(backprop, imports=None)
    ((field, words),) = ImportsOptions().problems(points=1.0, part=part)
    assert field == "check"
    assert "no `imports:`" in words
