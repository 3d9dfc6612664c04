"""The page about the references: what is recorded, beside what was published, and what is not."""

from msgspec.structs import replace

from grader.cli.reference_page import Material, page
from grader.oracle.record import Results
from tests.pages.material import materials, record
from tests.pages.outline import Outline, assert_sound


def only(name, **changes):
    (material,) = (each for each in materials() if each.results.assignment == name)
    return replace(material, **changes)


def item_of(material, name):
    return next(item for item in material.items if item.experiment.name == name)


def titles(drawn):
    return [text for text in drawn.split("<figcaption>")[1:] for text in [text.split("</figcaption>")[0]]]


def test_everything_recorded_is_a_sound_page() -> None:
    drawn = page(materials(), "full")
    outline = assert_sound(drawn)
    assert "Not recorded" not in outline.text
    assert drawn.count("Loss by epoch</figcaption>") == sum(len(each.items) for each in materials())
    assert "wide MLP, L2 0.00075" in outline.text
    assert drawn.count(": test images by class, seed 0</figcaption>") == 14, "seven networks in two frameworks"


def test_kernels_are_shown_of_the_networks_that_recorded_them() -> None:
    shown = titles(page([only("regularization")], "full"))
    assert shown.count("PyTorch: kernels 2, seed 0") == shown.count("Keras: kernels 2, seed 0") == 2
    assert shown.count("PyTorch: kernels 1, seed 0") == 4
    assert "256 of 3×3: black is" in page([only("regularization")], "full")


def test_the_sweep_shows_the_published_spread_beside_ours() -> None:
    material = only("weight_decay")
    drawn = page([material], "full")
    assert "sweep: test accuracy" in titles(drawn)
    assert "wide MLP, L2 0.001, published: 0.9813 ± 0.0004" in drawn
    ours = material.results.find("sweep_0.001", "torch", "full").metrics["test_accuracy"]
    assert f"wide MLP, L2 0.001, PyTorch (ours): {ours.mean:.4f} ± {ours.deviation:.4f}" in drawn
    assert "single runs 0.9815, 0.9808, 0.9815" in Outline(drawn).text


def test_a_figure_that_is_not_met_says_so_beside_its_explanation() -> None:
    material = only("three_networks")
    item = item_of(material, "softmax_regression")
    worse = record(item, "torch")
    low = replace(worse.metrics["test_accuracy"], mean=0.5)
    worse = replace(worse, metrics={**worse.metrics, "test_accuracy": low})
    text = Outline(page([replace(material, items=(item,), results=Results("three_networks", (worse,)))], "full")).text
    assert "test accuracy the given program 0.9192 PyTorch 0.5000" in text
    assert "not met: ours is lower Keras not recorded" in text
    assert "parameters 7850 PyTorch 7850 (3) – met: equal" in text


def test_a_deviation_that_comes_from_the_subset_has_a_star() -> None:
    material = only("cnn_in_numpy")
    item = item_of(material, "shallow_cnn")
    records = (record(item, "torch", "full", seeds=1), record(item, "torch", "subset"))
    text = Outline(page([replace(material, items=(item,), results=Results("cnn_in_numpy", records))], "full")).text
    row = text.split("test accuracy the network had been trained")[1]
    assert "* met" in row.split("Keras")[0]


def test_what_is_not_recorded_is_said_and_the_other_data_stands_in() -> None:
    material = only("backprop_to_lenet")
    items = tuple(item_of(material, name) for name in ("mlp", "lenet"))
    results = Results("backprop_to_lenet", (record(items[0], "torch", "full"), record(items[1], "keras", "subset")))
    text = assert_sound(page([replace(material, items=items, results=results)], "full")).text
    assert "Not recorded: MLP (Keras) on the full data; LeNet-5 (PyTorch and Keras) on the full data." in text
    assert "fashion-mnist, the full data, 20 epochs. PyTorch 9.9, 3 seeds" in text
    assert "fashion-mnist, the embedded subset, 10 epochs. Keras 9.9, 3 seeds" in text
    assert "test accuracy 0.8920 not recorded" in text, "the subset is not held against what was published"


def test_nothing_recorded_is_said_in_one_line() -> None:
    material = only("weight_decay", results=Results("weight_decay"))
    text = assert_sound(page([material], "subset")).text
    assert "Not recorded: everything on the embedded subset." in text
    assert "Not recorded on the full data: PyTorch and Keras." in text, "below the published figures of the sweep"


def test_stale_records_are_named() -> None:
    material = only("weight_decay")
    stale = replace(material, states={("mlp", "keras", "full"): "stale: code"})
    assert "Stale: MLP in Keras on the full data." in Outline(page([stale], "full")).text


def test_numbers_that_were_not_finite_leave_gaps() -> None:
    material = only("weight_decay")
    item = item_of(material, "mlp")
    made = record(item, "torch")
    runs = tuple(replace(run, history={**run.history, "loss": (None,) * 10}) for run in made.runs)
    broken = replace(material, items=(item,), results=Results("weight_decay", (replace(made, runs=runs),)))
    assert_sound(page([broken], "full"))


def test_an_assignment_without_experiments_that_were_published() -> None:
    material = only("backprop_to_lenet")
    bare = Material(material.items, material.results, replace(material.published, figures={}), {})
    assert "Our figures beside" not in Outline(page([bare], "full")).text
