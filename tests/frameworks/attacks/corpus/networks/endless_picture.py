"""Draws more than anybody looks at.

Expects: picture FAIL or CRASH or MEMORY
"""


def plot_history(history):
    import matplotlib.pyplot as plt
    import numpy as np

    for _ in range(15):
        figure = plt.figure()
        axes = figure.add_axes((0, 0, 1, 1))
        for _ in range(10):
            axes.plot(np.zeros(5_000), label="x" * 10_000)
