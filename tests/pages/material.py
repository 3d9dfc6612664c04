"""Made-up records and exhibits, large enough to look at: for the tests of pages, the screenshots and the benchmark."""

import functools
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from grader.cli.reference_page import Material
from grader.oracle.experiments import find_assignments, read_published, select
from grader.oracle.frameworks import FRAMEWORKS
from grader.oracle.record import Made, Record, Results, make_run, summarise
from grader.oracle.training import Outcome
from grader.pages.png import png
from grader.results import (
    Bars,
    CellPictures,
    Curves,
    Feedback,
    Finding,
    Location,
    Matrix,
    Pictures,
    Series,
    Severity,
    StoredPicture,
    Table,
    Verdict,
)
from tests.golden.reports import FORBIDDEN, GRADIENTS, KEEPDIMS, LOSS, OUTPUT, report, result

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
SEED = 20260302


@functools.cache
def materials(source="full"):
    """All experiments of this course, each "recorded" on ``source`` in both frameworks from three seeds."""
    made = []
    for assignment in find_assignments(ROOT):
        items = select([assignment])
        records = [record(item, name, source) for item in items for name in FRAMEWORKS]
        published = read_published(assignment.folder)
        made.append(Material(items, Results(assignment.name).replaced(records), published, {}))
    return tuple(made)


def record(item, framework, source="full", seeds=3):
    """Curves that fall and rise as they do, and figures near the published ones."""
    experiment = item.experiment
    published = read_published(item.assignment.folder).figures.get(experiment.name, ())
    target = {figure.metric: figure.value for figure in published}
    runs = [run(experiment, framework, target, seed) for seed in range(seeds)]
    return Record(
        experiment.name,
        framework,
        source,
        experiment.epochs,
        "data",
        "code",
        summarise([each.metrics for each in runs]),
        tuple(runs),
    )


def run(experiment, framework, target, seed):
    random = np.random.default_rng([SEED, seed, *map(ord, experiment.name + framework)])
    epochs = np.arange(1, experiment.epochs + 1)
    history = {
        "loss": 0.9 * epochs**-0.7 + random.normal(0, 0.01, len(epochs)),
        "accuracy": 1 - 0.3 * epochs**-0.6 + random.normal(0, 0.004, len(epochs)),
        "validation_loss": 0.35 + 0.6 * epochs**-1.0 + random.normal(0, 0.03, len(epochs)),
        "validation_accuracy": 0.9 - 0.2 * epochs**-0.9 + random.normal(0, 0.01, len(epochs)),
    }
    metrics = {"parameters": target.get("parameters", 1000.0), "test_loss": target.get("test_loss", 0.3)}
    for name in ("test_accuracy", "validation_accuracy", "best_validation_accuracy", "first_validation_accuracy"):
        metrics[name] = target.get(name, 0.9) + random.normal(0.0, 0.002)
    arrays = {}
    if seed == 0 and experiment.name.startswith(("mlp", "lenet")):
        arrays["confusion_matrix"] = confusions(random)
    if seed == 0 and experiment.name.startswith("retrained_"):
        arrays["kernels_1"] = random.normal(0, 0.3, (3, 3, 1, 16))
        if "two" in experiment.name:
            arrays["kernels_2"] = random.normal(0, 0.1, (3, 3, 16, 16))
    made = Made("2026-03-02T09:30:00Z", {framework: "9.9"}, "a machine", "CPU", 1, 10.0)
    return make_run(seed, Outcome(metrics, {name: curve.tolist() for name, curve in history.items()}, arrays), made)


def confusions(random):
    found = random.poisson(18, (10, 10)) * random.integers(0, 2, (10, 10))
    found[np.arange(10), np.arange(10)] = 1000 - found.sum(axis=1)
    return found


def exhibits():
    """One of each kind."""
    random = np.random.default_rng(SEED)
    epochs = np.arange(1, 21)
    kernels = random.normal(0, 0.3, (256, 3, 3)).tolist()
    return {
        "curves": Curves(
            "Accuracy by epoch",
            "epoch",
            "accuracy",
            (
                Series("yours, training", tuple((0.95 - 0.3 / epochs).tolist())),
                Series("yours, validation", (*(0.88 - 0.2 / epochs[:12]).tolist(), None, *[0.85] * 7)),
                Series("reference, validation", tuple((0.9 - 0.2 / epochs).tolist()), from_oracle=True),
            ),
        ),
        "matrix": Matrix(
            "Test images by class",
            "true",
            "predicted",
            CLASSES,
            tuple(tuple(map(int, row)) for row in confusions(random)),
        ),
        "pictures": Pictures("Kernels of conv2", tuple(tuple(tuple(row) for row in picture) for picture in kernels)),
        "bars": Bars(
            "Error of each gradient",
            "worst relative error",
            {"W1": 0.97, "b1": None, "W2": 2.8e-08, "b2": 0.0},
            bound=1e-6,
        ),
    }


