"""What of a notebook is searched for words that excuse what its recording shows."""

import json

from grader.grading.audits import MAX_SEARCHED, NOT_AUDITED, with_recordings, without_pictures
from grader.recording.events import Validation
from tests.unit.recording_examples import cell, images, model, recording, trained

SHOWS = recording(cell(4, model(), trained(validation=Validation("data", 0.0, images("test", rows=10_000), None))))
CODE = "model.fit(x, y, validation_data=(x_test, y_test))"


def notebook(output):
    cells = [{"cell_type": "code", "source": [CODE], "outputs": [{"data": output}]}]
    return json.dumps({"cells": cells}, indent=1).encode()


def found(content):
    return [finding.kind for finding in with_recordings((), (SHOWS,), {"hw.ipynb": content})]


def test_pictures_are_not_searched_and_do_not_count():
    content = notebook({"image/png": "iVBOR" * MAX_SEARCHED})
    assert "iVBOR" not in without_pictures(content.decode())
    assert CODE in without_pictures(content.decode())
    assert found(content) == ["test-as-validation"]


def test_a_notebook_that_is_too_long_to_be_searched_says_so():
    (finding,) = with_recordings((), (SHOWS,), {"hw.ipynb": notebook({"text/plain": "a" * MAX_SEARCHED})})
    assert finding.kind == NOT_AUDITED
    assert finding.text == (
        "hw.ipynb was not compared with its recording: without its pictures it has 2,097,357 characters, and at most "
        "2,097,152 are searched. It costs nothing."
    )
