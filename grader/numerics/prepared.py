"""Which given images a prepared set of examples consists of, however they were scaled and laid out. Pure."""

import msgspec
import numpy as np

ALIKE = 0.98
"""Correlation from which a row counts as an image. Scaling and shifting leave it at 1; the images of a case correlate
less with each other than this (see :func:`distinct`)."""


class Matched(msgspec.Struct, frozen=True):
    """What was recognized. ``indices`` says which given image each row is, -1 where it is none."""

    indices: np.ndarray

    @property
    def unknown(self) -> int:
        """How many rows are none of the given images."""
        return int((self.indices < 0).sum())

    @property
    def repeated(self) -> int:
        """How many rows are there more than once too often."""
        known = self.indices[self.indices >= 0]
        return len(known) - len(np.unique(known))


def match(rows: np.ndarray, images: np.ndarray) -> Matched:
    """Recognize each of ``rows``, (N, …) numbers, among ``images``, (M, …) with as many numbers each."""
    if rows[:1].size != images[:1].size:
        return Matched(np.full(len(rows), -1))
    likeness = _normalized(rows) @ _normalized(images).T
    best = likeness.argmax(axis=1)
    found = likeness[np.arange(len(rows)), best] >= ALIKE
    return Matched(np.where(found, best, -1))


def distinct(images: np.ndarray) -> np.ndarray:
    """Return the positions of images that can be told from all others before them, however scaled."""
    likeness = np.tril(_normalized(images) @ _normalized(images).T, -1)
    return np.flatnonzero(likeness.max(axis=1, initial=0) < 0.95 * ALIKE)


def classes_of(labels: np.ndarray) -> np.ndarray | None:
    """Return class numbers (N,) of labels given as such, as (N, 1), or one-hot as (N, classes); ``None`` if neither."""
    if labels.ndim == 2 and labels.shape[1] > 1:
        is_one_hot = np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()
        return np.asarray(labels.argmax(axis=1)) if is_one_hot else None
    flat = labels.reshape(-1)
    return flat.astype(np.int64) if len(flat) == len(labels) and np.array_equal(flat, np.round(flat)) else None


def _normalized(rows: np.ndarray) -> np.ndarray:
    flat = np.nan_to_num(rows.reshape(len(rows), -1).astype(np.float64))
    centred = flat - flat.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    normalized: np.ndarray = centred / np.where(norms > 0, norms, 1)
    return normalized
