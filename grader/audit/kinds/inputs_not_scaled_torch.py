"""Pixels from 0 to 255 that reach a network of PyTorch as they are."""

import re
from collections.abc import Iterator

from grader.audit.kinds.inputs_not_scaled import KIND, SCALES_INSIDE
from grader.audit.material import Material
from grader.audit.readers.flow import last_assignment, origin
from grader.audit.readers.loaders import Loader, loader_named
from grader.results import Finding, Severity

_SCALES_IN_TORCH = re.compile(
    r"ToTensor|ToImage|ConvertImageDtype|ToDtype|to_dtype|to_tensor|convert_image|Normalize|BatchNorm|LayerNorm|"
    r"GroupNorm|InstanceNorm|\.mean\(\)|\.std\(|\.max\(\)|div_?\(|mul_?\(|/=|Lambda|Scaler|255|256"
)
_DOES_NOT_SCALE = re.compile(
    r"\.(?:data|train_data|float|unsqueeze|view|reshape|flatten|to|type|permute|numpy|squeeze|contiguous|clone|astype|"
    r"copy)\b|(?:torch|np)\.(?:tensor|from_numpy|as_tensor|Tensor|FloatTensor|unsqueeze|flatten|expand_dims|array|asarray)\(|\["
)
_PUBLISHED = re.compile(r"(?:\w+\.)*(?:MNIST|FashionMNIST|CIFAR10|KMNIST)\(")


def find(material: Material) -> Iterator[Finding]:
    """Follow what a training loop loads back to the pixels of a published data set; one unknown step, or any sign of
    scaling in the notebook, and nothing is said."""
    text = material.source
    if material.is_opaque or SCALES_INSIDE.search(text) or _SCALES_IN_TORCH.search(text):
        return
    for training in material.trainings:
        loader = loader_named(material.loaders, training.loader)
        found = _pixels(material, loader) if loader is not None else None
        if loader is None or found is None:
            continue
        yield material.finding(
            KIND,
            Severity.WARNING,
            training.cell,
            training.line,
            "The images of this loop are whole numbers from 0 to 255, and nothing on their way to the network scales "
            "them.",
            quote="\n".join([*found, f"cell {loader.cell.number}: {loader.cell.line(loader.call.line)}"]),
            settles="printing the smallest and the largest value of one batch",
        )
        return


def _pixels(material: Material, loader: Loader) -> tuple[str, ...] | None:
    """Return the way from a published data set to a loader, if no step of it scales."""
    notebook = material.notebook
    if "PILToTensor" in material.source and loader.data_set is not None:
        return (f"{loader.data_set.root}: PILToTensor",)
    made = last_assignment(notebook, loader.data, loader.cell.number, loader.call.line)
    tensors = re.match(r"(?:\w+\.)*TensorDataset\((\w+), \w+\)$", made[1].value if made else loader.data)
    where = (made[0].number, made[1].line) if made else (loader.cell.number, loader.call.line)
    found = origin(notebook, tensors[1], *where) if tensors else None
    if found is None or not all(map(_DOES_NOT_SCALE.match, _after_loading(found.steps))):
        return None
    is_pixels = bool(found.data_set) and found.position.startswith(("0.0", "1.0"))
    is_torch = any(map(_PUBLISHED.match, (found.root, *found.steps[:1]))) and ".data" in found.steps[:2]
    return (found.root, *found.steps) if is_pixels or is_torch else None


def _after_loading(steps: tuple[str, ...]) -> tuple[str, ...]:
    return steps[1:] if steps and _PUBLISHED.match(steps[0]) else steps
