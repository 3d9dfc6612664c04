"""The means are plotted as a line.

Base: torch
File: networks.py
Parts: weight_decay
Fails: weight_decay.plot
"""


def plot_sweep(factors, accuracies):
    plt.plot(factors, accuracies.mean(axis=1), "o-")
    plt.xscale("log")
    plt.xlabel("factor")
    plt.ylabel("accuracy")
    plt.title("Sweep")
