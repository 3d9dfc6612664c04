"""Loading a file of trained weights into a network that has been built.

Nothing is unpickled but what PyTorch itself calls safe, and nothing of a Keras file is run. A network whose file
cannot be used keeps the weights that it had.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.sandbox.worker.operations.live import Live
from grader.sandbox.worker.operations.weight_files import MAX_NAMED, UnusableFile
from grader.sandbox.worker.operations.workbench import Workbench

MAX_MESSAGE = 300
FRAMEWORKS = {"torch": "PyTorch", "keras": "Keras"}


def load_weights(bench: Workbench, handle: str, path: str) -> dict[str, Any]:
    """Load the delivered file ``path`` into a network.

    Returns:
        A mapping: ``problem``, empty or a clause about the file that says why it cannot be used, and ``details``, a
        tuple of lines that say more.
    """
    live = bench.network(handle)
    file = bench.root / path
    before = [(weight.native, live.read(weight.native)) for weight in live.weights()]
    try:
        _load(live, file)
        _check_finite(live)
    except MemoryError:
        raise
    except Exception as error:
        for native, values in before:
            live.assign(native, values)
        if isinstance(error, UnusableFile):
            return {"problem": str(error), "details": error.details}
        message = str(error).replace(f"{bench.root}/", "")
        return {"problem": f"{type(error).__name__}: {message[:MAX_MESSAGE]}", "details": ()}
    return {"problem": "", "details": ()}


def _load(live: Live, file: Path) -> None:
    if not file.stat().st_size:
        raise UnusableFile("it is empty")
    loaders = _loaders(live.framework)
    for suffixes, load in loaders.items():
        if file.name.endswith(suffixes):
            load(live, file)
            return
    known = ", ".join(suffix for suffixes in loaders for suffix in suffixes)
    network = FRAMEWORKS[live.framework]
    raise UnusableFile(f"the network was built with {network}, whose weights are read from {known}")


def _loaders(framework: str) -> Mapping[tuple[str, ...], Callable[[Any, Path], None]]:
    if framework == "torch":
        from grader.sandbox.worker.operations import weights_torch

        return weights_torch.LOADERS
    from grader.sandbox.worker.operations import weights_keras

    return weights_keras.LOADERS


def _check_finite(live: Live) -> None:
    wrong = [weight.name for weight in live.weights() if not np.isfinite(live.read(weight.native)).all()]
    if wrong:
        raise UnusableFile("it holds values that are not numbers (NaN or infinite)", (", ".join(wrong[:MAX_NAMED]),))
