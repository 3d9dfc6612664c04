"""A small course whose students draw: enough to grade functions that plot."""

from grader.checks.registry import KINDS
from grader.course.load import load

RUBRIC = """
assignment: Plots
parts:
  - id: plots
    plots:
      plot_first_images: {accepts: [images, labels]}
      plot_history: {accepts: [history]}
      plot_confusion_matrix: {accepts: [matrix]}
      plot_predictions: {accepts: [images, labels, predicted]}
      plot_error_bars: {accepts: [factors, runs]}
    criteria:
      - id: grid
        title: A grid of images
        points: 6
        check: figures
        call: plot_first_images
        axes: 25
        images: images
        titles: labels
        axis: off
        figure_title: required
        cases: [some_images]
      - id: history
        title: Curves
        points: 5
        check: figures
        call: plot_history
        axes: 2
        lines: [loss, val_loss, accuracy, val_accuracy]
        x_label: required
        y_label: required
        legend: required
        cases: [a_history]
      - id: confusion
        title: A confusion matrix
        points: 3
        check: figures
        call: plot_confusion_matrix
        matrix: matrix
        x_label: required
        y_label: required
        cases: [a_matrix]
      - id: predictions
        title: Predictions
        points: 3
        check: figures
        call: plot_predictions
        axes: 25
        images: images
        titles: "GT:{labels}, P:{predicted}"
        cases: [some_images]
      - id: error_bars
        title: Error bars
        points: 2
        check: figures
        call: plot_error_bars
        error_bars: {mean: mean, deviation: [population, sample]}
        x_label: required
        cases: [some_runs]
"""
CASES = """
import numpy as np

def some_images(rng):
    images = rng.random((60, 28, 28)).astype(np.float32)
    return {"images": images, "labels": rng.integers(0, 10, 60),
            "predicted": rng.integers(0, 10, 60)}

def a_history(rng):
    return {"history": {name: rng.random(15) for name in ("loss", "val_loss", "accuracy", "val_accuracy")}}

def a_matrix(rng):
    return {"matrix": rng.integers(0, 900, (10, 10))}

def some_runs(rng):
    runs = 0.98 + rng.random((5, 3)) / 100
    return {"factors": np.array([1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6]), "runs": runs, "mean": runs.mean(axis=1),
            "population": runs.std(axis=1), "sample": runs.std(axis=1, ddof=1)}
"""


def plots_course(folder):
    """Write the course into ``folder`` and load it."""
    assignment = folder / "reference" / "plots"
    assignment.mkdir(parents=True)
    (folder / "rubric.yaml").write_text("course: Plots\n")
    (assignment / "rubric.yaml").write_text(RUBRIC)
    (assignment / "cases.py").write_text(CASES)
    return load(folder, KINDS)
