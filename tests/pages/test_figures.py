"""Exhibits as figures: what is said about them, and what happens to those that cannot be drawn."""

import math

import pytest

from grader.pages.figures import MOST_SERIES, Figure, figure_of, figure_of_pictures
from grader.results import Bars, Curves, Matrix, Pictures, Series
from tests.pages.material import exhibits
from tests.pages.test_charts import HOSTILE, parsed, texts, with_class

LONG = "x" * 10_000


@pytest.mark.parametrize("kind", exhibits())
def test_every_kind_of_exhibit_is_drawn(kind: str) -> None:
    exhibit = exhibits()[kind]
    figure = figure_of(exhibit)
    assert figure.title == exhibit.title
    assert figure.drawing is not None
    root = parsed(figure.drawing)
    assert root[0].text == exhibit.title


def test_the_numbers_of_curves_stand_beside_them() -> None:
    curves = Curves("Loss", "epoch", "loss", (Series("yours", (2.0, None)), Series("reference", (1.5, 1.0), True)))
    numbers = figure_of(curves).numbers
    assert numbers is not None
    assert numbers.columns == ("epoch", "yours", "reference")
    assert numbers.rows == (("1", "2", "1.5"), ("2", "–", "1"))


def test_the_curves_of_the_submission_have_markers_and_those_of_the_oracle_none() -> None:
    yours = Curves("Loss", "epoch", "loss", (Series("a", (2.0, 1.0, 0.5)),))
    theirs = Curves("Loss", "epoch", "loss", (Series("a", (2.0, 1.0, 0.5), from_oracle=True),))
    drawn = [len(with_class(parsed(figure_of(curves).drawing or ""), "marker")) for curves in (yours, theirs)]
    assert drawn == [4, 1], "three and the one beside the name, or that one only"


def test_the_numbers_of_a_matrix_stand_beside_it() -> None:
    numbers = figure_of(Matrix("m", "true", "predicted", ("a", "b"), ((3, 1), (0, 4)))).numbers
    assert numbers is not None
    assert numbers.rows == (("a", "3", "1"), ("b", "0", "4"))


def test_zero_is_the_middle_grey_of_kernels() -> None:
    figure = figure_of_pictures("k", [[[-0.5, 0.0, 1.0]]])
    assert figure.remark == "1×3: black is -1, white is 1."
    assert figure.drawing is not None
    assert '"#858585"' in figure.drawing, "0.0"
    assert '"#ffffff"' in figure.drawing, "1.0"
    assert '"#000000"' not in figure.drawing, "-0.5 is not as far from zero as 1.0"


@pytest.mark.parametrize(
    ("exhibit", "said"),
    [
        (Curves("c", "epoch", "loss", ()), "There is nothing in it."),
        (Curves("c", "epoch", "loss", (Series("a", (None, math.nan)),)), "No number of it is finite."),
        (Matrix("m", "t", "p", ("a", "b"), ((1, 2),)), "It is not 2 by 2"),
        (Matrix("m", "t", "p", ("a",) * 1000, ((0,) * 1000,) * 1000), "With 1,000 rows it is too large to be drawn."),
        (Pictures("p", ()), "There are no pictures in it."),
        (Pictures("p", (((1.0,),), ((1.0, 2.0),))), "The pictures have no common size."),
        (Pictures("p", (((math.inf,),),)), "Not all of its numbers are finite."),
        (Pictures("p", (((0.0,) * 1000,) * 1000,)), "With 1,000,000 pixels it is too large to be drawn."),
        (Bars("b", "error", {}), "There is nothing in it."),
    ],
)
def test_what_cannot_be_drawn_becomes_a_sentence(exhibit, said) -> None:
    figure = figure_of(exhibit)
    assert figure.drawing is None
    assert figure.remark.startswith(said)


@pytest.mark.parametrize(
    "exhibit",
    [
        Curves(LONG, LONG, LONG, tuple(Series(LONG, (0.5,) * 100_000) for _ in range(50))),
        Bars(LONG, LONG, {f"{LONG}{number}": 1e-6 for number in range(1000)}, 1.0),
        Matrix(LONG, LONG, LONG, tuple(f"{LONG}{n}" for n in range(30)), ((10**30,) * 30,) * 30),
    ],
    ids=["curves", "bars", "matrix"],
)
def test_no_exhibit_makes_a_page_large(exhibit) -> None:
    figure = figure_of(exhibit)
    assert figure.drawing is not None
    assert len(figure.drawing) + len(str(figure.numbers)) < 250_000


def test_what_is_left_out_is_said() -> None:
    curves = Curves("c", "epoch", "loss", tuple(Series(str(n), (1.0,)) for n in range(MOST_SERIES + 3)))
    assert figure_of(curves).remark == "3 more lines are not drawn."
    long = Curves("c", "step", "loss", (Series("a", (1.0,) * 1000),))
    assert figure_of(long).remark == "Of 1,000 points 400 are drawn."


@pytest.mark.parametrize(
    "exhibit",
    [
        Curves(HOSTILE, HOSTILE, HOSTILE, (Series(HOSTILE, (1.0, 2.0)),)),
        Matrix(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), ((1,),)),
        Bars(HOSTILE, HOSTILE, {HOSTILE: 1.0}, 2.0),
        Pictures(HOSTILE, (((1.0,),),)),
    ],
    ids=["curves", "matrix", "bars", "pictures"],
)
def test_hostile_names_are_only_text(exhibit) -> None:
    figure = figure_of(exhibit)
    assert isinstance(figure, Figure)
    root = parsed(figure.drawing or "")
    assert not list(root.iter("script"))
    for words in [*texts(root), *(title.text or "" for title in root.iter("title"))]:
        assert "\x1b" not in words
        assert "\u202e" not in words
