"""The layers of a network as a handout's table lists them: sizes and numbers of parameters, however it is written.

Activations, dropout, flattening and reshaping are not lines of the table: they have no parameters, and where they stand
is a matter of style as far as sizes go. What they compute is compared elsewhere.
"""

from collections.abc import Callable
from math import prod
from typing import Literal

import msgspec

from grader.transplant.architecture import (
    BatchNormalization,
    Convolution,
    Dense,
    Layer,
    Network,
    Pooling,
    Shape,
    dimensions,
    title,
)

Kind = Literal["weights", "pooling", "normalization"]
UNTRAINED = ("mean", "variance")


class Stage(msgspec.Struct, frozen=True):
    """One line of the table. A convolution and a dense layer are of one kind: a convolution that leaves one place is
    a dense layer. Shapes are channels last; ``label`` is the student's name for the layer."""

    kind: Kind
    title: str
    label: str
    input_shape: Shape
    output_shape: Shape
    parameters: int
    untrained: int = 0

    @property
    def size(self) -> Shape:
        """The output's shape without sides of length 1: 1×1×120 is 120."""
        return tuple(n for n in self.output_shape if n != 1) or (1,)

    @property
    def sizes_text(self) -> str:
        """``28×28×1 → 28×28×6``."""
        return f"{dimensions(self.input_shape)} → {dimensions(self.output_shape)}"


class Difference(msgspec.Struct, frozen=True):
    """The first line in which two tables differ, counted from 0. ``None``: that table has ended."""

    number: int
    own: Stage | None
    reference: Stage | None


def stages(network: Network) -> tuple[Stage, ...]:
    """Return the table of ``network``."""
    shapes = (network.input_shape, *network.shapes)
    found = []
    for number, layer in enumerate(network.layers):
        kind = _kind(layer)
        if kind is not None:
            untrained = sum(prod(layer.arrays[name].shape) for name in UNTRAINED if name in layer.arrays)
            found.append(
                Stage(
                    kind,
                    title(layer),
                    layer.label,
                    shapes[number],
                    shapes[number + 1],
                    sum(array.size for array in layer.arrays.values()),
                    untrained,
                )
            )
    return tuple(found)


def first_difference_of_sizes(own: tuple[Stage, ...], reference: tuple[Stage, ...]) -> Difference | None:
    """Return the first layer of another kind or with an output of another size, or ``None``."""
    return _first(own, reference, lambda stage: (stage.kind, stage.size))


def first_difference_of_parameters(own: tuple[Stage, ...], reference: tuple[Stage, ...]) -> Difference | None:
    """Return the first layer with another number of parameters, pooling left out, or ``None``. Its ``number`` counts
    the lines of ``own``."""
    with_parameters = [number for number, stage in enumerate(own) if stage.parameters]
    found = _first(
        tuple(own[number] for number in with_parameters),
        tuple(stage for stage in reference if stage.parameters),
        lambda stage: (stage.parameters, stage.untrained),
    )
    if found is None:
        return None
    number = with_parameters[found.number] if found.number < len(with_parameters) else len(own)
    return Difference(number, found.own, found.reference)


def _first(
    own: tuple[Stage, ...], reference: tuple[Stage, ...], essence: Callable[[Stage], object]
) -> Difference | None:
    for number in range(max(len(own), len(reference))):
        ours = own[number] if number < len(own) else None
        theirs = reference[number] if number < len(reference) else None
        if ours is None or theirs is None or essence(ours) != essence(theirs):
            return Difference(number, ours, theirs)
    return None


def _kind(layer: Layer) -> Kind | None:
    match layer:
        case Convolution() | Dense():
            return "weights"
        case Pooling():
            return "pooling"
        case BatchNormalization():
            return "normalization"
    return None
