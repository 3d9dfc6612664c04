"""The data sets there are: their files, what identifies these, their licences, and who offers them.

A file is identified by the SHA-256 of its *unpacked* content. The packed files that mirrors and distributions offer
differ from each other (another gzip, another time stamp) while the content is the same to the last byte.
"""

import hashlib
from collections.abc import Iterable
from math import prod
from typing import Literal

import msgspec

DataSetName = Literal["mnist", "fashion-mnist"]


class File(msgspec.Struct, frozen=True):
    """One of a data set's four files, in the IDX format.

    Attributes:
        name: its usual name, without ``.gz``.
        shape: of the array of unsigned bytes in it.
        sha256: of its unpacked content, header included; 64 hexadecimal digits.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size_bytes(self) -> int:
        """Size of the unpacked file: 4 bytes, 4 for each dimension, one for each element."""
        return 4 + 4 * len(self.shape) + prod(self.shape)


class Entry(msgspec.Struct, frozen=True):
    """A data set.

    Attributes:
        name: as on the command line, and the name of its folder.
        class_names: what the labels 0, 1, … stand for.
        licence: one line, with the holder.
        files: training images, training labels, test images, test labels, in this order.
        mirrors: URLs, each with a slash at the end, below which the packed files lie.
        packaged_in: a folder where a distribution's package puts the files, or ``""``.
    """

    name: DataSetName
    class_names: tuple[str, ...]
    licence: str
    files: tuple[File, File, File, File]
    mirrors: tuple[str, ...]
    packaged_in: str = ""


MNIST = Entry(
    name="mnist",
    class_names=tuple("0123456789"),
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    files=(
        File(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        File(
            "train-labels-idx1-ubyte",
            (60_000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        File(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    # the original site asks scripts to stay away; these two are what PyTorch and TensorFlow use instead
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    licence="MIT, Copyright (c) 2017 Zalando SE",
    files=(
        File(
            "train-images-idx3-ubyte",
            (60_000, 28, 28),
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        File(
            "train-labels-idx1-ubyte",
            (60_000,),
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        File(
            "t10k-images-idx3-ubyte",
            (10_000, 28, 28),
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        File(
            "t10k-labels-idx1-ubyte",
            (10_000,),
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    # the second has no HTTPS; what arrives is checked by its SHA-256 either way
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    packaged_in="/usr/share/datasets/fashion-mnist",
)

ENTRIES: dict[str, Entry] = {entry.name: entry for entry in (MNIST, FASHION_MNIST)}


def digest(sha256_of_files: Iterable[str]) -> str:
    """Return what identifies four arrays together.

    Args:
        sha256_of_files: of the four arrays as IDX files, in the order of :attr:`Entry.files`.
    """
    return hashlib.sha256("\n".join(sha256_of_files).encode()).hexdigest()
