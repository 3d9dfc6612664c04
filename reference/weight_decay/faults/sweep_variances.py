"""The error bars are variances.

Base: torch_subclass
File: networks.py
Parts: weight_decay
Fails: weight_decay.plot
"""


def plot_sweep(factors, accuracies):
    plt.errorbar(factors, accuracies.mean(axis=1), yerr=accuracies.var(axis=1), fmt="o")
    plt.xscale("log")
    plt.xlabel("factor")
    plt.ylabel("accuracy")
    plt.title("Sweep")
