"""Three networks in PyTorch with classes and functions, in double precision."""

# what is needed: files, plots, arrays, tensors
from pathlib import Path
import matplotlib.pyplot as plt
import numpy as np
import torch

# the layers, and the functions that have no parameters
import torch.nn.functional as F
from torch import nn


class SoftmaxRegression(nn.Module):
    """The first network, which gives probabilities."""

    def __init__(self):
        """Make the one layer."""
        super().__init__()  # PyTorch's own bookkeeping
        self.scores = nn.Linear(28 * 28, 10)  # W and b of the given program
        # all of it starts from zero
        for parameter in self.parameters():
            parameter.data.zero_()  # in place

    def forward(self, x):
        """Return probabilities (N, 10)."""
        flat = x.reshape(len(x), -1)  # 784 numbers for each image
        return torch.softmax(self.scores(flat), dim=1)  # rows add up to one


def started(layer):
    """Give a layer the initial weights of the given programs."""
    # a deviation of 0.1 around 0, and 0.1
    layer.weight.data = 0.1 * torch.randn_like(layer.weight)
    layer.bias.data = torch.full_like(layer.bias, 0.1)
    return layer  # so that it can be used where the layer is made


class Mlp(nn.Module):
    """The second network, which gives log-probabilities."""

    def __init__(self):
        """Make both layers."""
        super().__init__()  # PyTorch's own bookkeeping
        # the last layer first: the order of definition does not matter
        self.out = started(nn.Linear(512, 10))
        self.hidden = started(nn.Linear(784, 512))

    def forward(self, x):
        """Return log-probabilities (N, 10)."""
        x = F.relu(self.hidden(x.view(x.shape[0], 784)))  # the hidden layer
        return F.log_softmax(self.out(x), dim=1)  # for nll_loss


class LeNet(nn.Module):
    """The third network, which gives logits."""

    def __init__(self):
        """Make two convolutions and two dense layers."""
        super().__init__()  # PyTorch's own bookkeeping
        # "same" works for strides of 1
        self.conv1 = started(nn.Conv2d(1, 32, 5, padding="same"))
        self.conv2 = started(nn.Conv2d(32, 64, 5, padding="same"))
        # 28 is halved twice
        self.fc1 = started(nn.Linear(64 * 7**2, 1024))
        self.fc2 = started(nn.Linear(1024, 10))

    def forward(self, x):
        """Return logits (N, 10)."""
        # images may come without a channel
        if x.ndim == 3:
            x = x.unsqueeze(1)  # one channel
        # convolution, pooling, ReLU, twice; the largest value of a ReLU is the ReLU of the largest value
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = F.relu(self.fc1(x.flatten(start_dim=1)))  # the large dense layer
        x = F.dropout(x, 0.5, training=self.training)  # off in evaluation
        return self.fc2(x)  # ten scores


def build_softmax_regression():
    """Return the first network."""
    return SoftmaxRegression().double()  # in double precision


def build_mlp():
    """Return the second network."""
    return Mlp().double()  # in double precision


def build_lenet():
    """Return the third network."""
    return LeNet().double()  # in double precision


def prepare(train_images, train_labels, test_images, test_labels):
    """Draw a twelfth at random for validation."""

    def ready(images, labels):
        """Scale images and encode labels."""
        hot = F.one_hot(torch.as_tensor(labels), 10).numpy()  # a 1 at the class
        return images.reshape(-1, 28, 28, 1) / 255.0, hot  # from 0 to 1

    x, y = ready(train_images, train_labels)  # all of them
    order = np.random.default_rng(1).permutation(len(x))  # the same every time
    # a twelfth, rounded
    cut = round(len(x) / 12)
    validation, training = order[:cut], order[cut:]
    return x[training], y[training], x[validation], y[validation], *ready(test_images, test_labels)  # six arrays


def logarithms(model, x):
    """Return log-probabilities, whatever a network ends with."""
    outputs = model(x)  # probabilities, their logarithms, or logits
    # log_softmax leaves logarithms of probabilities as they are
    return torch.log(outputs) if isinstance(model, SoftmaxRegression) else F.log_softmax(outputs, dim=1)


def fit(model, sets, epochs, name, optimizer, batch_size):
    """Train and keep the best weights by validation loss."""
    from torch.utils.tensorboard import SummaryWriter  # for TensorBoard

    # float64 like the weights
    sets = [(torch.from_numpy(x).double(), torch.from_numpy(y)) for x, y in sets]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sets[0]), batch_size, shuffle=True)
    # where things go
    best, path = np.inf, Path("checkpoints") / f"{name}.pt"
    path.parent.mkdir(exist_ok=True)
    history = {key: [] for key in ("loss", "accuracy", "val_loss", "val_accuracy")}  # empty at first
    # closes the file in the end
    with SummaryWriter(f"logs/{name}") as writer:
        # every pass over the images
        for epoch in range(1, epochs + 1):
            model.train()  # dropout on
            # batch by batch
            for x, y in loader:
                optimizer.zero_grad()  # forget the last batch
                # a step of the optimizer
                F.nll_loss(logarithms(model, x), y).backward()
                optimizer.step()
            model.eval()  # dropout off
            # no gradients are needed to measure
            with torch.no_grad():
                # training images, then validation images
                for (x, y), prefix in zip(sets, ("", "val_")):
                    logs = logarithms(model, x)  # (N, 10)
                    # loss and share of right answers
                    history[f"{prefix}loss"].append(float(F.nll_loss(logs, y)))
                    history[f"{prefix}accuracy"].append(float((logs.argmax(1) == y).double().mean()))
            # one curve for each number
            for key in history:
                writer.add_scalar(key, history[key][-1], epoch)  # the latest value
            # better than all before?
            if history["val_loss"][-1] < best:
                # keep it
                best = history["val_loss"][-1]
                torch.save(model.state_dict(), path)
    return history  # a dict of lists


def train_softmax_regression(model, x_train, y_train, x_validation, y_validation, epochs):
    """Gradient descent, 0.5, batches of 100."""
    optimizer = torch.optim.SGD(model.parameters(), 0.5)  # plain
    sets = [(x_train, y_train), (x_validation, y_validation)]  # together
    return fit(model, sets, epochs, "softmax_regression", optimizer, 100)  # train it


def train_mlp(model, x_train, y_train, x_validation, y_validation, epochs):
    """Adam, 1e-4, batches of 50."""
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)  # as given
    sets = [(x_train, y_train), (x_validation, y_validation)]  # together
    return fit(model, sets, epochs, "mlp", optimizer, 50)  # train it


def train_lenet(model, x_train, y_train, x_validation, y_validation, epochs):
    """Adam, 1e-4, batches of 50."""
    optimizer = torch.optim.Adam(model.parameters(), 1e-4)  # as given
    sets = [(x_train, y_train), (x_validation, y_validation)]  # together
    return fit(model, sets, epochs, "lenet", optimizer, 50)  # train it


def plot_digits(images, labels, predictions):
    """Show the digits in one row."""
    figure = plt.figure(figsize=(15, 2))  # wide and low
    # each in a plot of its own
    for k in range(len(images)):
        ax = figure.add_subplot(1, len(images), k + 1)  # counted from 1
        ax.imshow(np.asarray(images[k]).squeeze(), cmap="Greys")  # dark strokes
        # both labels, no axes
        ax.set_title(f"{labels[k]} → {predictions[k]}")
        ax.set_axis_off()
    figure.savefig("digits.png")  # for the report
