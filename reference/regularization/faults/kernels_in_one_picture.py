"""All kernels are joined to one large picture, with axes around it.

Base: keras_sequential
File: networks.py
Parts: plots
Fails: plots.first_kernels, plots.second_kernels
"""


def plot_kernels(kernels, title):
    side = int(len(kernels) ** 0.5)
    plt.figure()
    plt.imshow(np.concatenate([np.concatenate(list(row), axis=1) for row in kernels.reshape(side, side, 3, 3)]))
    plt.title(title)
    plt.show()
