"""Where data is looked for, in which order, and what is said where it is not; and the one function that others call."""

import gzip
import hashlib

import msgspec
import numpy as np
import pytest

from grader.data import idx, subset
from grader.data.catalogue import ENTRIES, MNIST, File
from grader.data.errors import CorruptFile, DataNotFound, UnreadableFile
from grader.data.find import cache_folder, find
from grader.data.load import load

RNG = np.random.default_rng(2)
SHAPES = [(30, 28, 28), (30,), (10, 28, 28), (10,)]
ARRAYS = tuple(RNG.integers(0, 10, shape, np.uint8) for shape in SHAPES)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A data set in the place of MNIST with 30 + 10 images; nothing of it is anywhere yet."""
    monkeypatch.delenv("GRADER_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files = tuple(
        File(file.name, array.shape, hashlib.sha256(idx.encode(array)).hexdigest())
        for file, array in zip(MNIST.files, ARRAYS, strict=True)
    )
    entry = msgspec.structs.replace(MNIST, files=files, packaged_in=str(tmp_path / "system"))
    monkeypatch.setitem(ENTRIES, "mnist", entry)
    return entry


def put(entry, folder, packed=False):
    folder.mkdir(parents=True, exist_ok=True)
    for file, array in zip(entry.files, ARRAYS, strict=True):
        content = idx.encode(array)
        path = folder / (f"{file.name}.gz" if packed else file.name)
        path.write_bytes(gzip.compress(content) if packed else content)
    return folder


def loaded():
    data = load("mnist", "full")
    arrays = data.train_images, data.train_labels, data.test_images, data.test_labels
    assert all(np.array_equal(a, b) for a, b in zip(arrays, ARRAYS, strict=True))
    assert not any(array.flags.writeable for array in arrays)
    return data


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "packed"])
@pytest.mark.parametrize("sub_folder", ["mnist", "."])
def test_the_variable_names_the_folder_above_or_the_folder_itself(small, tmp_path, monkeypatch, packed, sub_folder):
    folder = put(small, tmp_path / "mine" / sub_folder, packed)
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "mine"))
    assert find(small).place.folder == folder
    assert find(small).place.title == "$GRADER_DATA"
    loaded()


def test_the_places_are_looked_in_in_their_order(small, tmp_path, monkeypatch):
    put(small, tmp_path / "system", packed=True)
    assert find(small).place.title == "system package"
    put(small, cache_folder(small))
    assert find(small).place.title == "user cache"
    put(small, tmp_path / "mine")
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "mine"))
    assert find(small).place.title == "$GRADER_DATA"


def test_an_unpacked_file_is_preferred_to_a_packed_one(small, tmp_path):
    put(small, tmp_path / "system", packed=True)
    put(small, tmp_path / "system", packed=False)
    assert [path.name for path in find(small).paths] == [file.name for file in small.files]


def test_files_of_another_data_set_under_the_same_names_are_passed_over(small, tmp_path, monkeypatch):
    put(small, tmp_path / "mine")
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "mine"))
    fashion = ENTRIES["fashion-mnist"]
    with pytest.raises(DataNotFound) as caught:
        find(msgspec.structs.replace(fashion, packaged_in=""))
    assert f"$GRADER_DATA: {tmp_path}/mine: another data set's files" in str(caught.value)


def test_where_nothing_is_found_it_says_where_it_looked_and_what_to_do(small, tmp_path, monkeypatch):
    with pytest.raises(DataNotFound) as caught:
        load("mnist", "full")
    text = str(caught.value)
    assert "$GRADER_DATA: not set" in text
    assert f"user cache: {tmp_path}/cache/grader/data/mnist: no such folder" in text
    assert f"system package: {tmp_path}/system: no such folder" in text
    assert "grader data fetch mnist" in text
    assert "t10k-labels-idx1-ubyte" in text
    (tmp_path / "system").mkdir()
    (put(small, tmp_path / "mine") / "t10k-labels-idx1-ubyte").unlink()
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "mine"))
    with pytest.raises(DataNotFound) as caught:
        load("mnist", "full")
    text = str(caught.value)
    assert f"$GRADER_DATA: {tmp_path}/mine/mnist: no such folder" in text
    assert f"$GRADER_DATA: {tmp_path}/mine: t10k-labels-idx1-ubyte missing (1 of 4 files)" in text
    assert f"system package: {tmp_path}/system: none of the four files" in text


def test_a_folder_that_is_a_file_is_said(small, tmp_path, monkeypatch):
    (tmp_path / "mine").write_text("")
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "mine"))
    with pytest.raises(DataNotFound, match=f"GRADER_DATA: {tmp_path}/mine: Not a directory"):
        load("mnist", "full")


def test_packed_files_leave_an_unpacked_copy_that_the_next_load_uses(small, tmp_path, monkeypatch):
    folder = put(small, tmp_path / "mine", packed=True)
    monkeypatch.setenv("GRADER_DATA", str(folder))
    first = loaded()
    copies = sorted(path.name for path in cache_folder(small).iterdir())
    assert copies == sorted(file.name for file in small.files)
    for path in folder.iterdir():
        path.write_bytes(b"no longer read")
    assert loaded().digest == first.digest


def test_a_damaged_copy_is_made_again(small, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_DATA", str(put(small, tmp_path / "mine", packed=True)))
    loaded()
    copy = cache_folder(small) / small.files[0].name
    whole = copy.read_bytes()
    copy.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    loaded()
    assert copy.read_bytes() == whole


@pytest.mark.parametrize("unwritable", ["/sys", "/proc/self", "a file"])
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(small, tmp_path, monkeypatch, unwritable):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / unwritable))
    monkeypatch.setenv("GRADER_DATA", str(put(small, tmp_path / "mine", packed=True)))
    loaded()
    loaded()


def test_a_damaged_file_is_an_error_that_names_it(small, tmp_path, monkeypatch):
    folder = put(small, tmp_path / "mine")
    monkeypatch.setenv("GRADER_DATA", str(folder))
    path = folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(CorruptFile, match=f"^{path}: cut off or damaged: .* 30 bytes, and 27 follow"):
        load("mnist", "full")


def test_the_description_and_the_digest_do_not_depend_on_the_place(small, tmp_path, monkeypatch):
    put(small, tmp_path / "system", packed=True)
    first = loaded()
    monkeypatch.setenv("GRADER_DATA", str(put(small, tmp_path / "mine")))
    second = loaded()
    assert first.description == second.description == "mnist, full data: 30 + 10 images"
    assert first.digest == second.digest == subset.digest(ARRAYS)


def test_a_name_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no data set 'cifar'; there are: mnist, fashion-mnist"):
        load("cifar")
    with pytest.raises(ValueError, match="no source 'half'; there are: subset, full"):
        load("mnist", "half")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_embedded_subset_needs_nothing_else(name, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "gone"))
    monkeypatch.setenv("XDG_CACHE_HOME", "/sys")
    data = load(name)
    assert (data.name, data.source) == (name, "subset")
    assert data.description == f"{name}, embedded subset: 6,000 + 1,000 images"
    assert data.train_images.shape == (6_000, 28, 28)
    assert data.test_images.shape == (1_000, 28, 28)
    assert len(data.class_names) == 10
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        assert array.dtype == np.uint8
        assert not array.flags.writeable
    assert data.digest == load(name).digest != load("mnist" if name != "mnist" else "fashion-mnist").digest


@pytest.mark.parametrize("missing", ["mnist.npz", "SHA256SUMS"])
def test_an_embedded_file_that_is_gone_says_so(tmp_path, missing):
    for name in {"mnist.npz", "SHA256SUMS"} - {missing}:
        (tmp_path / name).write_bytes((subset.FOLDER / name).read_bytes())
    with pytest.raises(UnreadableFile, match=f"{missing}: cannot be read: No such file .* install that again"):
        subset.read(MNIST, tmp_path)


def test_an_embedded_file_that_is_damaged_says_so(tmp_path):
    content = bytearray((subset.FOLDER / "mnist.npz").read_bytes())
    content[1000] ^= 1
    (tmp_path / "mnist.npz").write_bytes(content)
    (tmp_path / "SHA256SUMS").write_bytes((subset.FOLDER / "SHA256SUMS").read_bytes())
    with pytest.raises(CorruptFile, match=r"mnist\.npz: damaged: its SHA-256 is .* install that again"):
        subset.read(MNIST, tmp_path)
