"""What accuracy and metric are made of: intervals, counts, scaled and changed images, recorded figures, reports."""

from types import SimpleNamespace

import numpy as np
import pytest

from grader.checks.accuracy import Accuracy, AccuracyOptions, AccuracySeen, collapses
from grader.checks.metric import Metric, MetricOptions, MetricSeen
from grader.checks.reported import UnreadableFigures, as_number, find_file, read_figures
from grader.checks.trained import Copies, Trained
from grader.checks.weight_file import WeightFile
from grader.course.units import Bound
from grader.networks.evaluate import with_epsilons_of
from grader.networks.pixels import noised, scalings, shifted
from grader.numerics.classification import confusion_matrix, cross_entropies, predictions
from grader.numerics.intervals import wilson
from grader.oracle import record
from grader.oracle.figures import data_set_of, reference_figure
from grader.oracle.run import OracleError
from grader.results import Evidence, Verdict
from grader.transplant.architecture import BatchNormalization, Network


@pytest.fixture
def rng():
    return np.random.default_rng(40)


# --- intervals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "count", "level", "lower", "upper"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81 / 263, 263, 0.95, 0.2553, 0.3662),
        (15 / 148, 148, 0.95, 0.0624, 0.1605),
        (0 / 20, 20, 0.95, 0.0, 0.1611),
        (1 / 29, 29, 0.95, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(share, count, level, lower, upper):
    found = wilson(share, count, level)
    assert (found.lower, found.upper) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))


@pytest.mark.parametrize("share", [0.1, 0.89, 0.99])
def test_wilson_keeps_its_level(share, rng):
    counts = rng.binomial(1000, share, 4_000)
    held = np.mean([share in wilson(count / 1000, 1000, 0.95) for count in counts])
    assert 0.93 < held < 0.97


@pytest.mark.parametrize("arguments", [(1.1, 10, 0.95), (0.5, 0, 0.95), (0.5, 10, 1.0)])
def test_wilson_refuses_what_is_no_share(arguments):
    with pytest.raises(ValueError, match="no interval"):
        wilson(*arguments)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_wilson_holds_the_share_that_was_seen(share):
    assert share in wilson(share, 7, 0.95)


# --- counting ---------------------------------------------------------------------------------------------------------


def test_a_row_that_is_not_a_number_is_no_class():
    outputs = np.array([[0.0, 2.0], [np.nan, 1.0], [3.0, -1.0]])
    np.testing.assert_array_equal(predictions(outputs), [1, -1, 0])
    np.testing.assert_array_equal(confusion_matrix(np.uint8([1, 1, 1]), predictions(outputs), 2), [[0, 0], [1, 1]])


def test_cross_entropy_is_the_same_of_logits_probabilities_and_logarithms(rng):
    logits, labels = rng.normal(0, 5, (20, 10)), rng.integers(0, 10, 20)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    expected = -np.log(probabilities[np.arange(20), labels])
    for outputs in (logits, probabilities, np.log(probabilities)):
        np.testing.assert_allclose(cross_entropies(outputs, labels), expected, rtol=1e-9)


def test_outputs_that_overflowed_have_no_loss():
    outputs = np.array([[np.inf, -np.inf], [1.0, 2.0]])
    losses = cross_entropies(outputs, np.array([0, 1]))
    assert np.isnan(losses[0])
    assert np.isfinite(losses[1])


def test_the_epsilon_of_batch_norm_is_the_students():
    def network(*epsilons):
        arrays = {name: np.ones(3) for name in ("scale", "shift", "mean", "variance")}
        return Network((3,), tuple(BatchNormalization(**arrays, epsilon=e, momentum=0.9) for e in epsilons))

    found = with_epsilons_of(network(1e-5, 1e-6), network(1e-3, 1e-3, 1e-3))
    assert [layer.epsilon for layer in found.layers] == [1e-5, 1e-6, 1e-3]


# --- images -----------------------------------------------------------------------------------------------------------


