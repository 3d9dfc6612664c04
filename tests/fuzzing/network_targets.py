"""Descriptions of networks as a worker sends them: the trusted side computes with what it accepts."""

import json
from typing import Any

import numpy as np
from hypothesis import strategies as st

from grader.networks.cost import steps_per_example
from grader.networks.evaluate import outputs
from grader.transplant import portable
from tests.fuzzing.mutations import JSON_TREE, damaged_bytes, damaged_trees
from tests.fuzzing.target import Target, assert_sentence

MOST_STEPS = 200_000
"""Larger networks are described and counted, and not computed."""

ARRAYS = (
    ("f4", (3, 3, 1, 2)), ("f4", (2,)), ("f8", (8, 4)), ("f4", (4,)), ("f4", (2,)), ("f4", (0, 4)), ("f2", (4, 4)),
)  # fmt: skip
SIDES = st.integers(0, 2)
PADDINGS = st.lists(st.tuples(SIDES, SIDES).map(list), min_size=2, max_size=2)
PAIRS = st.lists(st.integers(1, 3), min_size=2, max_size=2)
LAYERS = st.one_of(
    st.builds(
        lambda strides, padding, arrays: {
            "type": "convolution", "label": "c", "arrays": arrays, "strides": strides, "padding": padding
        }, PAIRS, PADDINGS, st.sampled_from([{"kernel": 0, "bias": 1}, {"kernel": 0}]),
    ),
    st.builds(
        lambda arrays: {"type": "dense", "label": "d", "arrays": arrays},
        st.sampled_from([{"kernel": 2, "bias": 3}, {"kernel": 6}, {"kernel": 5}]),
    ),
    st.just({
        "type": "batch_normalization", "label": "", "epsilon": 1e-5, "momentum": 0.9,
        "arrays": {"mean": 1, "variance": 4, "scale": 1},
    }),
    st.builds(
        lambda kind, size, strides, padding, counts: {
            "type": "pooling", "label": "", "reduction": kind, "size": size, "strides": strides, "padding": padding,
            "padding_counts": counts,
        }, st.sampled_from(["maximum", "average"]), PAIRS, PAIRS, PADDINGS, st.booleans(),
    ),
    st.builds(lambda padding: {"type": "zero_padding", "label": "", "padding": padding}, PADDINGS),
    st.builds(
        lambda name: {"type": "activation", "label": "", "function": name},
        st.sampled_from(["relu", "sigmoid", "tanh", "softmax", "log_softmax"]),
    ),
    st.builds(lambda r, a: {"type": "dropout", "label": "", "rate": r, "always": a}, st.floats(0, 1), st.booleans()),
    st.just({"type": "flatten", "label": ""}),
    st.just({"type": "reshape", "label": "", "shape": [2, 2, 2]}),
)  # fmt: skip
USUAL = [
    {
        "type": "convolution", "label": "c", "arrays": {"kernel": 0, "bias": 1}, "strides": [1, 1],
        "padding": [[0, 0], [0, 0]],
    },
    {"type": "activation", "label": "", "function": "relu"},
    {"type": "flatten", "label": ""},
    {"type": "dense", "label": "d", "arrays": {"kernel": 2, "bias": 3}},
]  # fmt: skip
NETWORKS = st.builds(
    lambda shape, layers: {"input_shape": shape, "layers": layers},
    st.sampled_from([[4, 4, 1], [4, 4, 1], [8], [4], [2, 2, 2], [0, 4, 1], [10**6, 10**6, 1], []]),
    st.just(USUAL) | st.lists(LAYERS, max_size=6),
)
CONTENTS = st.sampled_from(["zero", "one", "nan", "large", "small"])
DTYPES = st.none() | st.sampled_from(["i8", "b1", "c16", "u1", "f2"])


def _dumped(tree: Any) -> bytes:
    return json.dumps(tree).encode()


def _array(dtype: str, shape: tuple[int, ...], content: str) -> np.ndarray:
    value = {"zero": 0.0, "one": 1.0, "nan": np.nan, "large": 60_000.0, "small": -1e-7}[content]
    with np.errstate(all="ignore"):
        return np.full(shape, value).astype(dtype)


def check_network(example: tuple[bytes, str, str | None]) -> None:
    """It is refused with a sentence, or is a network that is described, counted and computed as any other."""
    structure, content, dtype = example
    with np.errstate(all="ignore"):
        arrays = tuple(_array(dtype or own, shape, content) for own, shape in ARRAYS)
        try:
            network = portable.decode(structure, arrays)
        except ValueError as error:
            assert_sentence(error, prints=False)
            return
        again = portable.decode(*portable.encode(network))
        assert portable.encode(again)[0] == portable.encode(network)[0]
        assert again.shapes == network.shapes
        for one, other in zip(again.arrays, network.arrays, strict=True):
            assert {k: v.tobytes() for k, v in one.items()} == {k: v.tobytes() for k, v in other.items()}
        steps = steps_per_example(network)
        assert steps >= 0
        if steps > MOST_STEPS:
            return
        try:
            given = outputs(network, np.zeros((2, *network.input_shape)))
        except ValueError as error:
            assert_sentence(error, prints=False)
            return
        assert given.shape == (2, *network.output_shape)


NETWORK = Target(
    "networks",
    "the trusted decoding of described networks: a network that can be computed, or a refusal",
    st.tuples(
        st.one_of(
            NETWORKS.map(_dumped),
            damaged_trees(NETWORKS, 1, 3).map(_dumped),
            damaged_bytes(NETWORKS.map(_dumped), st.binary(max_size=6)),
            JSON_TREE.map(_dumped),
        ),
        CONTENTS,
        DTYPES,
    ),
    check_network,
    sample=200,
    known=(
        # what is left of a network that is only a softmax
        (b'{"input_shape": [4, 4, 1], "layers": []}', "zero", None),
        (
            b'{"input_shape": [], "layers": [{"type": "batch_normalization", "label": "", "epsilon": 1e-05, '
            b'"momentum": 0.9, "arrays": {"mean": 1, "variance": 4}}]}',
            "one",
            None,
        ),
    ),
)
