"""Putting functions of ours in the place of a library's, so that neither the library nor its users see a difference."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

Wrapper = Callable[..., Any]
"""Called with the original and what the caller gave."""


def wrap(kind: Any, name: str, wrapper: Wrapper) -> None:
    """Put ``wrapper(original, instance, …)`` in the place of a method, in the class that defines it: Keras asks whether
    a class has a ``compile`` of its own, and reads a layer's arguments off its constructor."""
    owner = next(base for base in kind.__mro__ if name in vars(base))
    original = vars(owner)[name]

    @functools.wraps(original)
    def method(this: Any, *args: Any, **options: Any) -> Any:
        return wrapper(original, this, *args, **options)

    method.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]
    setattr(owner, name, method)


def replace(module: Any, name: str, wrapper: Wrapper) -> None:
    """Put ``wrapper(original, …)`` in the place of a function of one module."""
    setattr(module, name, _function(getattr(module, name), wrapper))


def replace_everywhere(original: Callable[..., Any], wrapper: Wrapper) -> None:
    """Put ``wrapper(original, …)`` in the place of a function in every module of Keras that has it: ``keras`` and
    ``tf.keras`` are two sets of modules with the same contents."""
    function = _function(original, wrapper)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "keras" or name.startswith("tensorflow.keras"):
            for key, value in list(vars(module).items()):
                if value is original:
                    setattr(module, key, function)


def _function(original: Callable[..., Any], wrapper: Wrapper) -> Callable[..., Any]:
    @functools.wraps(original)
    def function(*args: Any, **options: Any) -> Any:
        return wrapper(original, *args, **options)

    return function


def arguments_by_name(
    original: Callable[..., Any], instance: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a method's call by name, without the instance.

    Raises:
        TypeError: they do not fit, in the words that the method itself would have.
    """
    given: dict[str, Any] = dict(inspect.signature(original).bind(instance, *args, **options).arguments)
    given.pop("self", None)
    more: dict[str, Any] = given.pop("kwargs", {})
    return given | more
