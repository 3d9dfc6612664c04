import math
import struct

import msgspec
import numpy as np
import pytest

from grader.sandbox import wire
from grader.sandbox.wire import (
    Array,
    Mapping,
    Nothing,
    Opaque,
    ProtocolError,
    Returned,
    Sequence,
    Text,
)

NOTHING = {"type": "delivered"}


def returned(value, cpu_s=0.0):
    return {"type": "returned", "results": [{"value": value, "arrays": 0}], "cpu_s": cpu_s}


def forged(message=None, arrays=(), body=b"", seq=1):
    """Decode a frame that somebody has put together by hand."""
    header = msgspec.msgpack.encode({"seq": seq, "message": message or NOTHING, "arrays": list(arrays)})
    return wire.parse_frame(header, body)


def passed(value):
    """Send ``value`` as a worker would and receive it as the session would."""
    arrays = []
    message = Returned((wire.Result(wire.pack(value, arrays), len(arrays)),))
    data = b"".join(bytes(buffer) for buffer in wire.encode(7, message, arrays))
    header_bytes, body_bytes = wire.parse_prefix(data[: wire.PREFIX.size])
    rest = data[wire.PREFIX.size :]
    assert len(rest) == header_bytes + body_bytes
    frame = wire.parse_frame(rest[:header_bytes], rest[header_bytes:])
    assert frame.seq == 7
    return wire.unpack(frame.message.results[0].value, frame.arrays)


def test_values_arrive_as_they_were():
    got = passed({"loss": 0.5, "gradients": (np.eye(2), None), "name": "x", "rows": [[1, 2], [3, 4]]})
    assert got["loss"] == 0.5
    np.testing.assert_array_equal(got["gradients"][0], np.eye(2))
    assert got["gradients"][1] is None
    assert got["name"] == "x"
    np.testing.assert_array_equal(got["rows"], [[1, 2], [3, 4]])


def test_received_arrays_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        passed(np.zeros(3))[0] = 1


@pytest.mark.parametrize("shape", [(), (0,), (0, 5), (1, 1, 1), (3, 0, 2)])
def test_shapes_without_entries_and_without_axes(shape):
    assert passed(np.zeros(shape)).shape == shape


def test_byte_order_and_strides_do_not_matter():
    array = np.arange(12, dtype=">f8").reshape(3, 4)[::-1, ::2].T
    np.testing.assert_array_equal(passed(array), array)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (np.array([1, None]), "object"),
        (np.array(["a"]), "not a number type"),
        (np.array(["2020"], dtype="M8[D]"), "not a number type"),
        (np.broadcast_to(np.float64(0), (2**16, 2**16)), "MiB allowed"),
        (10**400, "too large"),
        (object(), "neither a number"),
        ({1: 2}, "not all strings"),
        ({1, 2}, "neither a number"),
    ],
)
def test_what_does_not_travel_is_described(value, why):
    got = passed(value)
    assert isinstance(got, Opaque)
    assert why in got.why


def test_a_list_that_holds_itself_ends():
    value = []
    value.append(value)
    assert wire.pack(value, []) is not None


def test_text_is_cut_and_made_sendable():
    assert passed("x" * 20_000) == "x" * wire.MAX_TEXT
    assert passed("\ud800") == "\\ud800"
    assert passed({"\ud800": None}) == {"\\ud800": None}


def test_a_frame_that_is_too_large_is_not_sent():
    with pytest.raises(ProtocolError, match="at most 268,435,456 bytes"):
        wire.encode(1, Returned((wire.Result(Nothing(), 0),)), [np.broadcast_to(np.uint8(0), (2**20, 2**9))])
    with pytest.raises(ProtocolError, match=r"at most 10,000 arrays"):
        wire.encode(1, Returned((wire.Result(Nothing(), 0),)), [np.zeros(0)] * 10_001)
    with pytest.raises(ProtocolError, match="dtype object"):
        wire.encode(1, Returned((wire.Result(Nothing(), 0),)), [np.array([None])])


