"""What the trusted side must know of a framework to train with it. Nothing here imports one before it is used."""

import importlib.metadata
import sys
from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np

FrameworkName: TypeAlias = Literal["torch", "keras"]


class Framework(Protocol):
    """One framework. ``title`` is its name for people, ``packages`` those that must be installed, and recorded."""

    name: FrameworkName
    title: str
    packages: tuple[str, ...]
    checkpoint_suffix: str

    def environment(self, threads: int) -> Mapping[str, str]:
        """Return environment variables to start a process with that trains in ``threads`` threads."""

    def place(self, network: Any) -> Any:
        """Return ``network`` on the device that it is to be trained on."""

    def device(self) -> str:
        """Return what this process trains on: ``"CPU"`` or the name of a GPU."""

    def parameters(self, network: Any) -> int:
        """Return how many numbers ``network`` keeps, trained or not."""

    def arrays(self, network: Any) -> list[np.ndarray]:
        """Return copies of these numbers in the framework's own order and layout."""


class Torch:
    """PyTorch."""

    name: FrameworkName = "torch"
    title = "PyTorch"
    packages: tuple[str, ...] = ("torch",)
    checkpoint_suffix = ".pt"

    def environment(self, threads: int) -> Mapping[str, str]:
        """Return environment variables to start a process with that trains in ``threads`` threads."""
        return {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}

    def place(self, network: Any) -> Any:
        """Return ``network`` on the first GPU, if there is one."""
        import torch

        return network.to("cuda" if torch.cuda.is_available() else "cpu")

    def device(self) -> str:
        """Return what this process trains on."""
        torch = sys.modules.get("torch")  # what was not imported did not use a GPU
        if torch is None or not torch.cuda.is_available():
            return "CPU"
        return str(torch.cuda.get_device_name(0))

    def parameters(self, network: Any) -> int:
        """Return how many numbers ``network`` keeps; batch norm's count of batches is not one of them."""
        return sum(array.size for array in self.arrays(network))

    def arrays(self, network: Any) -> list[np.ndarray]:
        """Return copies of the floating-point entries of the state dict, in its order."""
        return [t.detach().cpu().numpy().copy() for t in network.state_dict().values() if t.is_floating_point()]


class Keras:
    """Keras 3 on TensorFlow."""

    name: FrameworkName = "keras"
    title = "Keras"
    packages: tuple[str, ...] = ("keras", "tensorflow")
    checkpoint_suffix = ".weights.h5"

    def environment(self, threads: int) -> Mapping[str, str]:
        """Return environment variables to start a process with that trains in ``threads`` threads."""
        return {
            "KERAS_BACKEND": "tensorflow",
            "OMP_NUM_THREADS": str(threads),
            "TF_NUM_INTRAOP_THREADS": str(threads),
            "TF_NUM_INTEROP_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # or the first process takes all of the GPU's memory
        }

    def place(self, network: Any) -> Any:
        """Return ``network``: TensorFlow has chosen the device when it was built."""
        return network

    def device(self) -> str:
        """Return what this process trains on."""
        tensorflow = sys.modules.get("tensorflow")
        gpus = [] if tensorflow is None else tensorflow.config.list_physical_devices("GPU")
        if tensorflow is None or not gpus:
            return "CPU"
        return str(tensorflow.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU"))

    def parameters(self, network: Any) -> int:
        """Return how many numbers ``network`` keeps, trained or not."""
        return int(network.count_params())

    def arrays(self, network: Any) -> list[np.ndarray]:
        """Return ``network.get_weights()``."""
        return list(network.get_weights())


FRAMEWORKS: dict[FrameworkName, Framework] = {"torch": Torch(), "keras": Keras()}


def versions(framework: Framework) -> dict[str, str]:
    """Return the version of each of the framework's packages, without importing them.

    Raises:
        FrameworkMissing: one is not installed.
    """
    try:
        return {package: importlib.metadata.version(package) for package in framework.packages}
    except importlib.metadata.PackageNotFoundError as error:
        raise FrameworkMissing(
            f"{framework.title} is not installed here: there is no package '{error.name}'. "
            f"Install it with: python -m pip install 'grader[{framework.name}]'"
        ) from None


class FrameworkMissing(Exception):
    """A framework is not installed. The text says which, and what to do."""
