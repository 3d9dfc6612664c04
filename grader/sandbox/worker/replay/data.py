"""The given images, handed out in the place of downloads.

``import``-ed loaders of both frameworks are replaced by functions that return the arrays the session sent, with the
shapes and types of the originals. Where the session has a part of a data set only, its rows are repeated up to the
original's size, so that a split at 50,000 is still one.
"""

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import Log

ORIGINAL_SIZES = {"train": 60_000, "test": 10_000}
NAMES = {"mnist": "mnist", "fashion-mnist": "fashion_mnist"}
"""The session's name of each data set, and Python's."""

Arrays = dict[str, np.ndarray]


class NoDataError(RuntimeError):
    """A data set that the grader does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the grader has no copy of {name}, and a replay has no network")


class GivenData:
    """The data sets that were sent, each grown to its original size when it is first asked for."""

    def __init__(self, sent: dict[str, Arrays], log: Log) -> None:
        """``sent`` has ``train_images`` (N, 28, 28) uint8, ``train_labels`` (N,) uint8 and the same for ``test``, by
        the names of :data:`NAMES`."""
        self.sent = sent
        self._log = log
        self._grown: dict[str, Arrays] = {}

    def arrays(self, name: str) -> Arrays:
        """Return one data set; the arrays are copies that may be changed.

        Raises:
            NoDataError: it was not sent.
        """
        if name not in self.sent:
            self._log.note("no-data", f"{name} is not among the grader's data")
            raise NoDataError(name)
        if name not in self._grown:
            self._grown[name] = {key: _grown(key, array) for key, array in self.sent[name].items()}
            distinct = len(self.sent[name]["train_images"])
            if distinct < ORIGINAL_SIZES["train"]:
                what = f"{name} has {distinct:,} different training images here, repeated to 60,000"
                self._log.note("repeated-data", what)
            else:
                self._log.note("data", f"{name} comes from the grader")
        return {key: array.copy() for key, array in self._grown[name].items()}


def _grown(key: str, array: np.ndarray) -> np.ndarray:
    size = ORIGINAL_SIZES[key.partition("_")[0]]
    return array if len(array) >= size else np.resize(array, (size, *array.shape[1:]))


def install(data: GivenData) -> None:
    """Replace the loaders of what has been imported, and put the others where ``import`` finds them."""
    if "keras" in sys.modules:
        _install_keras(data)
    if "torchvision" in sys.modules:
        _install_torchvision(data)
    if "sklearn.datasets" in sys.modules:
        _install_openml(data)
    if "tensorflow" in sys.modules:
        from grader.sandbox.worker.replay import data_tensorflow

        data_tensorflow.install(data)


# --- Keras ------------------------------------------------------------------------------------------------------------


def _install_keras(data: GivenData) -> None:
    places = ("keras.datasets", "keras._tf_keras.keras.datasets", "tensorflow.keras.datasets")
    for place in places:
        package = sys.modules.get(place)
        if package is None:
            continue
        for name in ("mnist", "fashion_mnist", "cifar10", "cifar100", "imdb", "boston_housing", "california_housing"):
            module = getattr(package, name, None)
            if module is not None:
                module.load_data = _keras_loader(data, name)


def _keras_loader(data: GivenData, name: str) -> Any:
    def load_data(*_arguments: Any, **_options: Any) -> Any:
        arrays = data.arrays(name)
        return (arrays["train_images"], arrays["train_labels"]), (arrays["test_images"], arrays["test_labels"])

    return load_data


# --- torchvision ------------------------------------------------------------------------------------------------------


def _install_torchvision(data: GivenData) -> None:
    import torch
    from torchvision import datasets

    known = {"MNIST": "mnist", "FashionMNIST": "fashion_mnist"}

    def load(dataset: Any) -> tuple[Any, Any]:
        arrays = data.arrays(known.get(type(dataset).__name__) or _known_base(dataset, known))
        part = "train" if dataset.train else "test"
        return torch.from_numpy(arrays[f"{part}_images"]), torch.from_numpy(arrays[f"{part}_labels"]).long()

    datasets.MNIST._load_data = load
    datasets.MNIST._check_exists = lambda _dataset: True
    datasets.MNIST._check_legacy_exist = lambda _dataset: False
    datasets.MNIST.download = lambda _dataset: None


def _known_base(dataset: Any, known: dict[str, str]) -> str:
    bases = [base.__name__ for base in type(dataset).__mro__ if base.__module__.startswith("torchvision")]
    return known.get(bases[0], bases[0]) if bases else type(dataset).__name__


# --- scikit-learn's way to OpenML -------------------------------------------------------------------------------------


def _install_openml(data: GivenData) -> None:
    from sklearn import datasets

    known = {"mnist_784": "mnist", "fashion-mnist": "fashion_mnist"}

    def fetch_openml(
        name: str = "", *_arguments: Any, as_frame: Any = "auto", return_X_y: bool = False, **_options: Any
    ) -> Any:
        arrays = data.arrays(known.get(str(name).lower(), str(name)))
        images = np.concatenate([arrays["train_images"], arrays["test_images"]]).reshape(-1, 784)
        labels = np.concatenate([arrays["train_labels"], arrays["test_labels"]]).astype(str).astype(object)
        given: Any = images.astype(np.int64)
        if as_frame is not False:
            import pandas

            given = pandas.DataFrame(given, columns=[f"pixel{n}" for n in range(1, 785)])
            labels = pandas.Series(labels, name="class", dtype="category")
        return (given, labels) if return_X_y else SimpleNamespace(data=given, target=labels, frame=None)

    datasets.fetch_openml = fetch_openml
