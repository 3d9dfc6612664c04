"""What students draw with matplotlib, recorded and judged: in this process, and once behind the walls."""

import sys

import numpy as np
import pytest

from grader.checks.drawn import decode
from grader.checks.figures import AllFiguresSeen, Figures, FiguresSeen, flat
from grader.oracle.run import draw_cases
from grader.results import Verdict
from grader.sandbox import wire
from grader.sandbox.worker.loader import Loader
from grader.sandbox.worker.operations.workbench import Workbench
from grader.session import Job, grade
from tests.frameworks.plots_course import plots_course

pytest.importorskip("matplotlib")

SEED = 3


@pytest.fixture(autouse=True)
def _undo(monkeypatch, tmp_path):
    """A worker ends with its submission; this process goes on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setenv("MPLBACKEND", "agg")
    yield
    sys.modules.pop("plots", None)


@pytest.fixture
def draw(tmp_path):
    """Run one of the plotting functions in ``source`` and judge what it drew by the criterion ``name``."""
    course = plots_course(tmp_path / "course")
    part = course.assignments[0].parts[0]

    def run(name, source):
        criterion = course.assignments[0].criterion(f"plots.{name}")
        (case,) = draw_cases(course.assignments[0].folder, part, criterion.cases, SEED)
        plot = part.plot(criterion.options.call)
        (tmp_path / "plots.py").write_text(f"import matplotlib.pyplot as plt\nimport numpy as np\n{source}")
        loader = Loader(tmp_path)
        assert loader.load("plots.py", (plot.name,)) == wire.Loaded((), pytest.approx(0, abs=60))
        arguments = tuple(case.inputs[entry] for entry in plot.accepts)
        options = {"path": "plots.py", "name": plot.name, "arguments": arguments}
        reply, arrays = Workbench(tmp_path, loader).operate("record_figures", options)
        assert isinstance(reply, wire.Returned), reply
        drawing = decode(wire.unpack(reply.results[0].value, tuple(arrays)))
        seen = AllFiguresSeen("here", (FiguresSeen(case.label, drawing, flat(case.inputs)),))
        return Figures().judge(seen, criterion)

    return run


GRID = """
def plot_first_images(images, labels):
    fig, axs = plt.subplots(5, 5)
    fig.suptitle("The first images")
    for ax, image, label in zip(axs.flat, images, labels):
        ax.imshow(image, cmap="gray")
        ax.set_title(label)
        ax.axis("off")
    plt.show()
"""
HISTORY = """
def plot_history(history):
    for name in ("loss", "accuracy"):
        plt.plot(history[name], label="train")
        plt.plot(history["val_" + name], label="validation")
        plt.xlabel("epoch")
        plt.ylabel(name)
        plt.legend()
        plt.show()
"""
MATRIX = """
def plot_confusion_matrix(matrix):
    plt.matshow(matrix)
    plt.colorbar()
    for (i, j), n in np.ndenumerate(matrix):
        plt.text(j, i, n)
    plt.xlabel("predicted")
    plt.ylabel("true")
"""
PREDICTIONS = """
def plot_predictions(images, labels, predicted):
    for i in range(25):
        plt.subplot(5, 5, i + 1)
        plt.imshow(images[i])
        plt.title(f"GT:{labels[i]}, P:{predicted[i]}")
"""
ERROR_BARS = """
def plot_error_bars(factors, runs):
    plt.errorbar(factors, runs.mean(axis=1), yerr=runs.std(axis=1, ddof=1), fmt="o", capsize=4)
    plt.xscale("log")
    plt.xlabel("factor")
