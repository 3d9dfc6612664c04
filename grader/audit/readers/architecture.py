"""Numbers in the calls that make layers, in the words of Keras and of PyTorch."""

import re
from decimal import Decimal
from enum import Enum

from grader.audit.facts import Call

CONVOLUTIONS = frozenset({"Conv2D", "Convolution2D", "Conv2d"})
POOLS = frozenset({
    "MaxPooling2D", "MaxPool2D", "AveragePooling2D", "AvgPool2D", "MaxPool2d", "AvgPool2d",
})  # fmt: skip


class Quantity(Enum):
    """A number of a layer."""

    KERNEL = "kernel"
    FILTERS = "filters"
    UNITS = "units"
    STRIDE = "stride"
    RATE = "rate"


_KERAS = {
    Quantity.KERNEL: (("kernel_size", 1), ("pool_size", 0)),
    Quantity.FILTERS: (("filters", 0),),
    Quantity.UNITS: (("units", 0),),
    Quantity.STRIDE: (("strides", 2),),
    Quantity.RATE: (("rate", 0),),
}
_TORCH = {
    Quantity.KERNEL: (("kernel_size", 2), ("kernel_size", 0)),
    Quantity.FILTERS: (("out_channels", 1),),
    Quantity.UNITS: (("out_features", 1),),
    Quantity.STRIDE: (("stride", 3),),
    Quantity.RATE: (("p", 0),),
}
_TORCH_NAMES = frozenset({"Conv2d", "MaxPool2d", "AvgPool2d", "Linear", "Dropout2d"})
_NUMBERS = re.compile(r"[(\[]?\d*\.?\d+(?:, ?\d+)?[)\]]?")


def quantity(call: Call, what: Quantity) -> tuple[Decimal, ...] | None:
    """Return a number of the layer that ``call`` makes, once if it is the same along both axes; ``None`` if it is not
    written as a number there. What is not written has the value that both frameworks take: a stride of 1."""
    name = call.name.rpartition(".")[2]
    is_torch = name in _TORCH_NAMES or call.receiver.endswith("nn")
    table = _TORCH if is_torch else _KERAS
    keyword, position = table[what][1 if what is Quantity.KERNEL and name in POOLS else 0]
    if not call.is_fully_seen:
        return None
    text = call.argument(keyword, position)
    if text is None and what is Quantity.STRIDE and name in CONVOLUTIONS:
        return (Decimal(1),)
    if text is None or not _NUMBERS.fullmatch(text):
        return None
    values = tuple(Decimal(number) for number in re.findall(r"\d*\.?\d+", text))
    return values[:1] if len(set(values)) == 1 else values
