"""Model answer to parts 2 and 3 in PyTorch: two MLPs and a CNN for MNIST, and a sweep over weight decay.

    MLP         output      parameters                    wide MLP    output      parameters
    flatten        784              0                     flatten        784               0
    dense1          64  784·64 + 64 = 50240               dense1         500  784·500 + 500 = 392500
    dense2          64  64·64 + 64  =  4160               dense2         300  500·300 + 300 = 150300
    logits          10  64·10 + 10  =   650               logits          10  300·10 + 10   =   3010
                             in all   55050                                         in all    545810

    CNN         output      parameters
    conv1     26×26×32      3·3·1·32 + 32    =    320
    pool1     13×13×32                              0
    conv2     11×11×64      3·3·32·64 + 64   =  18496
    pool2       5×5×64                              0
    flatten       1600                              0
    dense1          64      1600·64 + 64     = 102464
    logits          10      64·10 + 10       =    650
                                      in all   121930

PyTorch keeps images channels first, (N, 1, 28, 28); the tables are written channels last like the handout's.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weight decay adds ``l2_factor`` · Σ w² to the loss, over the kernels (not the biases) of the two hidden layers of the
wide MLP. The losses in a history contain it, those of ``evaluate`` do not.

It is written into the loss here. The ``weight_decay`` of ``torch.optim.SGD`` would do the same with twice the factor:
it adds ``weight_decay`` · w to the gradient, and the gradient of factor · w² is 2 · factor · w.

Weights start from Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero biases, the defaults
of Keras, with which the published figures were obtained; PyTorch's own are kernels and biases uniform within
1/√fan_in. Gradient descent is the same in both, without momentum.
"""

from collections import OrderedDict
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

FACTORS = (1e-3, 7.5e-4, 5e-4, 2.5e-4, 1e-6)
SEEDS = (0, 1, 2)


class Network(nn.Sequential):
    """Layers one after the other, and the penalty that belongs to their loss."""

    def __init__(self, layers, l2_factor=0.0, l2_layers=()):
        super().__init__(layers)
        self.l2_factor = l2_factor
        self.l2_layers = l2_layers

    def penalty(self):
        """Return ``l2_factor`` · Σ w² over the kernels of the layers named in ``l2_layers``; 0 without any."""
        return sum(self.l2_factor * self.get_submodule(name).weight.square().sum() for name in self.l2_layers)


def build_mlp(seed=0):
    """Return the network of 2.1, untrained: 55050 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        flatten=nn.Flatten(),
        dense1=nn.Linear(28 * 28, 64),
        relu1=nn.ReLU(),
        dense2=nn.Linear(64, 64),
        relu2=nn.ReLU(),
        logits=nn.Linear(64, 10),
    )
    return Network(layers).apply(initialize)


def build_wide_mlp(l2_factor=0.0, seed=0):
    """Return the network of 2.4, untrained: 545810 parameters, with weight decay on the hidden layers if asked for."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        flatten=nn.Flatten(),
        dense1=nn.Linear(28 * 28, 500),
        relu1=nn.ReLU(),
        dense2=nn.Linear(500, 300),
        relu2=nn.ReLU(),
        logits=nn.Linear(300, 10),
    )
    return Network(layers, l2_factor, l2_layers=("dense1", "dense2") if l2_factor else ()).apply(initialize)


