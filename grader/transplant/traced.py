"""A live network of some framework with its description, and the way from each of its arrays to that description's."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Protocol

import msgspec
import numpy as np

from grader.transplant.architecture import Network, Shape, dimensions


class TraceError(Exception):
    """A network that cannot be described as a chain of known layers. Says which operation, and in which module."""


class Parameter(Protocol):
    """One array inside a live network: trained, or kept by it like the running mean of batch norm."""

    native: Any
    """The framework's own object, to look up its gradient by."""

    def read(self) -> np.ndarray:
        """Return a copy of the values in the framework's layout."""

    def write(self, values: np.ndarray) -> None:
        """Replace the values; ``values`` has the framework's layout. The data type stays the parameter's."""


class Layout(msgspec.Struct, frozen=True, eq=False):
    """How an array of a framework becomes one of a description: transpose by ``axes``, reshape to ``shape``, and put
    row ``i`` where ``rows[i]`` says (``None``: in place)."""

    axes: tuple[int, ...]
    shape: Shape
    rows: np.ndarray | None = None

    def to_neutral(self, native: np.ndarray) -> np.ndarray:
        """Return ``native``, an array in the framework's layout, in the description's."""
        array = np.transpose(native, self.axes).reshape(self.shape)
        if self.rows is None:
            return array
        neutral = np.empty_like(array)
        neutral[self.rows] = array
        return neutral

    def to_native(self, neutral: np.ndarray, native_shape: Shape) -> np.ndarray:
        """Return ``neutral``, in the description's layout, in the framework's, where it has ``native_shape``."""
        array = neutral if self.rows is None else neutral[self.rows]
        return array.reshape([native_shape[axis] for axis in self.axes]).transpose(np.argsort(self.axes))


class Slot(msgspec.Struct, frozen=True, eq=False):
    """Where one array of a description lives: ``name`` of layer ``layer`` (from 0) is ``parameter`` in ``layout``."""

    layer: int
    name: str
    parameter: Parameter
    layout: Layout


class TracedModel(msgspec.Struct, frozen=True, eq=False):
    """A live network and what it is.

    ``network`` is its description, with the values that it had when it was traced. ``unused`` names the parameters
    that no layer of the chain uses. ``input_positions`` has the shape of one example as the framework takes it; each
    entry says which value, counted through the description's input, stands there. ``output_positions`` likewise.
    """

    network: Network
    slots: tuple[Slot, ...]
    unused: tuple[str, ...]
    input_positions: np.ndarray
    output_positions: np.ndarray

    def collect(self, values: Callable[[Any], Any]) -> tuple[dict[str, np.ndarray], ...]:
        """Return arrays, one per parameter, in the description's layout: gradients, for instance.

        Args:
            values: takes the framework's parameter and returns an array of its shape, or ``None`` to leave it out.

        Returns:
            One dict for each layer of ``network``, by array name, as :attr:`Network.arrays`.
        """
        collected: tuple[dict[str, np.ndarray], ...] = tuple({} for _ in self.network.layers)
        for slot in self.slots:
            found = values(slot.parameter.native)
            if found is not None:
                collected[slot.layer][slot.name] = slot.layout.to_neutral(np.asarray(found))
        return collected

    def current(self) -> Network:
        """Return the description with the values that the live network has now."""
        arrays: tuple[dict[str, np.ndarray], ...] = tuple({} for _ in self.network.layers)
        for slot in self.slots:
            arrays[slot.layer][slot.name] = slot.layout.to_neutral(slot.parameter.read())
        return self.network.with_arrays(arrays)

    def write(self, arrays: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Write values into the live network; ``arrays`` is laid out as :attr:`Network.arrays` is.

        Nothing is written unless everything can be.

        Raises:
            ValueError: the arrays do not fit, or two layers that share a parameter are given different values.
        """
        fitting = self.network.with_arrays(arrays).arrays
        pending: dict[int, tuple[Slot, np.ndarray]] = {}
        for slot in self.slots:
            native = slot.layout.to_native(fitting[slot.layer][slot.name], slot.parameter.read().shape)
            earlier = pending.setdefault(id(slot.parameter.native), (slot, native))
            if not np.array_equal(earlier[1], native):
                raise ValueError(
                    f"layers {earlier[0].layer + 1} and {slot.layer + 1} share their {slot.name}, "
                    "so they cannot be given different values"
                )
        for slot, native in pending.values():
            slot.parameter.write(native)

    def native_inputs(self, inputs: np.ndarray) -> np.ndarray:
        """Return examples laid out as the description has them, (N, *network.input_shape), as the framework takes them.

        Raises:
            ValueError: the examples have another shape.
        """
        if inputs.shape[1:] != self.network.input_shape:
            raise ValueError(
                f"the network takes {dimensions(self.network.input_shape)}, not {dimensions(inputs.shape[1:])}"
            )
        return inputs.reshape(len(inputs), -1)[:, self.input_positions.ravel()].reshape(
            len(inputs), *self.input_positions.shape
        )

    def neutral_outputs(self, outputs: np.ndarray) -> np.ndarray:
        """Return what the framework gave for N examples as (N, *network.output_shape).

        Raises:
            ValueError: the values are not as many as the network gives.
        """
        shape = self.network.output_shape
        if outputs[:1].size != prod(shape):
            raise ValueError(f"the network gives {dimensions(shape)}, not {dimensions(outputs.shape[1:])}")
        neutral = np.empty((len(outputs), prod(shape)), outputs.dtype)
        neutral[:, self.output_positions.ravel()] = outputs.reshape(len(outputs), -1)
        return neutral.reshape(len(outputs), *shape)
