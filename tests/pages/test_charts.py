"""The drawings as elements: where marks lie, what tells series apart, what is written."""

import itertools
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.pages import svg
from grader.pages.charts.bars import bars
from grader.pages.charts.intervals import Group, Interval, intervals
from grader.pages.charts.lines import HEIGHT, MOST_POINTS, Line, lines
from grader.pages.charts.matrix import MOST_LABELS, matrix
from grader.pages.charts.pictures import MOST_PIXELS, pictures
from grader.pages.charts.shares import WIDTH as SHARE
from grader.pages.charts.shares import share_bar
from grader.pages.charts.strokes import STROKES, dashes, marker

HOSTILE = '"><script>alert(1)</script>\x1b[2J\u202e'

any_number = st.none() | st.floats(allow_nan=True, allow_infinity=True)


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter("text")]


def with_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def numbers_of(element: ElementTree.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in element.get("points", "").split()]


def test_a_drawing_is_one_picture_with_a_name() -> None:
    root = parsed(svg.drawing("A & B", 10, 20))
    assert root.get("role") == "img"
    assert root[0].tag == "title"
    assert root[0].text == "A & B"


def test_strokes_differ_without_their_colours() -> None:
    looks = {(dashes(stroke), marker(stroke, 0, 0).split('d="')[1].split('"')[0]) for stroke in range(STROKES)}
    assert len(looks) == STROKES


# --- lines ------------------------------------------------------------------------------------------------------------


def test_lines_rise_where_numbers_do_and_end_at_their_names() -> None:
    root = parsed(lines("t", "epoch", "accuracy", [Line("up", (0.0, 0.5, 1.0), 0), Line("down", (1.0, 0.5, 0.0), 1)]))
    up, down = (numbers_of(line) for line in with_class(root, "line"))
    assert [x for x, _ in up] == [x for x, _ in down] == sorted(x for x, _ in up)
    assert up[0][1] > up[1][1] > up[2][1]
    assert down[0][1] == up[2][1]
    height = {name.text: float(name.get("y")) for name in root.iter("text") if name.text in ("up", "down")}
    assert height["up"] < height["down"]


def test_a_gap_splits_a_line() -> None:
    root = parsed(lines("t", "epoch", "loss", [Line("gap", (1.0, 2.0, None, 4.0, 3.0), 0)]))
    assert [len(numbers_of(line)) for line in with_class(root, "line")] == [2, 2]


def test_the_spread_is_drawn_from_lowest_to_highest() -> None:
    root = parsed(lines("t", "epoch", "loss", [Line("net", (0.5, 0.5), 0, (0.4, 0.0), (0.6, 1.0))]))
    (band,) = with_class(root, "band")
    places = numbers_of(band)
    (line,) = with_class(root, "line")
    assert len(places) == 4
    assert places[0][1] < numbers_of(line)[0][1] < places[-1][1]
    assert places[1][1] < places[0][1]


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    shown = [Line(f"line {number}", (0.1, 0.5 + number / 1000), number) for number in range(6)]
    root = parsed(lines("t", "epoch", "loss", shown))
    heights = sorted(float(name.get("y")) for name in root.iter("text") if (name.text or "").startswith("line "))
    assert len(heights) == 6
    assert all(after - before >= 14 for before, after in itertools.pairwise(heights))
    assert heights[0] > 0
    assert heights[-1] < HEIGHT


def test_a_very_long_line_is_thinned_out() -> None:
    root = parsed(lines("t", "step", "loss", [Line("long", tuple(map(float, range(100_000))), 0)]))
    assert sum(len(numbers_of(line)) for line in with_class(root, "line")) == MOST_POINTS


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(any_number, max_size=6), max_size=4))
def test_any_numbers_can_be_drawn(series: list[list[float | None]]) -> None:
    shown = [Line(HOSTILE, tuple(values), number) for number, values in enumerate(series)]
    parsed(lines(HOSTILE, HOSTILE, HOSTILE, shown))


# --- intervals --------------------------------------------------------------------------------------------------------


def test_an_interval_reaches_one_deviation_to_each_side() -> None:
    shown = [Group("published", (Interval(0.5),)), Group("ours", (Interval(0.5, 0.1, (0.4, 0.6)),))]
    root = parsed(intervals("t", "accuracy", ["a network"], shown))
    assert len(with_class(root, "whisker")) == 1
    singles = [float(circle.get("cx")) for circle in with_class(root, "single")]
    assert len(singles) == 2
    (whisker,) = with_class(root, "whisker")
    assert float(whisker.get("d")[1:].split()[0]) == pytest.approx(singles[0], abs=0.1)
    notes = [title.text for title in root.iter("title")]
    assert "a network, ours: 0.5 ± 0.1" in notes
    assert "a network, published: 0.5" in notes


