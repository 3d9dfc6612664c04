"""What the references' networks are, recorded as data, so that grading needs no framework of its own.

``recorded/networks.json`` of an assignment holds the description of each network that its rubric names, as traced from
the oracle in PyTorch and the one in Keras, which must agree. ``grader reference networks --write`` makes it; weights
are not part of it.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from grader.course.model import Assignment, ModelSpec
from grader.networks.evaluate import without_softmax
from grader.oracle.frameworks import FrameworkName
from grader.oracle.run import OracleError, load_module
from grader.transplant import portable
from grader.transplant.architecture import Network, Shape
from grader.transplant.transplant import trace

FILE = "networks.json"
ORACLES: dict[FrameworkName, str] = {"torch": "oracle_torch.py", "keras": "oracle_keras.py"}


class RecordedNetwork(msgspec.Struct, frozen=True):
    """One network: its structure, as :mod:`grader.transplant.portable` writes it, and the shapes of its arrays."""

    structure: msgspec.Raw
    shapes: tuple[Shape, ...]


class RecordedNetworks(msgspec.Struct, frozen=True):
    """The content of ``networks.json``: networks by the call that builds them."""

    format: int
    networks: dict[str, RecordedNetwork]


def reference_network(folder: Path, spec: ModelSpec) -> Network:
    """Return the reference for a model, all of its arrays zero, float64, its output logits.

    Raises:
        OracleError: nothing is recorded for it, or the file is damaged.
    """
    recorded = _read(folder).networks.get(spec.call)
    if recorded is None:
        raise OracleError(
            f"{folder.name}/recorded/{FILE} has no {spec.call}; make it: grader reference networks --write"
        )
    try:
        return portable.decode(bytes(recorded.structure), [np.zeros(shape) for shape in recorded.shapes])
    except ValueError as error:
        raise OracleError(f"{folder.name}/recorded/{FILE}: {spec.call}: {error}") from error


def record(assignment: Assignment, frameworks: tuple[FrameworkName, ...]) -> bytes:
    """Return the content of ``networks.json``, traced from the assignment's oracles in these frameworks.

    Raises:
        OracleError: an oracle fails, or two frameworks build different networks.
    """
    networks: dict[str, Any] = {}
    for spec in (model for part in assignment.parts for model in part.models):
        found = {name: _described(assignment.folder / ORACLES[name], spec) for name in frameworks}
        first, *others = found.values()
        for other in others:
            if other != first:
                raise OracleError(f"{assignment.id}: {spec.call} is not the same network in {' and '.join(found)}")
        structure, shapes = first
        networks[spec.call] = {"structure": msgspec.json.decode(structure), "shapes": shapes}
    content = {"format": 1, "networks": networks}
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _described(path: Path, spec: ModelSpec) -> tuple[bytes, tuple[Shape, ...]]:
    build = getattr(load_module(path), spec.like, None)
    if build is None:
        raise OracleError(f"{path.name} has no function {spec.like}")
    network = without_softmax(trace(build(**spec.arguments), spec.input_shape).network)
    # names and precision belong to the frameworks, not to the network
    plain = tuple(msgspec.structs.replace(layer, label="") for layer in network.layers)
    structure, arrays = portable.encode(Network(network.input_shape, plain))
    return structure, tuple(array.shape for array in arrays)


def _read(folder: Path) -> RecordedNetworks:
    path = folder / "recorded" / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=RecordedNetworks)
    except OSError as error:
        raise OracleError(
            f"{folder.name}/recorded/{FILE}: {error.strerror}; make it: grader reference networks --write"
        ) from error
    except msgspec.MsgspecError as error:
        raise OracleError(f"{folder.name}/recorded/{FILE} is damaged: {error}") from error