def test_each_scaling_does_what_its_name_says(rng):
    images = rng.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    images[0, 0, :2] = 0, 255
    zero_one, raw, standard, both = (one.inputs(images) for one in scalings(images))
    assert zero_one.shape == (50, 28, 28, 1)
    assert zero_one.dtype == np.float32
    assert (zero_one.min(), zero_one.max()) == (0, pytest.approx(1))
    np.testing.assert_array_equal(raw[..., 0], images)
    assert (standard.mean(), standard.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    assert (both.min(), both.max()) == (-1, 1)


def test_shifted_images_have_moved_by_so_many_pixels(rng):
    images = np.zeros((40, 28, 28), np.uint8)
    images[:, 14, 14] = 200
    moved = shifted(images, 2, rng)
    places = {tuple(place) for place in np.argwhere(moved)[:, 1:]}
    assert places == {(16, 14), (12, 14), (14, 16), (14, 12)}
    assert (moved.sum(axis=(1, 2)) == 200).all()


def test_what_is_moved_out_does_not_come_back(rng):
    assert shifted(np.full((4, 28, 28), 9, np.uint8), 1, rng).sum() == 4 * 9 * 27 * 28


def test_noise_stays_within_the_range_of_pixels(rng):
    noisy = noised(np.full((5, 28, 28), 128, np.uint8), rng)
    assert 20 < noisy.std() < 30
    assert noised(np.full((5, 28, 28), 255, np.uint8), rng).max() == 255


# --- what is recorded -------------------------------------------------------------------------------------------------


def results(folder, figures):
    """Write a results file with these test accuracies by framework and source."""
    records = tuple(
        record.Record("lenet", framework, source, 1, "", "", {"test_accuracy": record.measure(values)}, ())
        for (framework, source), values in figures.items()
    )
    (folder / "recorded").mkdir()
    (folder / "recorded" / "results.json").write_bytes(record.encode(record.Results(folder.name, records)))


SUBSET = {("torch", "subset"): [0.80, 0.81], ("keras", "subset"): [0.82, 0.83]}


def test_figures_of_both_frameworks_are_pooled(tmp_path):
    results(tmp_path, SUBSET)
    figure = reference_figure(tmp_path, "lenet", "test_accuracy")
    assert (figure.source, figure.mean, figure.runs) == ("subset", pytest.approx(0.815), 4)
    assert figure.deviation == pytest.approx(np.std([0.80, 0.81, 0.82, 0.83], ddof=1))


def test_full_data_goes_first_and_takes_the_deviation_of_the_subset_where_it_has_too_few_seeds(tmp_path):
    results(tmp_path, {**SUBSET, ("torch", "full"): [0.89], ("keras", "full"): [0.90]})
    figure = reference_figure(tmp_path, "lenet", "test_accuracy")
    assert (figure.source, figure.mean) == ("full", pytest.approx(0.895))
    assert figure.deviation == pytest.approx(np.std([0.80, 0.81, 0.82, 0.83], ddof=1))


def test_no_deviation_is_made_of_two_values(tmp_path):
    results(tmp_path, {("torch", "subset"): [0.8, 0.9]})
    assert reference_figure(tmp_path, "lenet", "test_accuracy").deviation is None


def test_an_experiment_that_was_not_recorded(tmp_path):
    results(tmp_path, SUBSET)
    with pytest.raises(OracleError, match="has no test_accuracy of an experiment 'mlp'; name one in `reference`"):
        reference_figure(tmp_path, "mlp", "test_accuracy")


def test_the_data_set_is_that_of_the_experiment(root):
    assert data_set_of(root / "reference" / "backprop_to_lenet", "lenet") == "fashion-mnist"
    with pytest.raises(OracleError, match="has no experiment 'lenet5'"):
        data_set_of(root / "reference" / "backprop_to_lenet", "lenet5")


# --- accuracy ---------------------------------------------------------------------------------------------------------


def trained(correct, count, *, own="", copies=None):
    """A network that is right on the first ``correct`` of ``count`` images, of two classes."""
    labels = np.zeros(count, np.uint8)
    outputs = np.tile([0.0, 3.0], (count, 1))
    outputs[:correct] = [3.0, 0.0]
    where = "build_lenet in networks.py, line 1"
    file = WeightFile("weights/lenet.pt")
    return Trained(where, file, outputs, labels, ("cat", "dog"), "from 0 to 1", "images", own, copies)


def judge_accuracy(seen, **options):
    kind = AccuracyOptions(full_marks_from=Bound(share=0.9), no_marks_below=Bound(share=0.8), **options)
    return Accuracy().judge((("lenet", seen),), SimpleNamespace(options=kind))


def test_full_marks_and_what_the_report_says():
    found = judge_accuracy(AccuracySeen(trained(940, 1000), 0.9, 0.8))
    assert (found.verdict, found.fraction, found.evidence) == (Verdict.PASS, 1.0, Evidence.VERIFIED)
    assert found.feedback.summary == (
        "The trained network is right on 94.0% of 1,000 test images (95% interval 92.4% to 95.3%)."
    )
    assert found.exhibits[0].values == ((940, 60), (0, 0))
    assert "Full marks from 90.00%, none below 80.00%." in found.feedback.facts
    assert found.measurements[0].bound == 0.9


def test_a_small_test_set_costs_nothing():
    assert judge_accuracy(AccuracySeen(trained(88, 100), 0.9, 0.8)).verdict is Verdict.PASS
    assert judge_accuracy(AccuracySeen(trained(8800, 10_000), 0.9, 0.8)).verdict is Verdict.PARTIAL


def test_credit_is_linear_in_the_upper_end_of_the_interval():
    upper = wilson(0.83, 10_000, 0.95).upper
    found = judge_accuracy(AccuracySeen(trained(8300, 10_000), 0.9, 0.8))
    assert (found.verdict, found.fraction) == (Verdict.PARTIAL, pytest.approx((upper - 0.8) / 0.1))


def test_below_the_lower_bound_there_is_nothing():
    found = judge_accuracy(AccuracySeen(trained(100, 1000), 0.9, 0.8))
    assert (found.verdict, found.fraction) == (Verdict.FAIL, 0.0)


def test_figures_of_the_references_are_only_among_what_is_expected():
    found = judge_accuracy(AccuracySeen(trained(850, 1000), 0.90123, 0.70456, "the full data"))
    assert found.feedback.expected == ("Full marks from 90.12%, none below 70.46%.",)
    assert not any("90.12" in text or "70.46" in text for text in (found.feedback.summary, *found.feedback.facts))
    assert found.measurements[0].bound is None
    assert any("trained on the full data" in fact for fact in found.feedback.facts)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ((100, 100, 100), True),
        ((100, 100, 900), False),  # blind to movement
        ((800, 300, 850), False),
        ((480, 150, 480), True),
    ],
)
def test_a_table_of_answers_shows_on_changed_copies(changed, expected):
    names = ("shifted by 1 pixel", "shifted by 2 pixels", "with a little noise")
    copies = Copies(1000, 950, dict(zip(names, changed, strict=True)))
    assert collapses(copies, 10) is expected


