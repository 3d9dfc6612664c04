"""Figures that a student's code drew, as the worker tells of them: decoded as a stranger's."""

from typing import Annotated, TypeAlias

import msgspec
import numpy as np

from grader.checks.payloads import decoded
from grader.sandbox import wire

_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=1_000)]
_Texts: TypeAlias = Annotated[tuple[_Text, ...], msgspec.Meta(max_length=400)]


class Image(msgspec.Struct, frozen=True, eq=False):
    """An image or a mesh of coloured cells. ``values``: (rows, columns) or with 3 or 4 channels, of a large image only
    every second, third … pixel; ``shape`` is that of the whole."""

    shape: np.ndarray
    values: np.ndarray

    @property
    def grey(self) -> np.ndarray:
        """One number for each pixel, (rows, columns): colours averaged, transparency left out."""
        return self.values if self.values.ndim == 2 else self.values[..., :3].mean(axis=2)


class Series(msgspec.Struct, frozen=True, eq=False):
    """A line, a set of points, or bars: N numbers each."""

    label: _Text
    x: np.ndarray
    y: np.ndarray


class ErrorBars(msgspec.Struct, frozen=True, eq=False):
    """Vertical error bars, N numbers each: the points ``y`` and the ends of the bar at each."""

    x: np.ndarray
    y: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Axes(msgspec.Struct, frozen=True, eq=False):
    """What one pair of axes shows. ``places``, (N, 2), are x and y of each of ``texts``; ``others`` the types of what
    was drawn besides."""

    title: _Text
    x_label: _Text
    y_label: _Text
    legend: _Texts
    axis: _Text
    images: tuple[Image, ...]
    lines: tuple[Series, ...]
    error_bars: tuple[ErrorBars, ...]
    texts: _Texts
    places: np.ndarray
    others: _Texts

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn into them."""
        return not (self.images or self.lines or self.error_bars or self.texts or self.others)


class Figure(msgspec.Struct, frozen=True, eq=False):
    """One figure. ``titles`` are all texts that belong to no axes; labels and ``legend`` are those common to all."""

    titles: _Texts
    x_label: _Text
    y_label: _Text
    legend: _Texts
    axes: tuple[Axes, ...]

    @property
    def filled(self) -> tuple[Axes, ...]:
        """The axes that show something."""
        return tuple(axes for axes in self.axes if not axes.is_empty)


class Drawing(msgspec.Struct, frozen=True, eq=False):
    """What one call drew, in order. ``left_out``: how many figures more there were than are told."""

    figures: tuple[Figure, ...]
    left_out: int


def decode(answer: wire.Payload) -> Drawing:
    """Return what the operation ``record_figures`` answered, without the figures that show nothing.

    Raises:
        ValueError: it is not what an honest worker says.
    """
    drawing = decoded(answer, Drawing)
    for figure in drawing.figures:
        for axes in figure.axes:
            _check(axes)
    return Drawing(tuple(figure for figure in drawing.figures if figure.filled), drawing.left_out)


def _check(axes: Axes) -> None:
    if axes.places.shape != (len(axes.texts), 2):
        raise ValueError("each text has a place")
    for image in axes.images:
        if image.values.ndim not in (2, 3) or 0 in image.values.shape:
            raise ValueError("an image has rows and columns")
    for line in axes.lines:
        _check_lengths(line.x, line.y)
    for bars in axes.error_bars:
        _check_lengths(bars.x, bars.y, bars.low, bars.high)


def _check_lengths(*arrays: np.ndarray) -> None:
    if any(array.ndim != 1 for array in arrays) or len(set(map(len, arrays))) > 1:
        raise ValueError("what belongs to one line has one length")
