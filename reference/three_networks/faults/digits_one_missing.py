"""Nine digits are shown, in a square.

Base: keras_functional
File: networks.py
Parts: digits
Fails: digits.plot
"""


def plot_digits(images, labels, predictions):
    for number in range(9):
        plt.subplot(3, 3, number + 1)
        plt.imshow(images[number])
        plt.title(f"right: {labels[number]}, assigned: {predictions[number]}")
        plt.axis("off")
