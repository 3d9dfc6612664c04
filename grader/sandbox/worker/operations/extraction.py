"""Handing a student's network to a function of the student."""

from typing import Any

from grader.sandbox.worker.operations.workbench import Workbench


def call_with_network(bench: Workbench, handle: str, path: str, name: str) -> Any:
    """Return what the function ``name`` of the loaded file ``path`` makes of the network kept under ``handle``."""
    model = bench.network(handle).model
    bench.path = path
    return bench.loader.named(path, name)(model)
