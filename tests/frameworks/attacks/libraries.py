"""What attacks on networks cannot be graded without."""

import importlib.util

import pytest

LIBRARIES = ("torch", "torchvision", "tensorflow", "keras", "h5py", "matplotlib")


def need_libraries() -> None:
    """Skip the module that calls this where one is missing.

    Workers import them; here that would take as long as some of the attacks.
    """
    for library in LIBRARIES:
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"there is no {library}", allow_module_level=True)
