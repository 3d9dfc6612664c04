"""Functions that draw, in a rubric and in a submission."""

import pytest

from grader.checks.registry import KINDS
from grader.course.errors import RubricErrors
from grader.course.load import load
from grader.sandbox.wire import Definition, SourceFacts
from grader.submission.binding import Bound, NotFound, bind
from grader.submission.manifest import Manifest

RUBRIC = """assignment: Plots
parts:
  - id: plots
    plots:
      plot_history: {accepts: [history], also: [draw]}
    criteria:
      - {id: it, title: It, points: 1, check: CHECK}
"""
WHOLE = "figures, call: plot_history, lines: [loss]"


def course(folder, rubric):
    (folder / "reference" / "plots").mkdir(parents=True)
    (folder / "rubric.yaml").write_text("course: Plots\n")
    (folder / "reference" / "plots" / "rubric.yaml").write_text(rubric)
    return load(folder, KINDS)


def refusal(folder, rubric):
    with pytest.raises(RubricErrors) as caught:
        course(folder, rubric)
    return str(caught.value)


def test_a_plot_is_found_by_any_of_its_names(tmp_path):
    (part,) = course(tmp_path, RUBRIC.replace("CHECK", WHOLE)).assignments[0].parts
    assert part.plot("plot_history").accepts == ("history",)
    with pytest.raises(KeyError):
        part.plot("plot_loss")
    sources = (SourceFacts("hw.ipynb", (Definition("draw", "function", 3, 2),)),)
    assert bind(part, sources, Manifest()).plots == {"plot_history": Bound("hw.ipynb", "draw", 3, 2)}
    named = Manifest(parts={"plots.plot_history": "hw.ipynb:mine"})
    assert isinstance(bind(part, sources, named).plots["plot_history"], NotFound)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("figures, call: plot_loss, figures: 1", ":7: 'call' in criterion 'it': part 'plots' has no plot 'plot_loss'"),
        ("figures, call: plot_history", "nothing is asked about the figures"),
        ("figures, call: plot_history, titles: 'GT:{a'", "has braces that do not match"),
        ("figures, call: plot_history, axes: 1, class_names: [a]", "there are no 'titles'"),
        ("figures, call: plot_history, axis: on", "must be one of off, not"),
        ("comments, share: 80", "must be a percentage with its unit, as in '98%', not the bare number 80"),
        ("comments, share: 0%", "0% asks for nothing"),
        ("text, section: '>'", "names no heading"),
        ("text, section: Observation, graded_by: nobody", "must be one of a person, words"),
        ("training, of: history", "part 'plots' has no `models:`"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path, check, words):
    text = refusal(tmp_path, RUBRIC.replace("CHECK", check))
    assert words in text
    assert "reference/plots/rubric.yaml:" in text


def test_names_of_plots_are_python_names(tmp_path):
    rubric = RUBRIC.replace("CHECK", WHOLE).replace("plot_history:", "plot-history:")
    assert "'plot-history' of plot 'plot-history' in part 'plots' is not a Python name" in refusal(tmp_path, rubric)
