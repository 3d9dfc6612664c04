"""The assigned label is called the right one.

Base: keras
File: networks.py
Parts: digits
Fails: digits.plot
"""

right_plot = plot_digits


def plot_digits(images, labels, predictions):
    right_plot(images, predictions, labels)
