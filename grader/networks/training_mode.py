"""What a described network computes where dropout drops: in training mode, in which batch norm looks at the batch, and
in evaluation if it does so there too. In NumPy, pure."""

from collections.abc import Mapping

import msgspec
import numpy as np

from grader.networks import layers
from grader.transplant.architecture import BatchNormalization, Dropout, Network
from grader.transplant.numpy_network import layer_outputs


class BatchStatistics(msgspec.Struct, frozen=True, eq=False):
    """What one batch normalization saw of a batch: mean and variance of each channel, (channels,) each; the variance
    divides by ``count``, the number of values that a channel has in the batch."""

    mean: np.ndarray
    variance: np.ndarray
    count: int

    @property
    def unbiased(self) -> np.ndarray:
        """The variance with ``count - 1`` in place of ``count``, as PyTorch keeps it."""
        result: np.ndarray = self.variance * (self.count / max(self.count - 1, 1))
        return result


class TrainingRun(msgspec.Struct, frozen=True, eq=False):
    """``outputs`` are (N, *shape); ``statistics`` are those of each batch normalization, by the number of its layer
    from 0."""

    outputs: np.ndarray
    statistics: Mapping[int, BatchStatistics]


def run(network: Network, inputs: np.ndarray, rng: np.random.Generator) -> TrainingRun:
    """Run one batch through ``network`` in training mode; the network itself keeps its running figures.

    Args:
        network: its arrays decide about the precision, together with the inputs'.
        inputs: (N, *network.input_shape), all of them one batch.
        rng: draws the masks of dropout. Each value, or channel, is kept with probability 1 − rate, and divided by
            that.

    Raises:
        ValueError: the inputs have another shape than the network takes.
    """
    return _forward(network, inputs, rng, training=True)


def evaluated(network: Network, inputs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what ``network`` gives in evaluation mode, where only a dropout that is ``always`` active drops.

    Arguments, and what is raised: as for :func:`run`.
    """
    return _forward(network, inputs, rng, training=False).outputs


def _forward(network: Network, inputs: np.ndarray, rng: np.random.Generator, *, training: bool) -> TrainingRun:
    values = inputs
    statistics: dict[int, BatchStatistics] = {}
    for number, layer in enumerate(network.layers):
        if isinstance(layer, Dropout):
            values = _dropped(values, layer, rng) if training or layer.always else values
            continue
        if training and isinstance(layer, BatchNormalization):
            seen = _statistics(values)
            statistics[number] = seen
            layer = msgspec.structs.replace(layer, mean=seen.mean, variance=seen.variance)
        (values,) = layer_outputs(Network(values.shape[1:], (layer,)), values, layers)
    return TrainingRun(values, statistics)


def updated(
    network: Network, statistics: Mapping[int, BatchStatistics], *, kept: float, unbiased: bool = False
) -> Network:
    """Return ``network`` after its running figures have moved towards those of a batch.

    Args:
        network: as it was before.
        statistics: of the batch, from :func:`run`.
        kept: the share of the old figures that is kept: Keras' momentum, 1 minus PyTorch's. After several steps on
            the same batch it is that share to the power of their number.
        unbiased: whether the variance that is kept divides by n − 1.
    """
    arrays = [dict(found) for found in network.arrays]
    for number, seen in statistics.items():
        variance = seen.unbiased if unbiased else seen.variance
        arrays[number]["mean"] = kept * arrays[number]["mean"] + (1 - kept) * seen.mean
        arrays[number]["variance"] = kept * arrays[number]["variance"] + (1 - kept) * variance
    return network.with_arrays(arrays)


def _dropped(values: np.ndarray, layer: Dropout, rng: np.random.Generator) -> np.ndarray:
    rate = layer.rate
    if rate >= 1:
        return np.zeros_like(values)
    together = (len(values), 1, 1, values.shape[-1]) if layer.whole_channels else values.shape
    kept = rng.random(together) >= rate
    result: np.ndarray = np.where(kept, values / np.asarray(1 - rate, values.dtype), np.zeros((), values.dtype))
    return result


def _statistics(values: np.ndarray) -> BatchStatistics:
    axes = tuple(range(values.ndim - 1))
    return BatchStatistics(values.mean(axis=axes), values.var(axis=axes), values[..., 0].size)
