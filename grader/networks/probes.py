"""Weights that make dropout visible from outside, one set for each place of a network where it may stand. Pure.

A *place* lies between two layers with weights. Its probe makes everything before it a constant 1 (kernels 0, biases
1). The layer after it gives 1 − c·x, behind a ReLU: 1 where x was dropped, else 0. All layers after that pass
these signals on in copies, so that a later dropout cannot remove them, and the outputs show a few of them, each from
other values. How often an output shows a signal says what share of the values is dropped at that place, whatever the
network is written in and without looking into it.
"""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import msgspec
import numpy as np

from grader.networks import dropped
from grader.networks.dropped import ALWAYS, NEVER, Signal
from grader.transplant.architecture import (
    Activation,
    BatchNormalization,
    Convolution,
    Dense,
    Dropout,
    Layer,
    Network,
    Pooling,
    Reshape,
    Shape,
    ZeroPadding,
)
from grader.transplant.transplant import Site, sites

SHOWN = 8
"""How many outputs show a signal, if the network has as many."""
ACCEPTED_LOSS = 2e-3
"""How likely a signal may be lost to later dropouts before fewer outputs are used, with more copies each."""
GREATEST_LOSS = 0.05
VISIBLE = 1e-4
"""Outputs above this show a signal: without one they are 0 or negative, with one at least 1 / (number of copies)."""

_Selection: TypeAlias = "list[tuple[int, int, int]]"


class Probe(msgspec.Struct, frozen=True, eq=False):
    """One place of a network and the weights that show what is dropped there.

    ``number`` counts the layers with weights before it. ``rate`` is that of the dropout there, ``None`` without one;
    ``signal`` is what the outputs ``0 … shown − 1`` show, every other output being zero. ``across_pooling`` is what
    they would show with the dropout on the other side of the pooling beside it, ``None`` without one. ``loss``
    bounds how likely later dropouts remove a signal. ``single_channel``: the values come from one channel of a map.
    """

    number: int
    after: str
    network: Network
    shown: int
    rate: float | None
    signal: Signal
    across_pooling: Signal | None
    loss: float
    single_channel: bool

    @property
    def inputs_shape(self) -> Shape:
        """One example. The probe works for examples of ones."""
        return self.network.input_shape

    def shares(self, rate: float, *, across_pooling: bool = False) -> tuple[float, float]:
        """Return between which two shares the signals lie on average if ``rate`` is dropped."""
        signal = self.across_pooling if across_pooling and self.across_pooling is not None else self.signal
        share = dropped.probability(signal, rate)
        return share * (1 - self.loss), share


def probes(network: Network) -> tuple[Probe, ...]:
    """Return a probe for each place of ``network``: before its first layer with weights, and between two of them.

    Args:
        network: its output is logits, one of them to compare the others with. Its own weights do not matter.

    Raises:
        ValueError: signals cannot be sent through this network; the message says where they stop.
    """
    weighted = [site for site in sites(network) if isinstance(site.layer, Convolution | Dense)]
    if not weighted or weighted[-1].number != len(network.layers) - 1 or not weighted[-1].covers_its_input:
        raise ValueError("a network whose last layer is not dense cannot be probed")
    if weighted[-1].output_shape[-1] < 2:
        raise ValueError("a network with one output cannot be probed")
    return tuple(_probe(network, weighted, number) for number in range(len(weighted)))


def _probe(network: Network, weighted: Sequence[Site], number: int) -> Probe:
    found = None
    for shown in range(min(SHOWN, weighted[-1].output_shape[-1] - 1), 0, -1):
        found = _Builder(network, weighted, number, shown).probe()
        if found.loss <= ACCEPTED_LOSS:
            break
    assert found is not None
    if found.rate is not None and found.loss > GREATEST_LOSS:
        raise ValueError(f"what is dropped {found.after} is hidden by later dropouts")
    return found


