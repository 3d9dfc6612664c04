"""Reading one file of a data set: the right one is accepted, packed or not, and of any other is said what it is."""

import gzip
import hashlib

import numpy as np
import pytest

from grader.data import files, idx
from grader.data.catalogue import ENTRIES, File
from grader.data.errors import CorruptFile, UnreadableFile

ARRAY = np.random.default_rng(1).integers(0, 256, (5, 4, 4), np.uint8)
CONTENT = idx.encode(ARRAY)
FILE = File("some-images", (5, 4, 4), hashlib.sha256(CONTENT).hexdigest())


@pytest.mark.parametrize("name", ["some-images", "some-images.gz"])
@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT)], ids=["unpacked", "packed"])
def test_the_right_file_is_read_whatever_its_name_says(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    array = files.read(path, FILE)
    assert np.array_equal(array, ARRAY)
    assert not array.flags.writeable


def test_the_size_of_a_file_is_what_its_shape_says():
    assert FILE.size_bytes == len(CONTENT)


OTHER = ARRAY.copy()
OTHER[2, 3, 1] ^= 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "starts with nothing, where 00 00 08"),
        (b"\0\0", "starts with 00 00, where 00 00 08"),
        (b"<!DOCTYPE html>", "starts with 3c 21 44 4f, where 00 00 08"),
        (b"\0\0\x0d\x03" + CONTENT[4:], "starts with 00 00 0d 03"),
        (b"\0\0\x08\0", "starts with 00 00 08 00"),
        (CONTENT[:10], "cut off within its header: it is 10 bytes long"),
        (CONTENT[:-7], "states 5 × 4 × 4, which is 80 bytes, and 73 follow"),
        (CONTENT + b"\0", "states 5 × 4 × 4, which is 80 bytes, and 81 follow"),
        (idx.encode(ARRAY[:4]), "holds 4 × 4 × 4 bytes, where 5 × 4 × 4 were expected"),
        (idx.encode(ARRAY[:, 0, 0]), "holds 5 bytes, where 5 × 4 × 4 were expected"),
        (gzip.compress(CONTENT, mtime=0)[:-9], "cut off"),
        (gzip.compress(CONTENT, mtime=0)[:20], "cut off"),
        (gzip.compress(CONTENT, mtime=0) + b"more", "4 bytes follow the end"),
        (gzip.compress(CONTENT + b"\0" * 10_000_000, mtime=0), "more than the 96 bytes"),
        (b"\x1f\x8b" + b"\xff" * 40, "gzip cannot unpack it"),
        (idx.encode(OTHER), f"SHA-256 of its unpacked content is {hashlib.sha256(idx.encode(OTHER)).hexdigest()}"),
        (idx.encode(OTHER), f"expected was {FILE.sha256}"),
    ],
)
def test_of_any_other_file_is_said_what_it_is(tmp_path, content, said):
    path = tmp_path / "some-images"
    path.write_bytes(content)
    with pytest.raises(CorruptFile) as caught:
        files.read(path, FILE)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=f"^{tmp_path}/gone: cannot be read: No such file"):
        files.read(tmp_path / "gone", FILE)
    with pytest.raises(UnreadableFile, match=f"^{tmp_path}: cannot be read: Is a directory"):
        files.read(tmp_path, FILE)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "made" / "on the way" / "file"
    files.write(b"first", path)
    files.write(b"second", path)
    assert path.read_bytes() == b"second"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["file"]
    with pytest.raises(TypeError):
        files.write("not bytes", path)
    assert path.read_bytes() == b"second"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("array", [np.zeros(3), np.uint8(3)[...], np.zeros(3, np.int8)])
def test_only_arrays_of_unsigned_bytes_are_encoded(array):
    with pytest.raises(ValueError, match="array of uint8"):
        idx.encode(array)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry.name)
def test_the_catalogue_is_complete(entry):
    assert len(entry.class_names) == 10
    assert len({file.sha256 for file in entry.files}) == 4
    assert all(len(file.sha256) == 64 for file in entry.files)
    assert [file.shape for file in entry.files] == [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]
    assert len(entry.mirrors) >= 2
    assert all(mirror.endswith("/") for mirror in entry.mirrors)
    assert entry.mirrors[0].startswith("https://")