def test_a_row_may_be_empty() -> None:
    root = parsed(intervals("t", "accuracy", ["one", "two"], [Group("ours", (None, Interval(0.9)))]))
    assert {"one", "two"} <= set(texts(root))
    assert len([title for title in root.iter("title") if title.text.startswith("one,")]) == 0


# --- a matrix ---------------------------------------------------------------------------------------------------------


def test_cells_hold_their_counts_and_are_shaded_by_their_share_of_the_row() -> None:
    root = parsed(matrix("t", "true", "predicted", ("cat", "dog"), ((90, 10), (0, 5000))))
    cells = [float(cell.get("fill-opacity")) for cell in with_class(root, "cell")]
    assert cells[0] > cells[1] > 0
    assert cells[2] == 0
    assert cells[3] > cells[0]
    assert {"90", "10", "5,000", "cat", "dog", "true", "predicted"} == set(texts(root))


@pytest.mark.parametrize(
    ("labels", "values", "said"),
    [
        (("a", "b"), ((1, 2),), "as many rows and columns"),
        (("a",), ((1, 2),), "as many rows and columns"),
        (("a",) * 31, ((0,) * 31,) * 31, f"{MOST_LABELS} are legible"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(labels, values, said) -> None:
    with pytest.raises(ValueError, match=said):
        matrix("t", "true", "predicted", labels, values)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_every_pixel_is_drawn_once_in_its_shade() -> None:
    root = parsed(pictures("t", [[[0.0, 1.0], [0.5, 1.0]]], 0.0, 1.0))
    paths = {path.get("fill"): path.get("d").count("M") for path in root.iter("path")}
    assert paths["#000000"] == 1
    assert paths["#ffffff"] == 2
    assert sum(paths.values()) == 4


@pytest.mark.parametrize(("count", "columns"), [(16, 16), (256, 16), (25, 16)])
def test_kernels_lie_in_rows(count: int, columns: int) -> None:
    root = parsed(pictures("t", [[[0.0] * 3] * 3] * count, -1.0, 1.0))
    width, height = float(root.get("width")), float(root.get("height"))
    step = (width + 3) / columns
    assert height == pytest.approx(-(-count // columns) * step - 3)
    assert width <= 520


def test_256_kernels_are_compact() -> None:
    assert len(pictures("t", [[[i / 256, 0.1, 0.2]] * 3 for i in range(256)], 0.0, 1.0)) < 60_000


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ([], "one size, not 0"),
        ([[[1.0]], [[1.0, 2.0]]], "one size, not 2"),
        ([[[0.0] * 250] * 250], f"{MOST_PIXELS:,} pixels can"),
    ],
)
def test_pictures_that_cannot_be_drawn_are_refused(shown, said) -> None:
    with pytest.raises(ValueError, match=said):
        pictures("t", shown, 0.0, 1.0)


# --- bars -------------------------------------------------------------------------------------------------------------


def test_bars_say_in_words_what_exceeds_the_bound() -> None:
    root = parsed(bars("t", "relative error", {"W1": 0.97, "b1": None, "W2": 2.8e-8, "b2": 0.0}, 1e-6))
    assert {"0.97, above", "not finite, above", "2.8e-08", "0", "allowed 1e-06"} <= set(texts(root))
    (bound,) = with_class(root, "bound")
    ends = {float(bar.get("x")) + float(bar.get("width")) for bar in with_class(root, "bar")}
    assert min(ends) < float(bound.get("x1")) < max(ends)


def test_bars_of_like_size_start_at_zero() -> None:
    root = parsed(bars("t", "seconds", {"a": 1.0, "b": 2.0}))
    first, second = (float(bar.get("width")) for bar in with_class(root, "bar"))
    assert second == pytest.approx(2 * first, abs=0.2)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(max_size=5), any_number, max_size=5), any_number)
def test_bars_of_any_numbers(values: dict[str, float | None], bound: float | None) -> None:
    parsed(bars(HOSTILE, HOSTILE, values, bound))


# --- shares -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("done", "pending", "whole", "widths"),
    [
        (5, 2, 10, [SHARE, SHARE / 2, SHARE / 5]),
        (10, 0, 10, [SHARE, SHARE]),
        (0, 0, 0, [SHARE]),
        (12, 5, 10, [SHARE] * 2),
    ],
)
def test_a_share_never_leaves_its_bar(done, pending, whole, widths) -> None:
    root = parsed(share_bar(done, pending, whole))
    assert [float(part.get("width")) for part in root.iter("rect")] == widths
    assert root.get("aria-hidden") == "true"
