import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox import wire

DTYPES = st.sampled_from(sorted(wire.DTYPES)).map(np.dtype)
ARRAYS = DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0)))


def frame_of(buffers):
    data = b"".join(bytes(buffer) for buffer in buffers)
    header_bytes, body_bytes = wire.parse_prefix(data[: wire.PREFIX.size])
    header, body = data[wire.PREFIX.size :][:header_bytes], data[wire.PREFIX.size + header_bytes :]
    assert len(body) == body_bytes
    return wire.parse_frame(header, body)


@given(st.lists(ARRAYS, max_size=4), st.integers(0, 2**31))
def test_arrays_arrive_bit_by_bit(arrays, seq):
    frame = frame_of(wire.encode(seq, wire.Delivered(), arrays))
    assert frame.seq == seq
    for sent, got in zip(arrays, frame.arrays, strict=True):
        assert (got.dtype, got.shape, got.tobytes()) == (sent.dtype, sent.shape, sent.tobytes())


VALUES = st.recursive(
    st.none() | st.text() | st.booleans() | st.integers() | st.floats() | st.binary() | ARRAYS | st.builds(object),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@given(VALUES)
def test_any_value_can_be_packed_sent_and_unpacked(value):
    arrays = []
    message = wire.Returned((wire.Result(wire.pack(value, arrays), len(arrays)),))
    frame = frame_of(wire.encode(1, message, arrays))
    wire.unpack(frame.message.results[0].value, frame.arrays)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_noise_is_refused_and_nothing_else_is_raised(header, body):
    try:
        frame = wire.parse_frame(header, body)
    except wire.ProtocolError:
        return
    assert sum(array.nbytes for array in frame.arrays) == len(body)


@given(st.data())
def test_a_damaged_frame_is_refused_or_still_a_frame(data):
    arrays = [np.arange(6.0).reshape(2, 3)]
    whole = bytearray(
        b"".join(bytes(b) for b in wire.encode(3, wire.Returned((wire.Result(wire.Array(0), 1),)), arrays))
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        header_bytes, _ = wire.parse_prefix(bytes(whole[: wire.PREFIX.size]))
        frame = wire.parse_frame(
            bytes(whole[wire.PREFIX.size :][:header_bytes]), whole[wire.PREFIX.size + header_bytes :]
        )
        if isinstance(frame.message, wire.Returned):
            wire.unpack(frame.message.results[0].value, frame.arrays)
    except wire.ProtocolError:
        pass