@pytest.mark.parametrize(
    ("prefix", "what"),
    [
        (b"", "got 0"),
        (bytes(11), "got 11"),
        (struct.pack("<IQ", wire.MAX_HEADER_BYTES + 1, 0), "header of 4,194,305"),
        (struct.pack("<IQ", 1, wire.MAX_BODY_BYTES + 1), "body of 268,435,457"),
        (b"\xff" * 12, "header of 4,294,967,295"),
    ],
)
def test_prefixes_that_announce_too_much(prefix, what):
    with pytest.raises(ProtocolError, match=what):
        wire.parse_prefix(prefix)


@pytest.mark.parametrize(
    ("spec", "body", "what"),
    [
        ({"dtype": "O8", "shape": [1]}, bytes(8), "not one that travels"),
        ({"dtype": "V8", "shape": [1]}, bytes(8), "not one that travels"),
        ({"dtype": ">f8", "shape": [1]}, bytes(8), "not one that travels"),
        ({"dtype": "f8,O", "shape": [1]}, bytes(16), "not one that travels"),
        ({"dtype": "f8", "shape": [2]}, bytes(8), "more arrays than the body"),
        ({"dtype": "f8", "shape": [1]}, bytes(9), "describes 8 bytes"),
        ({"dtype": "f8", "shape": [-1]}, bytes(8), "negative"),
        ({"dtype": "f8", "shape": [-1, -1]}, bytes(8), "negative"),
        ({"dtype": "f8", "shape": [2**32, 2**32]}, bytes(8), "more arrays than the body"),
        ({"dtype": "f8", "shape": [0, 2**63]}, b"", "shape"),
        ({"dtype": "f8", "shape": [1] * 33}, bytes(8), "33 dimensions"),
        ({"dtype": "f8", "shape": [1.5]}, bytes(8), "does not decode"),
        ({"dtype": "f8"}, bytes(8), "does not decode"),
    ],
)
def test_arrays_that_are_not_what_the_header_says(spec, body, what):
    with pytest.raises(ProtocolError, match=what):
        forged(arrays=[spec], body=body)


def test_more_arrays_than_travel():
    with pytest.raises(ProtocolError, match="at most 10,000"):
        forged(arrays=[{"dtype": "f8", "shape": [0]}] * 10_001)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "unheard of"},
        returned({"type": "nothing"}, math.nan),
        returned({"type": "nothing"}, math.inf),
        returned({"type": "nothing"}, -1.0),
        returned("text"),
        {"type": "returned"},
        {"type": "loaded", "missing": [1]},
        "returned",
        [],
    ],
)
def test_messages_of_no_known_kind(message):
    with pytest.raises(ProtocolError, match="does not decode"):
        forged(message or [None])


@pytest.mark.parametrize("index", [-1, 1, 2**40])
def test_values_that_name_an_array_that_is_not_there(index):
    frame = forged(returned({"type": "array", "index": index}), [{"dtype": "u1", "shape": []}], b"1")
    with pytest.raises(ProtocolError, match="of a frame with 1"):
        wire.unpack(frame.message.results[0].value, frame.arrays)


def test_values_nested_too_deeply():
    value = Nothing()
    for _ in range(wire.MAX_DEPTH + 2):
        value = Sequence((value,))
    with pytest.raises(ProtocolError, match="nested more than"):
        wire.unpack(value, ())


def test_packed_values_are_never_nested_too_deeply_to_unpack():
    value = "x"
    for _ in range(100):
        value = (value,)
    got = wire.unpack(wire.pack(value, []), ())
    while isinstance(got, tuple):
        (got,) = got
    assert isinstance(got, Opaque)


def test_kinds_of_values():
    arrays = []
    packed = wire.pack(("a", None, {"k": 1.5}, [None]), arrays)
    assert packed == Sequence((Text("a"), Nothing(), Mapping({"k": Array(0)}), Sequence((Nothing(),))))
    assert [array.item() for array in arrays] == [1.5]