class _Builder:
    """Follows the signals of one place through the network and chooses the weights on the way."""

    def __init__(self, network: Network, weighted: Sequence[Site], number: int, shown: int) -> None:
        self.network = network
        self.number = number
        self.shown = shown
        self.start = weighted[number - 1].number + 1 if number else 0
        self.first = weighted[number]
        self.later = weighted[number + 1 :]
        self.last = weighted[-1]
        self.arrays: list[dict[str, np.ndarray]] = [
            {name: np.zeros(array.shape, np.float32) for name, array in found.items()} for found in network.arrays
        ]
        self.loss = 0.0

    def probe(self) -> Probe:
        """Return the probe.

        Raises:
            ValueError: signals cannot be sent through this network.
        """
        self._make_constant()
        here = list(self.network.layers[self.start : self.first.number])
        places = [layer for layer in here if isinstance(layer, Dropout)]
        if len(places) > 1:
            raise ValueError("two dropouts without a layer with weights between them cannot be told apart")
        shape = self.network.shapes[self.start - 1] if self.start else self.network.input_shape
        if not places:
            here.insert(0, Dropout(rate=0.0))
        signals, signal = self._follow(here, shape, None)
        other = _moved(here)
        across = None if other is None or not places else self._follow(other, shape, signals)[1]
        return Probe(
            self.number,
            self._place(),
            self.network.with_arrays(self.arrays),
            self.shown,
            places[0].rate if places else None,
            signal,
            across,
            self.loss,
            len(shape) == 3 and shape[0] * shape[1] > 1,
        )

    def _place(self) -> str:
        return "before the first layer" if not self.number else f"after weight layer {self.number}"

    def _make_constant(self) -> None:
        for number, layer in enumerate(self.network.layers[: self.first.number]):
            wanted = {Convolution: "bias", Dense: "bias", BatchNormalization: "shift"}.get(type(layer))
            if wanted is None:
                continue
            if wanted not in self.arrays[number]:
                raise ValueError(f"layer {number + 1} has no {wanted}, so its output cannot be made constant")
            self.arrays[number][wanted][...] = 1
            if "variance" in self.arrays[number]:
                self.arrays[number]["variance"][...] = 1

    def _follow(self, here: list[Layer], shape: Shape, chosen: "_Selection | None") -> "tuple[_Selection, Signal]":
        """Send signals from this place to the output; return the values that are shown, and what each shows."""
        self.loss = 0.0
        signals = dropped.nowhere(_one_channel(shape))
        for layer in here:
            signals = _before_inversion(layer, signals)
        # an average of one kept value and zeros must still outweigh the bias
        inverted: float | None = -4.0 * prod(prod(layer.size) for layer in here if isinstance(layer, Pooling))
        step, rest = self.first, list(self.later)
        while not step.covers_its_input:
            signals = self._through_convolution(step, signals, inverted)
            between = self.network.layers[step.number + 1 : rest[0].number]
            _check_passes(between, needs_relu=inverted is not None)
            for layer in between:
                signals = self._after_inversion(layer, signals, int(step.output_shape[-1]))
            inverted, step = None, rest.pop(0)
        chosen = self._select(signals) if chosen is None else chosen
        self._gather(step, chosen, signals.shape, inverted)
        while rest:
            between = self.network.layers[step.number + 1 : rest[0].number]
            _check_passes(between, needs_relu=inverted is not None)
            self._count_losses(between, step.output_shape[-1] // self.shown)
            inverted, step = None, rest.pop(0)
            self._pass_groups(step)
        return chosen, signals.item(*chosen[0])

    def _through_convolution(self, step: Site, signals: np.ndarray, inverted: float | None) -> np.ndarray:
        layer = step.layer
        assert isinstance(layer, Convolution)
        tap = (min(layer.padding[0][0], layer.kernel.shape[0] - 1), min(layer.padding[1][0], layer.kernel.shape[1] - 1))
        kernel = self.arrays[step.number]["kernel"]
        if inverted is None:
            kernel[tap] = 1 / kernel.shape[2]
        else:
            kernel[tap][0] = inverted
            self._set_bias(step)
        return dropped.shifted(signals, layer, tap, NEVER if inverted is None else ALWAYS)[..., :1]

    def _after_inversion(self, layer: Layer, signals: np.ndarray, copies: int) -> np.ndarray:
        match layer:
            case Pooling():
                return dropped.seen_after_pooling(signals, layer)
            case ZeroPadding():
                return dropped.surrounded(signals, layer, is_zero=False)
            case Dropout(rate=rate):
                self.loss += rate**copies
        return signals

    def _count_losses(self, between: Sequence[Layer], copies: int) -> None:
        self.loss += sum(layer.rate**copies for layer in between if isinstance(layer, Dropout))

    def _select(self, signals: np.ndarray) -> "_Selection":
        """Choose places that show alike and depend on different values; as many as are to be shown, or fewer."""
        best: _Selection = []
        alike: dict[Signal, list[tuple[int, int, int]]] = {}
        for row, column, channel in np.ndindex(*signals.shape):
            signal: Signal = signals.item(row, column, channel)
            if signal and not ALWAYS & signal:
                alike.setdefault(dropped.form(signal), []).append((row, column, channel))
        for candidates in alike.values():
            used: set[int] = set()
            chosen: _Selection = []
            for index in candidates:
                needed = dropped.places_of(signals.item(*index))
                if not used & needed and len(chosen) < self.shown:
                    chosen.append(index)
                    used |= needed
            best = max(best, chosen, key=len)
        if not best:
            raise ValueError(f"what is dropped {self._place()} does not reach the output")
        self.shown = len(best)
        return best

    def _gather(self, step: Site, chosen: "_Selection", shape: Shape, inverted: float | None) -> None:
        """Let a dense layer show one chosen value in each group of its units."""
        kernel = self._matrix(step)
        map_shape = self._map_before(step)
        copies = map_shape[-1] if inverted is None and shape[-1] == 1 else 1
        for group, (row, column, channel) in enumerate(chosen):
            first = (row * map_shape[1] + column) * map_shape[2] + channel
            rows = slice(first, first + copies)
            kernel[rows, self._group(step, group)] = 1 / copies if inverted is None else inverted
        if inverted is not None:
            self._set_bias(step)

    def _pass_groups(self, step: Site) -> None:
        kernel = self._matrix(step)
        width = len(kernel) // self.shown
        for group in range(self.shown):
            kernel[group * width : (group + 1) * width, self._group(step, group)] = 1 / width

    def _group(self, step: Site, group: int) -> slice:
        """The units of ``step`` that show one value: one output at the end, before it as many as there can be."""
        width = 1 if step is self.last else step.output_shape[-1] // self.shown
        return slice(group * width, (group + 1) * width)

    def _set_bias(self, step: Site) -> None:
        if "bias" not in self.arrays[step.number]:
            raise ValueError(f"layer {step.number + 1} has no bias, so what is dropped before it cannot be shown")
        bias = self.arrays[step.number]["bias"]
        bias[: self.shown if step is self.last else None] = 1

    def _matrix(self, step: Site) -> np.ndarray:
        """The kernel of a dense layer, or of a convolution that is one, as (in, out); a view."""
        kernel = self.arrays[step.number]["kernel"]
        return kernel.reshape(-1, kernel.shape[-1])

    def _map_before(self, step: Site) -> tuple[int, int, int]:
        """The map that reaches a dense layer, before it was flattened; 1×1 for a vector."""
        shapes = (self.network.input_shape, *self.network.shapes)
        for shape in reversed(shapes[: step.number + 1]):
            if len(shape) == 3:
                return (shape[0], shape[1], shape[2]) if prod(shape) == prod(step.input_shape) else (1, 1, 0)
        return (1, 1, 0)


def _one_channel(shape: Shape) -> tuple[int, int, int]:
    """The shape of the values that are followed: one channel of a map, every value of a vector."""
    if len(shape) == 3:
        return (shape[0], shape[1], 1 if shape[0] * shape[1] > 1 else shape[2])
    return (1, 1, shape[0])


def _before_inversion(layer: Layer, signals: np.ndarray) -> np.ndarray:
    """Follow which values are zero."""
    match layer:
        case Dropout(whole_channels=True):
            raise ValueError("a dropout of whole channels cannot be probed")
        case Dropout():
            return dropped.places(signals.shape)
        case Pooling():
            return dropped.zero_after_pooling(signals, layer)
        case ZeroPadding():
            return dropped.surrounded(signals, layer, is_zero=True)
        case BatchNormalization() if any(signal for signal in signals.flat):
            raise ValueError("a dropout before batch normalization cannot be probed")
        case Reshape():
            rearranged = signals.reshape(layer.shape)
            return rearranged[..., :1] if prod(layer.shape[:2]) > 1 else rearranged
    return signals


def _check_passes(between: Sequence[Layer], *, needs_relu: bool) -> None:
    """Raise ``ValueError`` unless signals pass these layers unchanged."""
    activations = [layer.function for layer in between if isinstance(layer, Activation)]
    if any(function != "relu" for function in activations) or (needs_relu and not activations):
        raise ValueError(f"only networks of ReLU can be probed, not {', '.join(activations) or 'linear layers'}")
    if any(isinstance(layer, BatchNormalization) for layer in between):
        raise ValueError("a dropout before batch normalization cannot be probed")


def _moved(here: Sequence[Layer]) -> list[Layer] | None:
    """Return the layers of a place with the dropout on the other side of the pooling beside it, if there is one."""
    kept = [layer for layer in here if not isinstance(layer, Activation)]
    for number, layer in enumerate(kept):
        if isinstance(layer, Dropout):
            for other in (number + 1, number - 1):
                if 0 <= other < len(kept) and isinstance(kept[other], Pooling):
                    kept[number], kept[other] = kept[other], kept[number]
                    return kept
    return None
