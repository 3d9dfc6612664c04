"""What the handouts ask to be drawn. The model answers draw nothing, so a submission made of them needs these."""

import matplotlib.pyplot as plt
import numpy as np


def grid(pictures, rows, columns, titles=None, heading=""):
    """Show pictures without axes, each with a title if there are any, and a heading over the whole."""
    figure, axes = plt.subplots(rows, columns, figsize=(columns, rows))
    figure.suptitle(heading)
    for number, (ax, picture) in enumerate(zip(axes.flat, pictures, strict=True)):
        ax.imshow(picture, cmap="gray")
        ax.axis("off")
        if titles is not None:
            ax.set_title(titles[number])


def curves(history, *figures):
    """Plot training and validation by epoch, one pair of axes for each of ``figures``."""
    _, axes = plt.subplots(1, len(figures), squeeze=False)
    for ax, figure in zip(axes.flat, figures, strict=True):
        for key, label in ((figure, "training"), (f"val_{figure}", "validation")):
            ax.plot(range(1, len(history[key]) + 1), history[key], label=label)
        ax.set_xlabel("epoch")
        ax.set_ylabel(figure)
        ax.legend()


def matrix(counts):
    """Show a confusion matrix with its axes named."""
    _, ax = plt.subplots()
    ax.imshow(counts)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")


def error_bars(factors, accuracies, heading):
    """Plot mean and standard deviation, divided by one less than the number of runs, of each factor's accuracies."""
    _, ax = plt.subplots()
    ax.errorbar(factors, np.mean(accuracies, axis=1), yerr=np.std(accuracies, axis=1, ddof=1))
    ax.set_xlabel("factor")
    ax.set_ylabel("accuracy")
    ax.set_title(heading)
