"""Only the accuracy in training is plotted.

Base: keras
File: networks.py
Parts: mlp
Fails: mlp.plot
"""


def plot_accuracy(history):
    plt.plot(history["accuracy"], label="training")
    plt.xlabel("epoch")
    plt.ylabel("accuracy")
    plt.legend()