def build_cnn(seed=0):
    """Return the network of part 3, untrained: 121930 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 32, kernel_size=3),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(32, 64, kernel_size=3),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        dense1=nn.Linear(5 * 5 * 64, 64),
        relu3=nn.ReLU(),
        logits=nn.Linear(64, 10),
    )
    return Network(layers).apply(initialize)


def initialize(layer):
    """Draw the weights of one layer as Keras does."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def train(network, training, validation, *, epochs, batch_size, seed=0, after_epoch=None):
    """Train with stochastic gradient descent, learning rate 0.1, on the mean cross-entropy plus the penalty.

    Args:
        network: a :class:`Network`, changed in place. It may be on any device.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        seed: for the order of the examples.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    torch.manual_seed(seed)
    images, labels = to_tensors(training, network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    history = {"loss": [], "accuracy": [], "validation_loss": [], "validation_accuracy": []}
    for epoch in range(1, epochs + 1):
        network.train()
        loss_sum = correct = 0
        for batch in torch.randperm(len(images), device=images.device).split(batch_size):
            logits = network(images[batch])
            loss = cross_entropy(logits, labels[batch]) + network.penalty()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(batch)
            correct += (logits.argmax(dim=1) == labels[batch]).sum()
        validation_loss, validation_accuracy = evaluate(network, validation)
        with torch.no_grad():
            penalty = float(network.penalty())
        history["loss"].append(float(loss_sum) / len(images))
        history["accuracy"].append(int(correct) / len(images))
        history["validation_loss"].append(validation_loss + penalty)
        history["validation_accuracy"].append(validation_accuracy)
        if after_epoch is not None:
            after_epoch(epoch, history["loss"][-1])
    return history


def train_mlp(network, training, validation, *, epochs=10, batch_size=128, **settings):
    """Train the network of 2.1 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_wide_mlp(network, training, validation, *, epochs=40, batch_size=128, **settings):
    """Train the network of 2.4 as the handout says, with the weight decay it was built with, if any."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_cnn(network, training, validation, *, epochs=10, batch_size=64, **settings):
    """Train the network of part 3 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, batch_size=batch_size, **settings)


def train_one(run, training, validation, epochs=40):
    """Train one wide MLP of the sweep and return its history. ``run`` is ``(factor, seed)``."""
    factor, seed = run
    network = build_wide_mlp(l2_factor=factor, seed=seed)
    return train_wide_mlp(network, training, validation, epochs=epochs, seed=seed)


def sweep(training, validation, *, factors=FACTORS, seeds=SEEDS, epochs=40, run_all=map):
    """Train the wide MLP of 2.4b with every factor from every seed: fifteen times by default.

    Args:
        run_all: called like ``map`` with a function and the runs, each ``(factor, seed)``; returns their histories in
            the same order. ``map`` takes one after the other, a pool's ``map`` trains them side by side.

    Returns:
        dict that has, for each factor, a list of histories, one for each seed.
    """
    runs = [(factor, seed) for factor in factors for seed in seeds]
    histories = run_all(partial(train_one, training=training, validation=validation, epochs=epochs), runs)
    by_factor = {factor: [] for factor in factors}
    for (factor, _), history in zip(runs, histories, strict=True):
        by_factor[factor].append(history)
    return by_factor


def error_bars(histories):
    """Return the mean and the standard deviation of what one factor reached: ``(mean, deviation)`` in a dict.

    ``final`` is the validation accuracy after the last epoch, ``best`` that of the best epoch. The deviation is that
    of a sample: its squares are divided by one less than the number of runs.
    """
    curves = [history["validation_accuracy"] for history in histories]
    reached = {"final": [curve[-1] for curve in curves], "best": [max(curve) for curve in curves]}
    return {name: (float(np.mean(values)), float(np.std(values, ddof=1))) for name, values in reached.items()}


def to_tensors(examples, network):
    """Return images (N, 1, 28, 28) and class numbers (N,) as tensors, where the network is and in its precision."""
    images, labels = examples
    weight = next(network.parameters())
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return channels_first.to(weight), torch.from_numpy(labels.argmax(axis=1)).to(weight.device)


@torch.no_grad()
def predict(network, examples):
    """Return the logits (N, 10) of a set of examples."""
    network.eval()
    images, _ = to_tensors(examples, network)
    return torch.cat([network(batch) for batch in images.split(1000)]).cpu().numpy()


def probabilities(logits):
    """Return the softmax of logits (N, 10): positive, with a sum of 1 in each row."""
    return torch.softmax(torch.from_numpy(logits), dim=1).numpy()


def evaluate(network, examples):
    """Return ``(loss, accuracy)``: the mean cross-entropy and the share of images whose largest logit is right."""
    _, labels = examples
    logits, classes = predict(network, examples), labels.argmax(axis=1)
    loss = cross_entropy(torch.from_numpy(logits), torch.from_numpy(classes))
    return loss.item(), float((logits.argmax(axis=1) == classes).mean())