"""

RIGHT = {
    "a grid of subplots": ("grid", GRID),
    "255 - x, upside-down greys": ("grid", GRID.replace("imshow(image,", "imshow(np.uint8(255 * (1 - image)),")),
    "as colours": ("grid", GRID.replace("imshow(image,", "imshow(np.stack([image] * 3, -1),")),
    "words before the label": ("grid", GRID.replace("set_title(label)", "set_title(f'Label: {label}')")),
    "names of classes": ("grid", GRID.replace("set_title(label)", "set_title('abcdefghij'[label])")),
    "labels below, no ticks": (
        "grid",
        GRID.replace("set_title(label)", "set_xlabel(label)").replace("axis('off')", "set(xticks=[], yticks=[])"),
    ),
    "ticks taken away": ("grid", GRID.replace('axis("off")', "set(xticks=[], yticks=[])")),
    "saved, not shown": ("grid", GRID.replace("plt.show()", "plt.savefig('no/such/folder/x.png'); plt.close()")),
    "returned, unknown to pyplot": (
        "grid",
        "from matplotlib.figure import Figure\n"
        + GRID.replace("fig, axs = plt.subplots", "fig = Figure(); axs = fig.subplots")
        .replace("plt.show()", "return fig"),
    ),
    "two figures, one after the other": ("history", HISTORY),
    "two plots side by side, in percent": (
        "history",
        HISTORY.replace("plt.plot(", "plt.gcf().add_subplot(1, 2, 1 + (name != 'loss')) if 1 else 0; plt.plot(", 1)
        .replace("        plt.show()\n", "").replace("history[name],", "100 * np.array(history[name]),"),
    ),
    "Keras' History, and x from 1": (
        "history",
        HISTORY.replace("plt.plot(history[name]", "plt.plot(range(1, 16), history.history[name]"),
    ),
    "saved and cleared": ("history", HISTORY.replace("plt.show()", "plt.savefig(name); plt.clf()")),
    "show taken before": ("history", "from matplotlib.pyplot import show\n" + HISTORY.replace("plt.show()", "show()")),
    "matshow with a colour bar": ("confusion", MATRIX),
    "numbers only": ("confusion", MATRIX.replace("plt.matshow(matrix)", "plt.imshow(matrix > 5)")),
    "shares of rows": (
        "confusion",
        MATRIX.replace("plt.matshow(matrix)", "matrix = matrix / matrix.sum(1, keepdims=True); plt.pcolormesh(matrix)")
        .replace("i, n)", "i, f'{n:.2f}')"),
    ),
    "predicted classes down, and said so": (
        "confusion",
        MATRIX.replace("plt.matshow(matrix)", "matrix = matrix.T; plt.matshow(matrix)")
        .replace('xlabel("predicted")', 'xlabel("actual")').replace('ylabel("true")', 'ylabel("predicted")'),
    ),
    "subplot by subplot": ("predictions", PREDICTIONS),
    "other words": ("predictions", PREDICTIONS.replace("GT:{labels[i]}, P:{", "GT = {labels[i]}: {")),
    "error bars": ("error_bars", ERROR_BARS),
    "bars with errors, in percent": (
        "error_bars",
        ERROR_BARS.replace("plt.errorbar(factors, runs", "runs = 100 * runs; plt.bar(range(5), runs")
        .replace(', fmt="o", capsize=4', "").replace('plt.xscale("log")', ""),
    ),
    "deviations of the population, no points": (
        "error_bars",
        ERROR_BARS.replace("ddof=1", "ddof=0").replace('fmt="o"', 'fmt="none", xerr=1e-5'),
    ),
}  # fmt: skip
EXCHANGED = "matrix = matrix.T; plt.matshow(matrix)"
OTHER = "matrix = matrix + np.eye(10, dtype=int); plt.matshow(matrix)"
TITLES = "GT:{labels[i]}, P:{predicted[i]}"
LINE = """
def plot_error_bars(factors, runs):
    plt.plot(factors, runs.mean(axis=1))
    plt.xlabel("factor")
