"""Where modules of Keras 2 and of TensorFlow's private Keras have gone."""

_MOVED_EXACTLY = {
    "keras.utils.np_utils": "keras.utils",
    "keras.utils.vis_utils": "keras.utils",
    "keras.utils.generic_utils": "keras.utils",
    "keras.utils.data_utils": "keras.utils",
    "keras.utils.layer_utils": "keras.utils",
    "keras.engine": "keras",
    "keras.engine.topology": "keras.layers",
    "keras.engine.training": "keras.models",
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.preprocessing.image": "tensorflow.keras.preprocessing.image",
    "keras.optimizer_v1": "keras.optimizers",
    "keras.optimizer_v2": "keras.optimizers",
}
_LAYER_MODULES = (
    "core", "convolutional", "pooling", "normalization", "advanced_activations", "noise", "merge", "recurrent",
    "embeddings", "wrappers", "local", "core.dense", "convolutional.conv2d",
)  # fmt: skip
_MOVED_EXACTLY |= {f"keras.layers.{name}": "keras.layers" for name in _LAYER_MODULES}
_MOVED_EXACTLY |= {
    f"keras.optimizers.{name}": "keras.optimizers" for name in ("adam", "sgd", "rmsprop", "adagrad", "optimizer_v2")
}
_PREFIXES = (
    ("tensorflow.python.keras", "tensorflow.keras"),
    ("tensorflow.contrib.keras", "tensorflow.keras"),
    ("tensorflow.contrib.keras.python.keras", "tensorflow.keras"),
    ("tensorflow_core.keras", "tensorflow.keras"),
)


def new_module(name: str) -> str | None:
    """Return where the module ``name`` is today, or ``None`` if it has not moved."""
    moved = name
    for old, new in sorted(_PREFIXES, key=lambda pair: -len(pair[0])):
        if moved == old or moved.startswith(f"{old}."):
            moved = new + moved.removeprefix(old)
            break
    is_tensorflow = moved.startswith("tensorflow.keras")
    plain = moved.removeprefix("tensorflow.") if is_tensorflow else moved
    target = _MOVED_EXACTLY.get(plain)
    if target is not None and not (is_tensorflow and plain == "keras.preprocessing.image"):
        moved = target if target.startswith("tensorflow.") or not is_tensorflow else f"tensorflow.{target}"
    return moved if moved != name else None
