"""Which model of a recording stands for which of the rubric, and how that was told."""

import json

import numpy as np
import pytest

from grader.recording.bind import Wanted, bind
from grader.recording.structure import signature, signature_of
from grader.transplant import portable
from grader.transplant.architecture import Activation, Dense, Dropout, Flatten, Network
from tests.unit.recording_examples import cell, model, moved, trained


def network(hidden: int, *, rate: float | None = None, ending: str = "", label: str = "") -> Network:
    layers = [Flatten(label=label), Dense(kernel=np.zeros((784, hidden)), bias=np.zeros(hidden), label=label)]
    layers.append(Activation(function="relu"))
    if rate is not None:
        layers.append(Dropout(rate=rate))
    layers.append(Dense(kernel=np.zeros((hidden, 10)), bias=np.zeros(10)))
    if ending:
        layers.append(Activation(function=ending))
    return Network((28, 28, 1), tuple(layers))


def parameters(of: Network) -> int:
    return sum(array.size for array in portable.encode(of)[1])


def seen(of: Network, number: int = 1, names: tuple[str, ...] = ()):
    structure, arrays = portable.encode(of)
    shapes = tuple(array.shape for array in arrays)
    return model(number, names=names, structure=structure.decode(), shapes=shapes, parameters=parameters(of))


def wanted(name: str, of: Network, title: str = "Networks") -> Wanted:
    return Wanted("nets", title, name, (name, f"build_{name}"), signature_of(of), parameters(of))


SMALL, LARGE = wanted("small", network(4)), wanted("large", network(8))


def bound(*cells, of=(SMALL, LARGE)):
    return [(each.model, each.numbers, each.how) for each in bind(cells, of)]


def test_by_structure_whatever_it_is_called():
    assert bound(cell(1, seen(network(8), names=("model1",)))) == [("large", (1,), ("structure",))]
    misnamed = seen(network(8, ending="softmax", label="x"), names=("small",))
    assert bound(cell(1, misnamed)) == [("large", (1,), ("structure",))]


def test_dropout_makes_a_difference_only_between_networks_that_are_asked_for():
    with_dropout = wanted("dropout", network(4, rate=0.5))
    assert bound(cell(1, seen(network(4, rate=0.2)))) == [("small", (1,), ("structure",))]
    assert bound(cell(1, seen(network(4, rate=0.5))), of=(SMALL, with_dropout)) == [("dropout", (1,), ("structure",))]
    assert bound(cell(1, seen(network(4))), of=(SMALL, with_dropout)) == [("small", (1,), ("structure",))]


def test_by_the_number_of_parameters_where_it_cannot_be_described():
    opaque = model(parameters=parameters(network(8)), names=("net",))
    assert bound(cell(1, opaque)) == [("large", (1,), ("parameters",))]


@pytest.mark.parametrize("name", ["small", "small_model", "SmallNet", "my_small", "build_small"])
def test_by_name_where_it_is_another_network(name):
    assert bound(cell(1, model(names=(name,)))) == [("small", (1,), ("name",))]


def test_by_heading_where_nothing_else_is_known():
    assert bound(cell(1, model(names=("m",)), heading="Part 2 / The large one")) == [("large", (1,), ("heading",))]


def test_what_resembles_two_in_the_same_way_is_neither():
    assert bound(cell(1, model(names=("m",)), heading="small and large")) == []
    assert bound(cell(1, model(names=("m",)))) == []


def test_the_network_that_was_asked_for_goes_before_one_of_the_same_name():
    found = bound(cell(1, model(1, names=("small",)), seen(network(4), 2, names=("net",))))
    assert found == [("small", (2,), ("structure",))]


def test_other_experiments_with_the_same_network_are_left_out_but_not_copies_from_a_file():
    cells = (
        cell(1, seen(network(4), 1, names=("small",)), trained(1)),
        cell(2, seen(network(4), 2, names=("m",)), trained(2)),
        cell(3, moved("loaded", 3), seen(network(4), 3, names=("best",))),
    )
    assert bound(*cells) == [("small", (1, 3), ("structure", "name"))]


def test_what_is_no_description_is_like_nothing():
    for structure in (
        "",
        "{}",
        "[]",
        "null",
        '{"layers": [1]}',
        '{"input_shape": [], "layers": [{"arrays": {"k": 9}}]}',
    ):
        assert signature(structure, ()) == (), structure
    assert signature(json.dumps({"layers": "x"}), ()) == ()
    unrecorded = Wanted("nets", "", "other", ("other",), (), 0)
    assert bound(cell(1, model(names=("m",), parameters=0)), of=(unrecorded,)) == []
