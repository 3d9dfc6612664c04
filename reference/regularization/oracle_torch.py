"""Model answer in PyTorch: eight networks for Fashion-MNIST, with one or two convolutions and four regularizers.

    one convolution  output   parameters                  two convolutions  output   parameters
    conv1      26×26×16      3·3·1·16 + 16 =    160       conv1      26×26×16      3·3·1·16 + 16  =   160
    pool1      13×13×16                           0       pool1      13×13×16                           0
    flatten        2704                           0       conv2      11×11×16      3·3·16·16 + 16 =  2320
    dense1           80      2704·80 + 80  = 216400       pool2        5×5×16                           0
    logits           10      80·10 + 10    =    810       flatten         400                           0
                                    in all   217370       dense1           80      400·80 + 80    = 32080
                                                          logits           10      80·10 + 10     =   810
    Batch norm adds 4 numbers for each channel it                                          in all   35370
    works on, of which 2, mean and variance, are not trained: 4·(16 + 80) = 384 with one convolution, 4·(16 + 16 + 80)
    = 448 with two. L2 and dropout add none.

``build(convolutions, regularizer)`` makes any of the eight. Dropout (a tenth) and batch norm stand after each pool
and after the first dense layer's ReLU. L2 adds 0.01 · Σ w² over the convolutions' kernels (not their biases) to the
loss; the losses in a history contain it, those of ``evaluate`` do not.

PyTorch keeps images channels first, (N, 1, 28, 28); the tables are written channels last like the handout's.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start from Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero biases, the defaults
of Keras, with which the published figures were obtained; PyTorch's own are kernels and biases uniform within
1/√fan_in. For the same reason batch norm has ε = 1e-3 and keeps 0.99 of its running figures at each step:
``momentum=0.01``, since PyTorch counts what is new. One small difference remains: PyTorch's running variance divides
by n − 1, that of Keras by n.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn.functional import cross_entropy

REGULARIZERS = ("none", "l2", "dropout", "batch_norm")
GRID = [(convolutions, regularizer) for convolutions in (1, 2) for regularizer in REGULARIZERS]
L2_FACTOR = 0.01
DROPPED = 0.1


class Network(nn.Sequential):
    """Layers one after the other, and the penalty that belongs to their loss."""

    def __init__(self, layers, l2_factor):
        super().__init__(layers)
        self.l2_factor = l2_factor

    def convolutions(self):
        """Return the convolutional layers, first to last."""
        return [layer for layer in self if isinstance(layer, nn.Conv2d)]

    def penalty(self):
        """Return ``l2_factor`` · Σ w² over the kernels of the convolutions."""
        return sum(self.l2_factor * layer.weight.square().sum() for layer in self.convolutions())


def build(convolutions, regularizer="none", seed=0):
    """Return one of the eight networks, untrained.

    Args:
        convolutions: how many convolutional layers, 1 or 2.
        regularizer: one of ``REGULARIZERS``.

    Raises:
        ValueError: there is no such regularizer.
    """
    if regularizer not in REGULARIZERS:
        raise ValueError(f"regularizer is {regularizer!r}; it can be {', '.join(REGULARIZERS)}")
    torch.manual_seed(seed)
    layers = OrderedDict()
    channels, side = 1, 28
    for number in range(1, convolutions + 1):
        layers[f"conv{number}"] = nn.Conv2d(channels, 16, kernel_size=3)
        layers[f"relu{number}"] = nn.ReLU()
        layers[f"pool{number}"] = nn.MaxPool2d(2)
        channels, side = 16, (side - 2) // 2
        if regularizer == "dropout":
            layers[f"dropout{number}"] = nn.Dropout(DROPPED)
        if regularizer == "batch_norm":
            layers[f"norm{number}"] = nn.BatchNorm2d(16, eps=1e-3, momentum=0.01)
    layers["flatten"] = nn.Flatten()
    layers["dense1"] = nn.Linear(side * side * channels, 80)
    layers["relu_dense1"] = nn.ReLU()
    if regularizer == "dropout":
        layers["dropout_dense1"] = nn.Dropout(DROPPED)
    if regularizer == "batch_norm":
        layers["norm_dense1"] = nn.BatchNorm1d(80, eps=1e-3, momentum=0.01)
    layers["logits"] = nn.Linear(80, 10)
    return Network(layers, L2_FACTOR if regularizer == "l2" else 0.0).apply(initialize)


def initialize(layer):
    """Draw the weights of one layer as Keras does. Batch norm starts alike in both: scale 1, shift 0."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def train(network, training, validation=None, *, epochs=5, batch_size=100, seed=0, after_epoch=None):
    """Train with stochastic gradient descent, learning rate 0.01, on the mean cross-entropy plus the penalty.

    Args:
        network: a :class:`Network`, changed in place. It may be on any device.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32. Without
            validation, as when the best network is trained again, its two lists stay empty.
        seed: for the order of the examples and for dropout.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    torch.manual_seed(seed)
    images, labels = to_tensors(training, network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
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
        history["loss"].append(float(loss_sum) / len(images))
        history["accuracy"].append(int(correct) / len(images))
        if validation is not None:
            validation_loss, validation_accuracy = evaluate(network, validation)
            with torch.no_grad():
                penalty = float(network.penalty())
            history["validation_loss"].append(validation_loss + penalty)
            history["validation_accuracy"].append(validation_accuracy)
        if after_epoch is not None:
            after_epoch(epoch, history["loss"][-1])
    return history


def to_tensors(examples, network):
    """Return images (N, 1, 28, 28) and class numbers (N,) as tensors, where the network is and in its precision."""
    images, labels = examples
    weight = next(network.parameters())
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return channels_first.to(weight), torch.from_numpy(labels.argmax(axis=1)).to(weight.device)


@torch.no_grad()
def predict(network, examples):
    """Return the logits (N, 10) of a set of examples: with dropout off, and batch norm on its running figures."""
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


def kernels(network):
    """Return the kernels of each convolution, (3, 3, in, out): one 3×3 picture for each pair of channels."""
    return [layer.weight.detach().permute(2, 3, 1, 0).cpu().numpy() for layer in network.convolutions()]
