"""The embedded subset is what its README says, and comes out of the full data again."""

import hashlib
import io
import zipfile
import zlib

import numpy as np
import pytest

from grader.data import files, idx, subset
from grader.data.catalogue import ENTRIES
from grader.data.errors import DataError
from grader.data.find import find
from grader.data.load import load

# as published: torchvision and others check the unpacked files by these
MD5_OF_MNIST = [
    "6bbc9ace898e44ae57da46a324031adb",
    "a25bea736e30d166cdddb491f175f624",
    "2646ac647ad5339dbf082846283269ea",
    "27ae3e4e09519cfbb04c329615203637",
]


@pytest.fixture(params=ENTRIES.values(), ids=lambda entry: entry.name)
def entry(request):
    return request.param


@pytest.fixture
def full(entry, tmp_path, monkeypatch):
    """The entry, where its full files are on this machine; what loading leaves is left elsewhere."""
    try:
        found = find(entry)
    except DataError as error:
        pytest.skip(f"needs the full data: {str(error).partition(' Looked')[0]}")
    monkeypatch.setenv("GRADER_DATA", str(found.place.folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return entry


def test_the_subset_is_drawn_again_to_the_last_byte(full):
    drawn = subset.draw(full)
    embedded, digest = subset.read(full)
    assert [a.tobytes() for a in drawn] == [a.tobytes() for a in embedded]
    assert subset.digest(drawn) == digest


@pytest.mark.skipif("ng" in zlib.ZLIB_RUNTIME_VERSION, reason="zlib-ng compresses differently")
def test_the_embedded_file_is_made_again_to_the_last_byte(entry):
    assert subset.pack(subset.read(entry)[0]) == (subset.FOLDER / f"{entry.name}.npz").read_bytes()


def test_the_full_data_is_the_published_one(full):
    data = load(full.name, "full")
    assert data.digest == load(full.name, "full").digest
    assert np.bincount(data.test_labels).sum() == 10_000
    if full.name == "mnist":
        contents = [files.read(path, file) for path, file in zip(find(full).paths, full.files, strict=True)]
        encoded = map(idx.encode, contents)
        assert [hashlib.md5(content).hexdigest() for content in encoded] == MD5_OF_MNIST
        assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    else:
        assert data.train_labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
        assert np.bincount(data.train_labels).tolist() == [6_000] * 10


def test_every_class_is_as_frequent_as_in_the_full_data(full):
    all_of_it, part = load(full.name, "full"), load(full.name)
    for labels, chosen in ((all_of_it.train_labels, part.train_labels), (all_of_it.test_labels, part.test_labels)):
        ideal = np.bincount(labels) * len(chosen) / len(labels)
        assert np.abs(np.bincount(chosen) - ideal).max() < 1


@pytest.mark.parametrize(
    ("sizes", "count", "shares"),
    [
        ([10, 10, 10], 6, [2, 2, 2]),
        ([10, 10, 10], 7, [3, 2, 2]),
        ([1, 9, 90], 10, [0, 1, 9]),
        ([1, 14, 85], 10, [0, 1, 9]),
        ([3, 4, 3], 10, [3, 4, 3]),
        ([3, 4, 3], 0, [0, 0, 0]),
    ],
)
def test_shares_are_rounded_to_the_largest_remainder(sizes, count, shares):
    labels = np.repeat(np.arange(3, dtype=np.uint8), sizes)
    chosen = subset.chosen(labels, count, "key")
    assert np.bincount(labels[chosen], minlength=3).tolist() == shares
    assert chosen.tolist() == sorted(set(chosen.tolist()))


def test_the_draw_is_the_one_that_the_readme_describes():
    labels = np.zeros(100, np.uint8)
    by_digest = sorted(range(100), key=lambda i: hashlib.sha256(f"1/mnist/train/{i}".encode()).hexdigest())
    assert subset.chosen(labels, 7, "1/mnist/train").tolist() == sorted(by_digest[:7])
    assert subset.SEED == 1
    assert subset.chosen(labels, 7, "2/mnist/train").tolist() != sorted(by_digest[:7])


def test_an_archive_does_not_depend_on_the_clock():
    arrays = tuple(np.random.default_rng(3).integers(0, 9, (4, 2), np.uint8) for _ in range(4))
    with zipfile.ZipFile(io.BytesIO(subset.pack(arrays))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [member.filename for member in archive.infolist()] == [f"{name}.npy" for name in subset.MEMBERS]


def test_licences_lie_beside_the_data(entry):
    text = (subset.FOLDER / f"LICENSE-{entry.name}.txt").read_text("utf-8")
    holder = "2017 Zalando SE" if entry.name == "fashion-mnist" else "Yann LeCun and Corinna Cortes"
    assert holder in text
    assert holder in entry.licence


def test_the_embedded_data_stays_small():
    assert sum(path.stat().st_size for path in subset.FOLDER.iterdir()) < 5 * 2**20
