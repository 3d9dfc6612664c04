"""The IDX reader, over generated arrays and damaged files: it gives the array back or says what is wrong."""

import contextlib
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.data import idx
from grader.data.errors import CorruptFile


@st.composite
def arrays(draw):
    shape = draw(st.lists(st.integers(0, 6), min_size=1, max_size=4))
    content = draw(st.binary(min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    return np.frombuffer(content, np.uint8).reshape(shape)


@given(arrays())
def test_what_is_encoded_decodes_to_itself(array):
    decoded = idx.decode(idx.encode(array), "file")
    assert decoded.dtype == np.uint8
    assert decoded.shape == array.shape
    assert np.array_equal(decoded, array)
    assert not decoded.flags.writeable


@given(arrays(), st.data())
def test_a_file_that_is_cut_off_anywhere_is_refused(array, data):
    content = idx.encode(array)
    kept = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(CorruptFile, match=r"^somewhere/file: "):
        idx.decode(content[:kept], "somewhere/file")


@given(arrays(), st.binary(min_size=1, max_size=8))
def test_a_file_with_more_in_it_is_refused(array, more):
    with pytest.raises(CorruptFile, match="follow"):
        idx.decode(idx.encode(array) + more, "file")


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda rest: b"\0\0\x08" + rest))
def test_any_bytes_are_an_array_or_a_refusal(content):
    with contextlib.suppress(CorruptFile):
        assert idx.encode(idx.decode(content, "file")) == content


@given(st.binary(max_size=2000), st.integers(0, 9))
def test_what_is_packed_unpacks_to_itself(content, level):
    packed = gzip.compress(content, level)
    assert idx.unpack(packed, len(content), "file") == content


@given(st.binary(min_size=1, max_size=2000), st.data())
def test_no_more_is_unpacked_than_allowed(content, data):
    allowed = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(CorruptFile, match=f"more than the {allowed:,} bytes"):
        idx.unpack(gzip.compress(content), allowed, "file")


@given(st.binary(max_size=2000), st.data())
def test_a_packed_file_that_is_cut_off_anywhere_is_refused(content, data):
    packed = gzip.compress(content)
    kept = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(CorruptFile, match="cut off"):
        idx.unpack(packed[:kept], len(content), "file")


@given(st.binary(min_size=1, max_size=2000), st.data())
def test_a_packed_file_with_a_changed_byte_unpacks_to_the_same_or_is_refused(content, data):
    packed = bytearray(gzip.compress(content))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(CorruptFile):
        assert idx.unpack(bytes(packed), len(content), "file") == content
