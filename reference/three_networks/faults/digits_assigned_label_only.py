"""The titles say only what the network takes the digits for.

Base: torch
File: networks.py
Parts: digits
Fails: digits.plot
"""


def plot_digits(images, labels, predictions):
    figure, axes = plt.subplots(2, 5)
    for ax, image, prediction in zip(axes.flat, images, predictions):
        ax.imshow(image, cmap="gray")
        ax.set_title(f"assigned: {prediction}")
        ax.axis("off")
    plt.show()