"""
NEXT_IMAGE = GRID.replace("images, labels):\n        ax", "images[1:], labels):\n        ax")
NEXT_LABEL = GRID.replace("images, labels):\n        ax", "images, labels[1:]):\n        ax")
# criterion, source, what is left of the points, words of the feedback
WRONG = {
    "24 images": ("grid", GRID.replace("zip(axs.flat,", "zip(axs.flat[:24],"), 4 / 5, "24 plots"),
    "the wrong images": ("grid", NEXT_IMAGE, 4 / 5, "Picture 1, 2"),
    "turned images": ("grid", GRID.replace("imshow(image,", "imshow(image.T,"), 4 / 5, "not the one given"),
    "labels of the next image": ("grid", NEXT_LABEL, 4 / 5, "not as asked"),
    "one title for all": ("grid", GRID.replace("set_title(label)", "set_title('image')"), 4 / 5, "is 'image'"),
    "axes shown": ("grid", GRID.replace('ax.axis("off")', "pass"), 4 / 5, "Axes are shown around 1"),
    "no title": ("grid", GRID.replace('fig.suptitle("The first images")', ""), 4 / 5, "No title on figure 1"),
    "validation forgotten": ("history", HISTORY.replace('"val_" + ', ""), 4 / 5, "val_loss and val_accuracy"),
    "one plot of two": ("history", HISTORY.replace('("loss", "accuracy")', '("loss",)'), 3 / 5, "one plot"),
    "no labels": ("history", HISTORY.replace('plt.xlabel("epoch")', "pass"), 4 / 5, "The x axis of plot 1, 2"),
    "no legend": ("history", HISTORY.replace("plt.legend()", "pass"), 4 / 5, "no legend"),
    "exchanged axes": ("confusion", MATRIX.replace("plt.matshow(matrix)", EXCHANGED), 2 / 3, "exchanged"),
    "another matrix": ("confusion", MATRIX.replace("plt.matshow(matrix)", OTHER), 2 / 3, "other numbers"),
    "right and assigned exchanged": (
        "predictions",
        PREDICTIONS.replace(TITLES, "GT:{predicted[i]}, P:{labels[i]}"),
        2 / 3,
        "title of picture",
    ),
    "variance for deviation": ("error_bars", ERROR_BARS.replace(".std(", ".var("), 1 / 2, "lengths"),
    "bars around one run": ("error_bars", ERROR_BARS.replace("runs.mean(axis=1)", "runs[:, 0]"), 1 / 2, "the means"),
    "a line without bars": ("error_bars", LINE, 1 / 2, "No error bars"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_plots_get_full_marks_however_they_are_drawn(draw, name):
    judgement = draw(*RIGHT[name])
    assert judgement.verdict is Verdict.PASS, judgement.feedback
    assert judgement.fraction == 1


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_costs_its_own_question_only(draw, name):
    criterion, source, fraction, words = WRONG[name]
    judgement = draw(criterion, source)
    assert judgement.verdict is Verdict.PARTIAL, judgement.feedback
    assert judgement.fraction == pytest.approx(fraction), judgement.feedback
    assert words in " ".join((judgement.feedback.summary, *judgement.feedback.facts))


def test_a_function_that_draws_nothing_fails(draw):
    judgement = draw("grid", "def plot_first_images(images, labels): plt.figure()\n")
    assert judgement.verdict is Verdict.FAIL
    assert judgement.feedback.summary == "The function drew nothing."


def test_a_drawing_that_is_not_understood_is_for_a_person(draw):
    source = ERROR_BARS.replace(
        "plt.errorbar(", "m, s = runs.mean(1), runs.std(1); plt.fill_between(factors, m - s, m + s) #"
    )
    judgement = draw("error_bars", source)
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "FillBetween" in judgement.feedback.summary


def test_what_was_open_before_is_not_counted(draw):
    assert draw("error_bars", "plt.plot([1, 2])\n" + ERROR_BARS).verdict is Verdict.PASS


@pytest.mark.filterwarnings("ignore:More than 20 figures")
def test_endless_figures_are_cut(draw):
    judgement = draw("history", "def plot_history(history):\n    for i in range(30): plt.figure(); plt.plot([i])\n")
    assert judgement.fraction < 1
    assert "20 plots" in judgement.feedback.summary


def test_a_figure_that_is_none_is_refused():
    with pytest.raises(ValueError, match="got `str`"):
        decode("figures")
    with pytest.raises(ValueError, match="figures"):
        decode({"left_out": np.array(0)})
    with pytest.raises(ValueError, match="titles"):
        decode({"left_out": np.array(0), "figures": (np.zeros(3),)})


def test_behind_the_walls_a_file_draws_without_a_display(tmp_path):
    course = plots_course(tmp_path / "course")
    somebody = tmp_path / "somebody"
    somebody.mkdir()
    (somebody / "plots.py").write_text("import matplotlib.pyplot as plt\nimport numpy as np\n" + GRID + MATRIX)
    report = grade(course, Job(somebody, assignment="plots", only=("plots.grid", "plots.confusion", "plots.history")))
    results = {r.criterion_id: r for r in report.results}
    assert results["plots.grid"].verdict is Verdict.PASS, results["plots.grid"]
    assert results["plots.confusion"].verdict is Verdict.PASS, results["plots.confusion"]
    assert results["plots.history"].verdict is Verdict.MISSING
    assert len(results["plots.grid"].exhibits[0].values) == 25
