"""Modules that a notebook may import and that are not here: Colab, progress bars, widgets, dashboards, summaries.

What stands for them does nothing, except that progress bars hand on what they are given. Modules that are installed
are used as they are, except for the progress bars, whose drawing would fill the record.
"""

import importlib.util
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from grader.sandbox.worker.recorder.log import Log

QUIET = (
    "google.colab", "google.colab.drive", "google.colab.files", "google.colab.output", "google.colab.patches",
    "ipywidgets", "wandb", "mlflow", "livelossplot", "gdown", "kaggle", "comet_ml", "visdom", "torchviz", "netron",
    "hiddenlayer", "tensorboardX",
)  # fmt: skip
"""Modules of which everything is answered with nothing, unless they are installed."""


def install(log: Log) -> None:
    """Put the stand-ins where ``import`` finds them."""
    for name in QUIET:
        if not _is_there(name):
            put(_QuietModule(name, log))
    for name in ("tqdm", "tqdm.auto", "tqdm.notebook", "tqdm.autonotebook", "tqdm.std"):
        module = ModuleType(name)
        vars(module).update(
            tqdm=Bar, trange=_trange, tqdm_notebook=Bar, tnrange=_trange, __path__=[], __spec__=spec(name)
        )
        put(module)
    for name in ("torchsummary", "torchinfo"):
        if not _is_there(name):
            module = ModuleType(name)
            vars(module).update(summary=_summary, __spec__=spec(name))
            put(module)


class Bar:
    """A progress bar that shows nothing."""

    def __init__(self, iterable: Iterable[Any] | None = None, *_arguments: Any, **options: Any) -> None:
        self.iterable = iterable
        self.total = options.get("total")
        self.n = 0

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable if self.iterable is not None else ())

    def __len__(self) -> int:
        return len(self.iterable)  # type: ignore[arg-type]

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing

    @staticmethod
    def write(line: object, *_arguments: object, **_options: object) -> None:
        """Print a line, as a bar does above itself."""
        print(line)


def _trange(*numbers: int, **options: Any) -> Bar:
    return Bar(range(*numbers), **options)


def _nothing(*_arguments: object, **_options: object) -> None:
    """Take the place of what a bar or a widget does."""


class _Quiet:
    """Answers every call and attribute with itself."""

    def __repr__(self) -> str:
        return "(not run)"

    def __call__(self, *_arguments: object, **_options: object) -> "_Quiet":
        return self

    def __getattr__(self, name: str) -> "_Quiet":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: object) -> "_Quiet":
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> "_Quiet":
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing."""


class _QuietModule(ModuleType):
    """A module of which everything is there and nothing happens."""

    def __init__(self, name: str, log: Log) -> None:
        super().__init__(name)
        self.__dict__["_log"] = log
        self.__path__: list[str] = []
        self.__spec__ = spec(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__["_log"].note("not-run", f"{self.__name__}.{name}")
        return _Quiet()


class _Summary:
    """What a summary of a model's parameters says."""

    def __init__(self, total: int, trained: int, text: str) -> None:
        self.total_params, self.trainable_params = total, trained
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _summary(model: Any, *_arguments: object, **options: object) -> _Summary:
    parameters = list(model.parameters())
    total = sum(parameter.numel() for parameter in parameters)
    trained = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    counts = f"Total params: {total:,}\nTrainable params: {trained:,}\nNon-trainable params: {total - trained:,}"
    if options.get("verbose") != 0:
        print(model, counts, sep="\n")
    return _Summary(total, trained, counts)


def spec(name: str) -> Any:
    """Return what a module needs so that ``import`` takes it for one."""
    from importlib.machinery import ModuleSpec

    return ModuleSpec(name, None, is_package=True)


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def put(module: ModuleType) -> None:
    """Put ``module`` where ``import`` finds it, under its package if that is there."""
    sys.modules[module.__name__] = module
    package, _, name = module.__name__.rpartition(".")
    if package in sys.modules:
        setattr(sys.modules[package], name, module)
    elif package:
        parent = ModuleType(package)
        parent.__path__ = []
        setattr(parent, name, module)
        sys.modules[package] = parent