LAYERS = Feedback(
    summary="Your network has 44,426 trainable parameters, fewer than the one in the handout.",
    table=Table(
        ("your layer", "input → output", "parameters", ""),
        (
            ("conv1  Conv2d 5×5", "1×28×28 → 6×24×24", "156", ""),
            ("pool1  MaxPool 2×2", "6×24×24 → 6×12×12", "0", ""),
            ("conv2  Conv2d 5×5", "6×12×12 → 16×8×8", "2,416", ""),
            ("fc1    Linear", "256 → 120", "30,840", "← first difference"),
            ("fc2    Linear", "120 → 84", "10,164", ""),
        ),
        ("parameters",),
    ),
    facts=("Counted from build_lenet() in hw4.ipynb, cell 7. Shared tensors counted once.",),
    again="grader run submissions/alice --only lenet.parameters",
)


TREND = Finding(
    "trend-against-log",
    Severity.WARNING,
    "The text says that the validation loss falls to the end. By the log of cell 12 it is lowest after epoch 7.",
    where=Location("work.ipynb", 2, 13),
    quote="The validation loss falls until the end, so more epochs would help.",
    settles="the epoch at which the validation loss is lowest.",
)
KERNELS = Finding(
    "figures-in-text",
    Severity.NOTE,
    "The text speaks of 32 kernels, while this cell draws 16.",
    where=Location("work.ipynb", 4, 15),
    quote="show(kernels[:16])",
    settles="the number of kernels that are drawn.",
)
WIDE = replace(KERNELS, where=Location("work.ipynb", 1, 18), text="Both networks are drawn here, the second one twice.")


def plot(seed, width=640, height=480):
    """Two curves between axes, as a picture that a notebook might store."""
    random = np.random.default_rng([SEED, seed])
    pixels = np.zeros((height, width), np.uint8)
    left, bottom = width // 10, height - height // 8
    pixels[20:bottom, left : left + 2] = pixels[bottom : bottom + 2, left:-20] = 1
    for colour, steps in enumerate(random.normal(0, 1, (2, width - left - 20)), start=2):
        walk = np.cumsum(steps)
        share = (walk - walk.min()) / np.ptp(walk)
        rows = (30 + share * (bottom - 60)).astype(int)
        for column, row in enumerate(rows, start=left):
            pixels[row : row + 3, column] = colour
    palette = np.array([[255, 255, 255], [0, 0, 0], [31, 119, 180], [255, 127, 14]], np.uint8)
    return png(pixels, palette)


def stored_pictures():
    """Pictures as they stand: one beside the finding, several below theirs, a wide one; and one that is missing."""
    grid = StoredPicture(3, 1_600, 500, plot(9, 720, 225))
    return (
        CellPictures(Location("work.ipynb", cell=12), (13,), (StoredPicture(1, 640, 480, plot(0)),)),
        CellPictures(
            Location("work.ipynb", cell=15),
            (15,),
            tuple(StoredPicture(number, 432, 288, plot(number, 432, 288)) for number in (1, 2, 4)),
            "Not shown of the pictures stored in cell 15: 1 neither PNG nor JPEG.",
        ),
        CellPictures(Location("work.ipynb", cell=18), (18,), (grid,)),
    )


def full_of_pictures(report, count, total_bytes):
    """``report`` with ``count`` findings about cells that store a picture each, ``total_bytes`` of them together."""
    random = np.random.default_rng(SEED)
    palette = random.integers(0, 256, (256, 3), dtype=np.uint8)
    side = int((total_bytes / count - 1_000) ** 0.5)
    cells = range(20, 20 + count)
    noise = [png(random.integers(0, 256, (side, side), dtype=np.uint8), palette) for _ in cells]
    findings = [replace(KERNELS, where=Location("work.ipynb", 1, cell)) for cell in cells]
    pictures = [
        CellPictures(Location("work.ipynb", cell=cell), (cell,), (StoredPicture(1, side, side, content),))
        for cell, content in zip(cells, noise, strict=True)
    ]
    return replace(report, findings=(*report.findings, *findings), pictures=(*report.pictures, *pictures))


def full_report(parts=1):
    """A submission with everything that a page can show; more ``parts`` make it as long as a whole assignment's."""
    shown = exhibits()
    results = [
        OUTPUT,
        LOSS,
        replace(GRADIENTS, exhibits=(shown["bars"],)),
        result("plots.layers", "Number of trainable parameters", Verdict.FAIL, feedback=LAYERS),
        result(
            "plots.accuracy",
            "Accuracy on images that were not handed out",
            Verdict.PARTIAL,
            awarded=1.2,
            feedback=Feedback("0.874 of 1,000 images, between the bounds."),
            exhibits=(shown["curves"], shown["matrix"], shown["pictures"]),
        ),
        result("plots.text", "Explains the kernels", Verdict.NEEDS_REVIEW, feedback=Feedback("A person reads it.")),
    ]
    copies = [
        replace(
            each,
            criterion_id=f"{each.criterion_id}_{copy}",
            # what repeats itself would be shown once only
            feedback=replace(each.feedback, summary=each.feedback.summary + (f" ({copy + 1})" if copy else "")),
            seed=copy,
        )
        for copy in range(parts)
        for each in results
    ]
    findings = [replace(each, criterion_id=f"{each.criterion_id}_0") for each in (FORBIDDEN, KEEPDIMS)]
    findings += [TREND, KERNELS, WIDE]
    return replace(report(*copies, findings=tuple(findings), late_penalty=0.5), pictures=stored_pictures())
