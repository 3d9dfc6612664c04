"""The tables of experiments: that the course's are right, and what is said about wrong ones."""

import re
from pathlib import Path

import pytest

from grader.oracle.compare_records import Agreement, compare_with_published
from grader.oracle.experiments import UnknownPart, find_assignments, read_published, select
from grader.oracle.frameworks import FRAMEWORKS
from grader.oracle.job import code_digest, data_digest
from grader.oracle.record import read
from grader.oracle.run import OracleError

ROOT = Path(__file__).parents[2]
METRICS = {
    *("parameters", "accuracy", "first_accuracy", "test_accuracy", "test_loss"),
    *("first_validation_accuracy", "validation_accuracy", "best_validation_accuracy"),
    *("first_validation_loss", "validation_loss"),
}
TABLE = """
from grader.oracle.experiments import Experiment
EXPERIMENTS = (
    Experiment(name="mlp", title="MLP", data="mnist", epochs=1, train=print),
    Experiment(name="sweep_1", title="one", data="mnist", epochs=1, train=print, part="sweep"),
    Experiment(name="sweep_2", title="two", data="mnist", epochs=1, train=print, part="sweep"),
)
"""


@pytest.fixture(scope="module")
def assignments():
    return find_assignments(ROOT)


def course(folder, content=TABLE, name="weights"):
    path = folder / "reference" / name / "experiments.py"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    return folder


def test_all_five_assignments_have_experiments(assignments):
    counts = {assignment.name: len(assignment.experiments) for assignment in assignments}
    assert counts == {
        "backprop_to_lenet": 4,
        "cnn_in_numpy": 2,
        "regularization": 8 * 2 + 4,
        "three_networks": 3,
        "weight_decay": 3 + 5,
    }


def test_published_figures_belong_to_experiments_and_metrics(assignments):
    for assignment in assignments:
        published = read_published(assignment.folder)
        assert published.source
        assert set(published.figures) <= {experiment.name for experiment in assignment.experiments}
        for name, figures in published.figures.items():
            assert {figure.metric for figure in figures} <= METRICS, f"{assignment.name}/{name}"


def test_a_published_figure_that_is_not_met_has_an_explanation_with_figures(assignments):
    for item in select(assignments):
        name, results = item.experiment.name, read(item.assignment.folder)
        for figure in read_published(item.assignment.folder).figures.get(name, ()):
            for framework in FRAMEWORKS:
                record, subset = (results.find(name, framework, source) for source in ("full", "subset"))
                found = compare_with_published(figure, record, subset) if record else None
                if found is not None and found.agreement in (Agreement.HIGHER, Agreement.LOWER, Agreement.DIFFERS):
                    assert re.search(r"\d", figure.note), f"{item.title}, {framework}: {figure.metric} {figure.value:g}"


def test_every_experiment_has_its_files_and_data(assignments):
    for item in select(assignments):
        assert len(data_digest(item.experiment.data, "full")) == 64
        digests = {code_digest(item, framework) for framework in FRAMEWORKS}
        assert len(digests) == len(FRAMEWORKS), item.title


def test_a_file_used_besides_the_oracle_counts_as_its_code(assignments):
    (item,) = select(assignments, "cnn_in_numpy/shallow_cnn")
    assert item.experiment.also == ("oracle_numpy.py",)
    (other,) = select(assignments, "cnn_in_numpy/cnn")
    assert code_digest(item, "torch") != code_digest(other, "torch")


def digests(folder, content):
    (course_folder := folder / str(len(list(folder.iterdir())))).mkdir()
    assignments = find_assignments(course(course_folder, content))
    for name in ("preparation.py", "oracle_torch.py"):
        (assignments[0].folder / name).write_text("")
    return {item.experiment.name: code_digest(item, "torch") for item in select(assignments)}


@pytest.mark.parametrize(
    ("old", "new", "stale"),
    [
        ('title="MLP"', 'title="a perceptron"', set()),
        ('title="MLP"', 'title="MLP", seeds=7, seeds_full=1', set()),
        ('title="MLP", data="mnist", epochs=1', 'title="MLP", data="mnist", epochs=2', {"mlp"}),
        ('title="MLP", data="mnist"', 'title="MLP", data="fashion-mnist"', {"mlp"}),
        ("factor=0.1", "factor=0.2", {"sweep_1"}),
        ("train=print", "train=len", {"mlp", "sweep_2"}),
        ("import partial", "import partial\nx = 1", {"mlp", "sweep_1", "sweep_2"}),
    ],
)
def test_only_what_a_training_depends_on_makes_it_stale(tmp_path, old, new, stale):
    table = "from functools import partial\n" + TABLE.replace(
        'title="one", data="mnist", epochs=1, train=print',
        'title="one", data="mnist", epochs=1, train=partial(print, factor=0.1)',
    )
    assert old in table
    before, now = digests(tmp_path, table), digests(tmp_path, table.replace(old, new))
    assert {name for name in before if before[name] != now[name]} == stale


def test_data_digests_tell_subset_from_full():
    assert data_digest("mnist", "subset") != data_digest("mnist", "full")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["mlp", "sweep_1", "sweep_2"]),
        ("weights", ["mlp", "sweep_1", "sweep_2"]),
        ("weights/mlp", ["mlp"]),
        ("weights/sweep", ["sweep_1", "sweep_2"]),
        ("weights/sweep_2", ["sweep_2"]),
    ],
)
def test_select(tmp_path, wanted, names):
    chosen = select(find_assignments(course(tmp_path)), wanted)
    assert [item.experiment.name for item in chosen] == names


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("weigths", "no assignment 'weigths'.*did you mean 'weights'"),
        ("weights/sweeep", "no part 'sweeep' in weights.*did you mean 'sweep'"),
        ("weights/zebra", "no part 'zebra' in weights: known: mlp, sweep"),
    ],
)
def test_what_is_not_there_is_named_with_the_nearest(tmp_path, wanted, said):
    with pytest.raises(UnknownPart, match=said):
        select(find_assignments(course(tmp_path)), wanted)


def test_a_course_without_experiments_says_so(tmp_path):
    with pytest.raises(UnknownPart, match=r"reference/\*/experiments\.py"):
        select(find_assignments(tmp_path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("EXPERIMENTS = [1]", "has no tuple EXPERIMENTS"),
        ("", "has no tuple EXPERIMENTS"),
        ("1 / 0", "does not import: ZeroDivisionError"),
        (TABLE.replace('"sweep_2"', '"sweep_1"'), "two experiments called sweep_1"),
        (TABLE.replace('"mnist"', '"cifar"', 1), "mlp asks for the data set 'cifar'"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, content, said):
    with pytest.raises(OracleError, match=said):
        find_assignments(course(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("source: a run\nfigures: {mlp: [{metric: x, value: many}]}", "float"),
        ("source: a run\nfigures: {}\nsuorce: b", "suorce"),
        ("figures: {", "published.yaml"),
    ],
)
def test_a_wrong_file_of_published_figures_is_named(tmp_path, content, said):
    (tmp_path / "published.yaml").write_text(content)
    with pytest.raises(OracleError, match=said):
        read_published(tmp_path)


def test_an_assignment_may_have_no_published_figures(tmp_path):
    assert read_published(tmp_path).figures == {}
