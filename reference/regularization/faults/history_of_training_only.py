"""The curves of the validation images are missing, and so is the legend that would tell them apart.

Base: keras_subclass
File: networks.py
Parts: plots
Fails: plots.history
"""


def plot_history(history):
    for key in ("loss", "accuracy"):
        plt.figure()
        plt.plot(history[key])
        plt.xlabel("epoch")
        plt.ylabel(key)
    plt.show()