def test_a_network_that_has_learned_little_is_no_table():
    assert not collapses(Copies(1000, 300, {"shifted by 1 pixel": 100, "with a little noise": 100}), 10)


def test_a_table_of_answers_is_for_a_person_to_decide():
    copies = Copies(1000, 1000, {"shifted by 1 pixel": 500, "with a little noise": 500})
    found = judge_accuracy(
        AccuracySeen(trained(1000, 1000, own="its layers could not be read", copies=copies), 0.9, 0.8)
    )
    assert (found.verdict, found.evidence) == (Verdict.NEEDS_REVIEW, Evidence.OBSERVED)
    assert "not on slightly changed copies" in found.feedback.summary


def test_bounds_in_the_wrong_order_are_a_mistake_of_the_rubric(simple_part):
    options = AccuracyOptions(full_marks_from=Bound(share=0.8), no_marks_below=Bound(share=0.9))
    assert ("no_marks_below", "must be a lower accuracy than 'full_marks_from'") in options.problems(
        points=1, part=simple_part(weights=("w.*",))
    )
    relative = AccuracyOptions(full_marks_from=Bound(deviations=-2), no_marks_below=Bound(step=-0.1))
    assert not list(relative.problems(points=1, part=simple_part(weights=("w.*",))))


def test_a_model_without_weights_has_no_accuracy(simple_part):
    options = AccuracyOptions(full_marks_from=Bound(share=0.9), no_marks_below=Bound(share=0.8))
    assert [key for key, _ in options.problems(points=1, part=simple_part())] == ["model"]


@pytest.fixture
def simple_part():
    from grader.course.model import ModelSpec, Part, Source

    def make(weights=()):
        spec = ModelSpec("lenet", "build_lenet", (28, 28, 1), "build_lenet", weights=weights)
        return Part("lenet", "LeNet", (), "", (), Source("rubric.yaml", 1), models=(spec,))

    return make


