"""Images as a network may have been trained on them, and copies that are changed a little. Pure."""

from typing import NamedTuple

import numpy as np

NOISE = 0.1
"""Standard deviation of the noise in a copy, as a share of the range of pixels."""


class Scaling(NamedTuple):
    """Pixels from 0 to 255 become ``(pixel − shift) · factor``. ``name`` is for reports."""

    name: str
    shift: float
    factor: float

    def inputs(self, images: np.ndarray) -> np.ndarray:
        """Return images (N, 28, 28), 0 to 255, as a network takes them: (N, 28, 28, 1) float32."""
        scaled = (images.astype(np.float32) - np.float32(self.shift)) * np.float32(self.factor)
        with_channel: np.ndarray = scaled[..., np.newaxis]
        return with_channel


def scalings(training_images: np.ndarray) -> tuple[Scaling, ...]:
    """Return the usual ways to scale pixels, the most usual first.

    Args:
        training_images: (N, 28, 28) uint8, whose mean and standard deviation standardize.
    """
    mean, deviation = float(training_images.mean()), float(training_images.std())
    return (
        Scaling("from 0 to 1", 0.0, 1 / 255),
        Scaling("from 0 to 255", 0.0, 1.0),
        Scaling("standardized by mean and deviation of the training images", mean, 1 / deviation),
        Scaling("from -1 to 1", 127.5, 1 / 127.5),
    )


def shifted(images: np.ndarray, by: int, rng: np.random.Generator) -> np.ndarray:
    """Return images (N, rows, columns), each moved by ``by`` pixels up, down, left or right; 0 moves in."""
    moved = np.zeros_like(images)
    rows, columns = images.shape[1:]
    for number, way in enumerate(rng.integers(0, 4, len(images))):
        down, across = ((by, 0), (-by, 0), (0, by), (0, -by))[way]
        to = np.s_[max(down, 0) : rows + min(down, 0), max(across, 0) : columns + min(across, 0)]
        of = np.s_[max(-down, 0) : rows + min(-down, 0), max(-across, 0) : columns + min(-across, 0)]
        moved[number][to] = images[number][of]
    return moved


def noised(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images (N, rows, columns), 0 to 255, with noise added to every pixel, as float32 from 0 to 255."""
    noise = rng.normal(0, 255 * NOISE, images.shape).astype(np.float32)
    noisy: np.ndarray = np.clip(images.astype(np.float32) + noise, 0, 255)
    return noisy
