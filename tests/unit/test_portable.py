import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.transplant import portable
from grader.transplant.architecture import draw_arrays
from tests.unit.network_examples import small_network


def test_a_network_arrives_as_it_left():
    network = draw_arrays(small_network(softmax=True, bias=False), np.random.default_rng(0))
    arrived = portable.decode(*portable.encode(network))
    assert arrived.input_shape == network.input_shape
    assert [type(layer) for layer in arrived.layers] == [type(layer) for layer in network.layers]
    for sent, got in zip(network.layers, arrived.layers, strict=True):
        assert sent.arrays.keys() == got.arrays.keys()
        assert all(np.array_equal(sent.arrays[name], got.arrays[name]) for name in sent.arrays)
        plain = [name for name in sent.__struct_fields__ if name not in sent.ARRAYS]
        assert [getattr(sent, name) for name in plain] == [getattr(got, name) for name in plain]


def changed(change):
    structure, arrays = portable.encode(small_network())
    content = json.loads(structure)
    change(content)
    return json.dumps(content).encode(), arrays


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["layers"][0]["arrays"].update(kernel=99), "array 99 of 8"),
        (lambda c: c["layers"][0]["arrays"].update(kernel=-1), "array -1 of 8"),
        (lambda c: c["layers"][0]["arrays"].pop("kernel"), "has the arrays kernel, bias"),
        (lambda c: c["layers"][0]["arrays"].update({"x" * 201: 0}), "not a description"),
        (lambda c: c["layers"][0].update(type="lambda"), "not a description"),
        (lambda c: c["layers"][0].update(code="import os"), "not a description"),
        (lambda c: c["layers"][0].update(strides=[0, 1]), "not a description"),
        (lambda c: c["layers"][3].update(size=[99, 99]), "does not fit"),
        (lambda c: c.update(input_shape=[6, 6, 2]), "takes height×width×1"),
        (lambda c: c.update(layers=c["layers"] * 200), "at most 1000|not a description"),
        (lambda c: c["layers"].pop(4), "dense layer takes"),
    ],
)
def test_what_is_no_network_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        portable.decode(*changed(change))


def test_weights_that_are_no_floating_point_numbers_are_refused():
    structure, arrays = portable.encode(small_network())
    with pytest.raises(ValueError, match="floating-point"):
        portable.decode(structure, [array.astype(int) for array in arrays])


def test_batch_norm_of_a_number_without_axes_is_refused():
    structure, arrays = portable.encode(small_network())
    content = json.loads(structure)
    layers = [layer for layer in content["layers"] if layer["type"] == "batch_normalization"]
    with pytest.raises(ValueError, match="layer 1: batch normalization takes"):
        portable.decode(json.dumps({"input_shape": [], "layers": layers}).encode(), arrays)


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_else_is_raised(structure):
    with pytest.raises(ValueError, match="not a description"):
        portable.decode(structure, ())


@given(st.data())
def test_a_damaged_description_is_refused_or_still_a_network(data):
    structure, arrays = portable.encode(small_network())
    damaged = bytearray(structure)
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        network = portable.decode(bytes(damaged), arrays)
    except ValueError:
        return
    assert network.shapes
