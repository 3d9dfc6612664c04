"""Spellings of Keras 2 and of TensorFlow 1's Keras that Keras 3 refuses, led to what they are called today.

Each use becomes a note of the cell. What a spelling meant is kept: ``lr=0.01`` sets the learning rate. Where today's
Keras has nothing of the kind (``decay``, ``workers``) the argument is left out, and the note says so.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder.log import Log
from grader.sandbox.worker.recorder.patching import replace_everywhere, wrap
from grader.sandbox.worker.replay.stand_ins import put, spec

_OPTIMIZER_ARGUMENTS = {"lr": "learning_rate", "decay": None}
_FIT_ARGUMENTS: Mapping[str, str | None] = {
    "nb_epoch": "epochs", "samples_per_epoch": None, "nb_val_samples": "validation_steps", "max_q_size": None,
    "workers": None, "use_multiprocessing": None, "max_queue_size": None, "generator": "x",
}  # fmt: skip
_TENSORBOARD_ARGUMENTS: Mapping[str, str | None] = {
    "batch_size": None, "write_grads": None, "embeddings_layer_names": None, "embeddings_data": None,
}  # fmt: skip
_CHECKPOINT_ARGUMENTS: Mapping[str, str | None] = {"period": None}
_LAYER_ARGUMENTS: Mapping[str, str | None] = {
    "output_dim": "units", "nb_filter": "filters", "subsample": "strides", "border_mode": "padding",
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "dim_ordering": None, "weights": None,
    "input_length": None,
}  # fmt: skip
_METRICS = {
    "acc": "accuracy", "val_acc": "val_accuracy", "accuracy": "acc", "val_accuracy": "val_acc",
    "categorical_accuracy": "accuracy", "val_categorical_accuracy": "val_accuracy",
}  # fmt: skip


class OldKeras:
    """Installs the layer; every wrapped function says in a note what it changed."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._places: dict[str, str] = {}
        """Where weights lie that were to be saved under a name that is refused today."""

    def install(self) -> None:
        """Wrap what has changed. Comes after the recorder, so that the recorder sees today's spelling."""
        import keras

        for kind in _classes(keras.optimizers, keras.optimizers.Optimizer):
            self._rename(kind, "__init__", _OPTIMIZER_ARGUMENTS)
        self._rename(keras.callbacks.TensorBoard, "__init__", _TENSORBOARD_ARGUMENTS)
        self._rename(keras.callbacks.ModelCheckpoint, "__init__", _CHECKPOINT_ARGUMENTS)
        for kind in (keras.layers.Dense, keras.layers.Conv2D):
            self._rename(kind, "__init__", _LAYER_ARGUMENTS)
        for kind in (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D):
            self._default(kind, "pool_size", (2, 2))
        for name in ("fit", "evaluate", "predict"):
            self._rename(keras.Model, name, _FIT_ARGUMENTS)
        wrap(keras.Model, "fit", self._fit)
        wrap(keras.callbacks.ModelCheckpoint, "__init__", self._checkpoint)
        for name in ("save_weights", "load_weights", "save"):
            wrap(keras.Model, name, self._weights)
        replace_everywhere(keras.models.load_model, self._load_model)
        for kind in (keras.callbacks.EarlyStopping, keras.callbacks.ReduceLROnPlateau):
            wrap(kind, "__init__", self._monitor)
        self._add_methods(keras)
        self._add_modules(keras)

    # --- arguments ----------------------------------------------------------------------------------------------------

    def _rename(self, owner: Any, name: str, renamed: Mapping[str, str | None]) -> None:
        def method(original: Callable[..., Any], this: Any, *args: Any, **options: Any) -> Any:
            for old, new in renamed.items():
                if old not in options:
                    continue
                value = options.pop(old)
                where = owner.__name__ if name == "__init__" else name
                if new is None:
                    self._say(f"{where}({old}=…) is gone from Keras 3; it was left out")
                elif new not in options:
                    options[new] = value
                    self._say(f"{where}({old}=…) is called {new} in Keras 3")
            return original(this, *args, **options)

        wrap(owner, name, method)

    def _default(self, owner: Any, name: str, value: Any) -> None:
        def method(original: Callable[..., Any], this: Any, *args: Any, **options: Any) -> Any:
            if not args and name not in options:
                options[name] = value
                self._say(f"{owner.__name__}() without {name} meant {value} in Keras 2")
            return original(this, *args, **options)

        wrap(owner, "__init__", method)

    def _monitor(self, original: Callable[..., Any], this: Any, *args: Any, **options: Any) -> Any:
        if options.get("monitor") in ("acc", "val_acc"):
            self._say(f"{options['monitor']!r} is called {_METRICS[options['monitor']]!r} in Keras 3")
            options["monitor"] = _METRICS[options["monitor"]]
        return original(this, *args, **options)

    def _fit(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        history = original(model, *args, **options)
        if isinstance(getattr(history, "history", None), dict):
            history.history = OldNames(history.history, self._say)
        return history

    # --- files of weights ---------------------------------------------------------------------------------------------

    def _checkpoint(self, original: Callable[..., Any], this: Any, *args: Any, **options: Any) -> Any:
        path = str(args[0] if args else options.pop("filepath", ""))
        if options.get("monitor") in ("acc", "val_acc"):
            options["monitor"] = _METRICS[options["monitor"]]
            path = path.replace("{val_acc", "{val_accuracy").replace("{acc", "{accuracy")
        allowed = (".weights.h5",) if options.get("save_weights_only") else (".keras", ".h5")
        if path and not path.endswith(allowed):
            path = self._moved(path, allowed[0])
        original(this, path, *args[1:], **options)

    def _weights(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        path = str(args[0] if args else options.pop("filepath", ""))
        is_loading = original.__name__ == "load_weights"
        if original.__name__ == "save":
            path = path if path.endswith((".keras", ".h5", ".hdf5")) else self._moved(path, ".keras")
            options.pop("save_format", None)
        elif is_loading:
            path = self._found(path)
        elif not path.endswith(".weights.h5"):
            path = self._moved(path, ".weights.h5")
            options.pop("save_format", None)
        return original(model, path, *args[1:], **options)

    def _moved(self, path: str, ending: str) -> str:
        self._say(f"{path!r} is no name of a file of weights for Keras 3; it is kept as {path + ending!r}")
        self._places[path] = path + ending
        return path + ending

    def _found(self, path: str) -> str:
        """Return where the file lies that was to be called ``path``, whatever the name was made of."""
        for ending in (".weights.h5", ".keras"):
            if not Path(path).exists() and Path(path + ending).exists():
                return path + ending
        return path

    def _load_model(self, original: Callable[..., Any], filepath: Any, *args: Any, **options: Any) -> Any:
        return original(self._found(str(filepath)), *args, **options)

    # --- what is gone -------------------------------------------------------------------------------------------------

    def _add_methods(self, keras: Any) -> None:
        def predict_classes(model: Any, x: Any, batch_size: int = 32, verbose: Any = 0) -> Any:
            self._say("predict_classes is gone from Keras 3: argmax of predict")
            values = model.predict(x, batch_size=batch_size, verbose=verbose)
            return np.argmax(values, axis=-1) if values.shape[-1] > 1 else (values > 0.5).astype("int32")

        def predict_proba(model: Any, x: Any, batch_size: int = 32, verbose: Any = 0) -> Any:
            self._say("predict_proba is gone from Keras 3: predict")
            return model.predict(x, batch_size=batch_size, verbose=verbose)

        added = {"predict_classes": predict_classes, "predict_proba": predict_proba}
        for name in ("fit", "evaluate", "predict"):
            added[f"{name}_generator"] = self._generator_method(name)
        for name, method in added.items():
            if not hasattr(keras.Model, name):
                setattr(keras.Model, name, method)

    def _generator_method(self, name: str) -> Callable[..., Any]:
        def method(model: Any, x: Any, steps: int | None = None, *args: Any, **options: Any) -> Any:
            self._say(f"{name}_generator is gone from Keras 3: {name}")
            key = "steps_per_epoch" if name == "fit" else "steps"
            if steps is not None:
                options[key] = steps
            if name == "fit" and args:
                options["epochs"] = args[0]
            return getattr(model, name)(x, **options)

        return method

    def _add_modules(self, keras: Any) -> None:
        names = ("keras.utils.np_utils", "keras._tf_keras.keras.utils.np_utils", "tensorflow.keras.utils.np_utils")
        for name in names:
            module = ModuleType(name)
            vars(module).update(
                to_categorical=keras.utils.to_categorical, normalize=keras.utils.normalize, __spec__=spec(name)
            )
            if name.rpartition(".")[0] in sys.modules:
                put(module)
        for kind in ("utils", "_tf_keras.keras.utils"):
            if f"keras.{kind}" in sys.modules:
                vars(sys.modules[f"keras.{kind}"])["plot_model"] = self._plot_model
        legacy = sys.modules.get("keras._tf_keras.keras.preprocessing.image")
        if legacy is not None and not hasattr(keras.preprocessing.image, "ImageDataGenerator"):
            keras.preprocessing.image.ImageDataGenerator = legacy.ImageDataGenerator

    def _plot_model(self, *_arguments: Any, **_options: Any) -> None:
        self._log.note("not-run", "plot_model")

    # --- helpers ------------------------------------------------------------------------------------------------------

    def _say(self, what: str) -> None:
        self._log.note("old-spelling", what)


class OldNames(dict[str, Any]):
    """The figures of a training, which also answers to ``acc`` where Keras 3 says ``accuracy``, and the reverse."""

    def __init__(self, figures: dict[str, Any], say: Callable[[str], None]) -> None:
        super().__init__(figures)
        self._say = say

    def __missing__(self, key: str) -> Any:
        other = _METRICS.get(key)
        if other is None or other not in self:
            raise KeyError(key)
        self._say(f"history[{key!r}] is called {other!r} in Keras 3")
        return self[other]


def _classes(module: Any, base: type) -> list[Any]:
    found = {value for value in vars(module).values() if isinstance(value, type) and issubclass(value, base)}
    return sorted(found - {base}, key=lambda kind: kind.__name__)
