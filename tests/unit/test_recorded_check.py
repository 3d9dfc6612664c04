"""`check: recorded`: its options, and what becomes of answers. What is not known costs nothing."""

import msgspec
import pytest

from grader.checks.recorded import Ask, Recorded, RecordedOptions, answered, judge_one
from grader.course.model import ModelSpec, Part, Source
from grader.recording.questions import Known
from grader.results import Evidence, Verdict
from tests.unit.recording_examples import cell, failure, images, measured, model, recording, trained


def judged(*recordings, **ask):
    return judge_one(answered(recordings, "nets", "lenet", Ask(**ask)))


def test_all_as_asked():
    judgement = judged(recording(cell(4, trained())), batch_size=128, optimizer="Adam", test_set_kept_apart=True)
    assert (judgement.verdict, judgement.fraction, judgement.evidence) == (Verdict.PASS, 1.0, Evidence.OBSERVED)
    assert "Which model this is was told by its structure, in hw.ipynb." in judgement.feedback.facts


def test_points_are_shared_among_the_questions():
    judgement = judged(recording(cell(4, trained())), batch_size=64, optimizer="Adam", epochs=20, loss="mse")
    assert (judgement.verdict, judgement.fraction) == (Verdict.PARTIAL, 0.5)
    assert "with batches of 128" in judgement.feedback.summary
    nothing = judged(recording(cell(4, trained())), batch_size=64)
    assert (nothing.verdict, nothing.fraction) == (Verdict.FAIL, 0.0)


@pytest.mark.parametrize(
    "recordings",
    [
        (),
        (recording(problem="The process was ended."),),
        (recording(cell(4, trained()), numbers=()),),
        (recording(cell(4, status="failed", failure=failure("IndexError"), cause="budget")),),
        (recording(cell(4, status="failed", failure=failure("IndexError"), cause="code")),),
        (recording(cell(4, model()), cell(5, status="not run")),),
    ],
)
def test_what_is_not_known_is_for_a_person_and_costs_nothing(recordings):
    judgement = judged(*recordings, batch_size=128, dropout_after_hidden=0.5)
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.verdict.is_pending


def test_one_open_question_keeps_all_points_pending():
    judgement = judged(recording(cell(4, trained())), batch_size=64, best_reloaded=True)
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_what_a_given_cell_does_is_held_against_nobody():
    given = cell(4, trained(inputs=images("test")), is_given=True)
    seen = answered((recording(given),), "nets", "lenet", Ask(test_set_kept_apart=True))
    assert [answer.known for answer in seen.answers] == [Known.OPEN]
    assert "That cell was given." in seen.answers[0].text
    own = answered(
        (recording(cell(4, trained(inputs=images("test")))),), "nets", "lenet", Ask(test_set_kept_apart=True)
    )
    assert [answer.known for answer in own.answers] == [Known.NO]


def test_the_recording_that_has_the_model_is_asked():
    other = recording(cell(1), numbers=())
    judgement = judged(other, recording(cell(4, trained(), measured())), best_reloaded=True)
    assert judgement.verdict is Verdict.FAIL


def test_options_that_cannot_be_asked():
    source = Source("rubric.yaml", 1)
    spec = ModelSpec("lenet", "build_lenet", (28, 28, 1), "build_lenet")
    part = Part("nets", "Networks", (), "", (), source, models=(spec,))
    options = RecordedOptions(ask=Ask(), model="vgg")
    assert dict(options.problems(points=1.0, part=part)) == {
        "model": "part 'nets' has no model 'vgg'; it has lenet",
        "ask": "there is nothing to ask; there are: batch_size, optimizer, learning_rate, epochs, loss, "
        "dropout_after_hidden, test_set_kept_apart, best_reloaded",
    }
    assert not list(RecordedOptions(ask=Ask(batch_size=1)).problems(points=1.0, part=part))
    for wrong in ({"batch_size": 0}, {"learning_rate": 0.0}, {"dropout_after_hidden": 1.0}, {"best_reloaded": False}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Ask)
    assert Recorded.Options is RecordedOptions
