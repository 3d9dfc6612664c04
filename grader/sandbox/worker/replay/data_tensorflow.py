"""The given images as TensorFlow's own loaders hand them out: ``tensorflow_datasets``, and the reader of the tutorial
that came with TensorFlow 1."""

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from grader.sandbox.worker.replay.data import ORIGINAL_SIZES, Arrays, GivenData
from grader.sandbox.worker.replay.stand_ins import put, spec


def install(data: GivenData) -> None:
    """Put both modules where ``import`` finds them. TensorFlow has been imported."""
    _install_tutorial(data)
    _install_datasets(data)


class _TutorialSet:
    """Images (N, 784), float32 from 0 to 1, and labels, with ``next_batch``."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images, self.labels = images, labels
        self.num_examples = len(images)
        self.epochs_completed = 0
        self._next = 0

    def next_batch(self, batch_size: int, *_others: object, **_options: object) -> Any:
        """Return the next images and labels, from the beginning again after the last."""
        if self._next + batch_size > self.num_examples:
            self.epochs_completed += 1
            self._next = 0
        rows = slice(self._next, self._next + batch_size)
        self._next += batch_size
        return self.images[rows], self.labels[rows]


def _install_tutorial(data: GivenData) -> None:
    def read_data_sets(
        train_dir: object = "", *_others: object, one_hot: bool = False, reshape: bool = True,
        validation_size: int = 5000, source_url: str = "", **_options: object,
    ) -> Any:  # fmt: skip
        is_fashion = "fashion" in f"{train_dir} {source_url}".lower()
        arrays = data.arrays("fashion_mnist" if is_fashion else "mnist")

        def made(images: np.ndarray, labels: np.ndarray) -> _TutorialSet:
            scaled = images.astype(np.float32) / np.float32(255)
            shaped = scaled.reshape(len(scaled), 784) if reshape else scaled[..., None]
            return _TutorialSet(shaped, np.eye(10)[labels] if one_hot else labels)

        images, labels = arrays["train_images"], arrays["train_labels"]
        return SimpleNamespace(
            train=made(images[validation_size:], labels[validation_size:]),
            validation=made(images[:validation_size], labels[:validation_size]),
            test=made(arrays["test_images"], arrays["test_labels"]),
        )

    package = "tensorflow.examples"
    for name in (package, f"{package}.tutorials", f"{package}.tutorials.mnist"):
        module = ModuleType(name)
        vars(module).update(__path__=[], __spec__=spec(name))
        put(module)
    module = ModuleType(f"{package}.tutorials.mnist.input_data")
    vars(module).update(read_data_sets=read_data_sets, __spec__=spec(module.__name__))
    put(module)


def _install_datasets(data: GivenData) -> None:
    import tensorflow as tf

    def part_of(arrays: Arrays, split: str, as_supervised: bool) -> Any:
        name, _, rest = split.partition("[")
        images, labels = arrays[f"{name}_images"][..., None], arrays[f"{name}_labels"].astype(np.int64)
        low, _, high = rest.rstrip("]").partition(":")
        rows = slice(_place(low, len(images)), _place(high, len(images)))
        images, labels = images[rows], labels[rows]
        return tf.data.Dataset.from_tensor_slices(
            (images, labels) if as_supervised else {"image": images, "label": labels}
        )

    def load(
        name: str, split: Any = None, *_arguments: Any, as_supervised: bool = False, batch_size: int | None = None,
        with_info: bool = False, **_options: Any,
    ) -> Any:  # fmt: skip
        arrays = data.arrays(str(name).partition(":")[0])

        def one(wanted: str) -> Any:
            found = part_of(arrays, wanted, as_supervised)
            if batch_size is None:
                return found
            return found.batch(len(arrays["train_images"]) if batch_size == -1 else batch_size)

        if split is None:
            result: Any = {wanted: one(wanted) for wanted in ("train", "test")}
        elif isinstance(split, (list, tuple)):
            result = [one(str(wanted)) for wanted in split]
        else:
            result = one(str(split))
        if batch_size == -1:
            result = tf.nest.map_structure(lambda found: next(iter(found)), result)
        sizes = {key: SimpleNamespace(num_examples=size) for key, size in ORIGINAL_SIZES.items()}
        classes = SimpleNamespace(num_classes=10, names=[str(n) for n in range(10)])
        info = SimpleNamespace(
            splits=sizes, features={"label": classes, "image": SimpleNamespace(shape=(28, 28, 1))}, name=name
        )
        return (result, info) if with_info else result

    def as_numpy(found: Any) -> Any:
        if isinstance(found, tf.data.Dataset):
            return found.as_numpy_iterator()
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), found)

    module = ModuleType("tensorflow_datasets")
    nothing = SimpleNamespace(disable_progress_bar=lambda: None, set_verbosity=lambda *_: None)
    vars(module).update(
        load=load, as_numpy=as_numpy, disable_progress_bar=lambda: None, logging=nothing, core=nothing,
        __spec__=spec("tensorflow_datasets"),
    )  # fmt: skip
    put(module)


def _place(text: str, length: int) -> int | None:
    if not text:
        return None
    return int(float(text[:-1]) / 100 * length) if text.endswith("%") else int(text)