# --- reported figures -------------------------------------------------------------------------------------------------


def test_figures_are_read():
    text = '\ufeff{"lenet": {"test_accuracy": 0.892, "note": "ü"}, "author": "me"}'
    assert read_figures(text.encode()) == {"lenet": {"test_accuracy": 0.892, "note": "ü"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"lenet": {"test_accuracy": NaN}}', "it says NaN, which is not a number in JSON"),
        (b'{"lenet": {"a": 1, "a": 2}}', "it says 'a' twice in one place"),
        (b'{"lenet": {}, "lenet": {}}', "it says 'lenet' twice"),
        (b'{"lenet":\n {"a": 0,892}}', "line 2, column 1[01] is not JSON"),
        (b"", "line 1, column 1 is not JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"[1, 2]", "it is not of the form"),
        (b"\xff\xfe{}", "it is not UTF-8 text"),
        (b'{"a": {"b": ' + b"9" * 5000 + b"}}", "it has a number that cannot be read"),
        (b" " * (2**20 + 1), "it has 1,048,577 bytes; at most 1,048,576 are read"),
    ],
)
def test_a_hostile_or_broken_file_of_figures(content, message):
    with pytest.raises(UnreadableFigures, match=message):
        read_figures(content)


@pytest.mark.parametrize(
    ("value", "number"),
    [(0.892, 0.892), (1, 1.0), ("0.892", 0.892), (" 89.2 % ", 0.892), ("good", None), (None, None), (True, None)],
)
def test_numbers_as_they_are_written(value, number):
    assert as_number(value) == (None if number is None else pytest.approx(number))


def test_a_whole_number_that_no_float_holds_is_none():
    assert as_number(10**400) is None


def test_the_uppermost_file_counts():
    assert find_file("results.json", ["old/b/results.json", "hw/results.json", "my_results.json"]) == "hw/results.json"
    assert find_file("results.json", ["my_results.json"]) is None


# --- metric -----------------------------------------------------------------------------------------------------------


def judge_metric(reported, measured, *, count=None, others=(), **options):
    kind = MetricOptions(**options)
    seen = MetricSeen("lenet", "results.json", reported, others, measured, count)
    return Metric().judge((("lenet", seen),), SimpleNamespace(options=kind))


def test_the_measured_figure_passes_and_another_does_not():
    exact = trained(892, 1000)
    assert judge_metric(0.892, exact).verdict is Verdict.PASS
    assert judge_metric(0.8949, exact).verdict is Verdict.PASS
    found = judge_metric(0.8951, exact)
    assert (found.verdict, found.evidence) == (Verdict.FAIL, Evidence.VERIFIED)
    assert found.feedback.summary == (
        "results.json reports a test accuracy of 89.51% for 'lenet', which is not what its trained weights reach."
    )


def test_a_smaller_test_set_widens_what_agrees():
    few = trained(892, 1000)
    limit = wilson(0.892, 1000, 0.999).upper + 0.003
    assert judge_metric(limit - 1e-6, few, count=1000).verdict is Verdict.PASS
    assert judge_metric(limit + 1e-6, few, count=1000).verdict is Verdict.FAIL


def test_two_exchanged_figures_are_named():
    found = judge_metric(0.95, trained(892, 1000), others=(("mlp", 0.892), ("cnn", 0.5)))
    assert "is what the file reports for 'mlp' (89.20%): exchanged?" in found.feedback.facts[0]


def test_a_loss_is_compared_as_a_share_of_itself():
    measured = trained(892, 1000)
    loss = float(measured.losses.mean())
    assert judge_metric(loss * 1.002, measured, of="test_loss").verdict is Verdict.PASS
    assert judge_metric(loss * 1.004, measured, of="test_loss").verdict is Verdict.FAIL
    assert judge_metric(loss * 1.02, measured, of="test_loss", count=1000).verdict is Verdict.PASS


def test_a_loss_that_is_not_a_number_is_no_agreement():
    measured = trained(892, 1000)
    measured.outputs[0] = np.inf
    found = judge_metric(0.3, measured, of="test_loss")
    assert (found.verdict, found.measurements[0].value) == (Verdict.FAIL, None)


def test_a_star_stands_for_the_name_of_the_model(simple_part):
    options = MetricOptions(reference="*_scaled")
    assert options.experiment(simple_part().models[0]) == "lenet_scaled"
