"""What a matplotlib figure shows, as plain data: titles, labels, images, lines, bars, error bars, texts.

Everything is counted and cut, so that a figure of any size gives a description of a bounded one.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

import numpy as np

MAX_AXES = 400
MAX_ITEMS = 20
"""Lines, images and error bars of one pair of axes, of each kind."""
MAX_TEXTS = 400
MAX_CHARACTERS = 300
MAX_POINTS = 10_000
MAX_SIDE = 256
"""Pixels of an image along each axis. Of a larger one every second, third … is told."""

Item = dict[str, Any]


def contents(figure: Any) -> Item:
    """Return what ``figure`` shows.

    Returns:
        A mapping: ``titles``, all texts that belong to no axes; ``x_label``, ``y_label``, common to all axes;
        ``legend``, texts; ``axes``, a mapping each (see :func:`_axes`), without colour bars.
    """
    figures = (figure, *_subfigures(figure))
    titles = [text.get_text() for each in figures for text in each.texts]
    titles += [_common(each, "_suptitle") for each in figures]
    return {
        "titles": tuple(_cut(text) for text in titles[:MAX_ITEMS] if text.strip()),
        "x_label": _cut(_common(figure, "_supxlabel")),
        "y_label": _cut(_common(figure, "_supylabel")),
        "legend": _legend_texts(figure.legends),
        "axes": tuple(_axes(axes) for axes in islice(figure.axes, MAX_AXES) if not _is_colour_bar(axes)),
    }


def _subfigures(figure: Any) -> list[Any]:
    found = list(figure.subfigs)
    return found + [inner for each in found for inner in _subfigures(each)]


def _common(figure: Any, name: str) -> str:
    # the getters of these texts are younger than the oldest matplotlib that is supported
    text = getattr(figure, name, None)
    return "" if text is None else str(text.get_text())


def _is_colour_bar(axes: Any) -> bool:
    return axes.get_label() == "<colorbar>" or hasattr(axes, "_colorbar")


def _axes(axes: Any) -> Item:
    """Return what one pair of axes shows.

    Returns:
        A mapping: ``title``, ``x_label``, ``y_label``, ``legend``; ``axis``, "on" or "off"; ``images``, ``lines``,
        ``error_bars``, a mapping each; ``texts`` and ``places``, (N, 2), x and y of each text; ``others``, the types of
        what is drawn besides.
    """
    texts = [text for text in axes.texts if text.get_text().strip()][:MAX_TEXTS]
    legend = axes.get_legend()
    return {
        "title": _cut(" ".join(filter(None, (axes.get_title(loc) for loc in ("left", "center", "right"))))),
        "x_label": _cut(axes.get_xlabel()),
        "y_label": _cut(axes.get_ylabel()),
        "legend": () if legend is None else _legend_texts([legend]),
        "axis": "on" if _shows_axis(axes) else "off",
        "images": _readable(_image, [*axes.images, *_meshes(axes)]),
        "lines": _readable(_line, _lines(axes))
        + _readable(_points, axes.collections)
        + _readable(_bars, axes.containers),
        "error_bars": _readable(_error_bars, axes.containers),
        "texts": tuple(_cut(text.get_text()) for text in texts),
        "places": np.array([_numbers(text.get_position()) for text in texts], np.float64).reshape(-1, 2),
        "others": tuple(sorted({type(each).__name__[:MAX_CHARACTERS] for each in (*axes.collections, *axes.patches)})),
    }


def _shows_axis(axes: Any) -> bool:
    return axes.axison and any(map(_shows_ticks, (axes.xaxis, axes.yaxis)))


def _shows_ticks(axis: Any) -> bool:
    if not axis.get_visible() or not len(axis.get_ticklocs()):
        return False
    tick = axis.get_major_ticks(1)[0]
    return any(part.get_visible() for part in (tick.tick1line, tick.label1, tick.tick2line, tick.label2))


def _readable(read: Callable[[Any], Item | None], artists: Iterable[Any]) -> tuple[Item, ...]:
    """Return what ``read`` makes of the first artists; those that it cannot read are left out."""
    found = []
    for artist in islice(artists, MAX_ITEMS):
        try:
            item = read(artist)
        except Exception:
            continue
        if item is not None:
            found.append(item)
    return tuple(found)


def _image(artist: Any) -> Item:
    values = np.ma.filled(np.ma.asarray(artist.get_array()).astype(np.float32), np.nan)
    rows, columns = values.shape[:2]
    step = max(1, -(-max(rows, columns) // MAX_SIDE))
    return {"shape": np.array(values.shape), "values": values[::step, ::step]}


def _meshes(axes: Any) -> list[Any]:
    from matplotlib.collections import QuadMesh

    return [each for each in axes.collections if isinstance(each, QuadMesh) and np.ndim(each.get_array()) == 2]


def _lines(axes: Any) -> list[Any]:
    """Return the lines without the small ones at the ends of error bars."""
    from matplotlib.container import ErrorbarContainer

    caps = [cap for each in axes.containers if isinstance(each, ErrorbarContainer) for cap in each.lines[1]]
    return [line for line in axes.lines if not any(line is cap for cap in caps)]


def _line(artist: Any) -> Item:
    return _series(artist.get_label(), artist.get_xdata(orig=False), artist.get_ydata(orig=False))


def _points(artist: Any) -> Item | None:
    from matplotlib.collections import PathCollection

    if not isinstance(artist, PathCollection):
        return None
    offsets = np.ma.getdata(artist.get_offsets())
    return _series(artist.get_label(), offsets[:, 0], offsets[:, 1])


def _bars(artist: Any) -> Item | None:
    from matplotlib.container import BarContainer

    if not isinstance(artist, BarContainer):
        return None
    patches = artist.patches[:MAX_POINTS]
    return _series(
        artist.get_label(), [each.get_x() + each.get_width() / 2 for each in patches], [p.get_height() for p in patches]
    )


def _series(label: object, x: Any, y: Any) -> Item:
    return {"label": _cut(str(label)), "x": _numbers(x), "y": _numbers(y)}


def _error_bars(artist: Any) -> Item | None:
    """Return the middle and both ends of vertical bars: ``x``, ``low``, ``high``, and ``y``, the points themselves."""
    from matplotlib.container import ErrorbarContainer

    if not isinstance(artist, ErrorbarContainer) or not artist.has_yerr:
        return None
    points, _, collections = artist.lines
    # with horizontal bars too, the vertical ones come last
    segments = np.array([np.asarray(each, np.float64) for each in collections[-1].get_segments()])[:MAX_POINTS]
    low, high = segments[:, :, 1].min(axis=1), segments[:, :, 1].max(axis=1)
    y = (low + high) / 2 if points is None else _numbers(points.get_ydata(orig=False))
    return {"x": segments[:, 0, 0], "y": y, "low": low, "high": high}


def _legend_texts(legends: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_cut(text.get_text()) for legend in legends for text in legend.get_texts())[:MAX_ITEMS]


def _numbers(values: Any) -> np.ndarray:
    return np.ravel(np.ma.filled(np.ma.asarray(values, np.float64), np.nan))[:MAX_POINTS]


def _cut(text: str) -> str:
    return str(text)[:MAX_CHARACTERS]
