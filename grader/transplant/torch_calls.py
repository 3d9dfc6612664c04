"""Listens to the PyTorch functions that a module calls while it runs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import torch


class Call(NamedTuple):
    """One call of a function or method of PyTorch, ``name``, that the submodule ``module`` made (``""``: the whole)."""

    name: str
    module: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any


@contextmanager
def listening(module: "torch.nn.Module", record: Callable[[Call], None]) -> Iterator[None]:
    """Give each call that ``module`` makes to ``record``, after it has run and in order.

    Only the outermost of nested calls is given. Meanwhile every part of the module is in evaluation mode; afterwards
    it is in the mode that it was in, and nothing is left attached to it. What ``record`` raises ends the module's run.
    """
    from torch.overrides import TorchFunctionMode

    names: list[str] = []

    class Listener(TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = function(*args, **(kwargs or {}))
            name = getattr(function, "__name__", str(function))
            record(Call(name, names[-1] if names else "", function, tuple(args), kwargs or {}, result))
            return result

    def leave(*_: Any) -> None:
        names.pop()

    modes = [(child, child.training) for child in module.modules()]
    with ExitStack() as stack:
        for name, child in module.named_modules():
            enter = child.register_forward_pre_hook(lambda *_, name=name: names.append(name))
            stack.callback(enter.remove)
            stack.callback(child.register_forward_hook(leave).remove)
        stack.enter_context(Listener())
        module.eval()
        try:
            yield
        finally:
            for child, training in modes:
                child.training = training
