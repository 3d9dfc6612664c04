"""Of the second convolution only the first 16 kernels are shown.

Base: torch_sequential
File: networks.py
Parts: plots
Fails: plots.second_kernels
"""

right_plot = plot_kernels


def plot_kernels(kernels, title):
    right_plot(kernels[:16], title)
