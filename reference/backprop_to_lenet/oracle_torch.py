"""Model answer to parts 3 and 4 in PyTorch: an MLP and LeNet-5, plain, with dropout and with batch norm.

    MLP         output      parameters                    LeNet-5     output      parameters
    flatten        784               0                    conv1     28×28×6      5·5·1·6 + 6      =   156
    dense1         128  784·128 + 128 = 100480            pool1     14×14×6                             0
    dense2          64  128·64  + 64  =   8256            conv2    10×10×16      5·5·6·16 + 16    =  2416
    logits          10  64·10   + 10  =    650            pool2      5×5×16                             0
                              in all   109386             conv3     1×1×120      5·5·16·120 + 120 = 48120
                                                          flatten       120                             0
    Batch norm adds 4 numbers for each channel of         dense1         84      120·84 + 84      = 10164
    the four hidden layers, 4·(6 + 16 + 120 + 84) =       logits         10      84·10 + 10       =   850
    904, of which 452, means and variances, are not                                    in all       61706
    trained. Dropout and pooling have none.

PyTorch keeps images channels first, (N, 1, 28, 28); the tables are written channels last like the handout's.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start from Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero biases, the defaults
of Keras, with which the published figures were obtained; PyTorch's own are kernels and biases uniform within
1/√fan_in. For the same reason Adam's ε is 1e-7, and batch norm has ε = 1e-3 and keeps 0.99 of its running figures at
each step: ``momentum=0.01``, since PyTorch counts what is new. Two small differences remain. Keras adds ε before it
corrects for Adam's first steps, PyTorch after. PyTorch's running variance divides by n − 1, that of Keras by n.
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


def build_mlp(seed=0):
    """Return the network of 3.2, untrained: 109386 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        flatten=nn.Flatten(),
        dense1=nn.Linear(28 * 28, 128),
        relu1=nn.ReLU(),
        dense2=nn.Linear(128, 64),
        relu2=nn.ReLU(),
        logits=nn.Linear(64, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def build_lenet(seed=0):
    """Return LeNet-5 as in 4.1, untrained: 61706 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 6, kernel_size=5, padding="same"),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(6, 16, kernel_size=5),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        conv3=nn.Conv2d(16, 120, kernel_size=5),
        relu3=nn.ReLU(),
        flatten=nn.Flatten(),
        dense1=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        logits=nn.Linear(84, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def build_lenet_dropout(seed=0):
    """Return the LeNet-5 of 4.3.1, untrained: half of what each of the four hidden layers gives is dropped.

    Pools are not counted as hidden layers: values are dropped before them. Dropped after them, the same recipe reached
    a test accuracy of .852 instead of .873 (one run each, in Keras); .880 was published.
    """
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 6, kernel_size=5, padding="same"),
        relu1=nn.ReLU(),
        dropout1=nn.Dropout(0.5),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(6, 16, kernel_size=5),
        relu2=nn.ReLU(),
        dropout2=nn.Dropout(0.5),
        pool2=nn.MaxPool2d(2),
        conv3=nn.Conv2d(16, 120, kernel_size=5),
        relu3=nn.ReLU(),
        dropout3=nn.Dropout(0.5),
        flatten=nn.Flatten(),
        dense1=nn.Linear(120, 84),
        relu4=nn.ReLU(),
        dropout4=nn.Dropout(0.5),
        logits=nn.Linear(84, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def build_lenet_batch_norm(seed=0):
    """Return the LeNet-5 of 4.3.2, untrained: batch norm between each hidden layer and its ReLU, 62610 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 6, kernel_size=5, padding="same"),
        norm1=nn.BatchNorm2d(6, eps=1e-3, momentum=0.01),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(6, 16, kernel_size=5),
        norm2=nn.BatchNorm2d(16, eps=1e-3, momentum=0.01),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        conv3=nn.Conv2d(16, 120, kernel_size=5),
        norm3=nn.BatchNorm2d(120, eps=1e-3, momentum=0.01),
        relu3=nn.ReLU(),
        flatten=nn.Flatten(),
        dense1=nn.Linear(120, 84),
        norm4=nn.BatchNorm1d(84, eps=1e-3, momentum=0.01),
        relu4=nn.ReLU(),
        logits=nn.Linear(84, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def initialize(layer):
    """Draw the weights of one layer as Keras does. Batch norm starts alike in both: scale 1, shift 0."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def layer_sizes(network):
    """Return ``[(name, size of the output for one image), …]``, sizes channels first as PyTorch has them."""
    network.eval()
    values, sizes = torch.zeros(1, 1, 28, 28), []
    for name, layer in network.named_children():
        values = layer(values)
        sizes.append((name, tuple(values.shape[1:])))
    return sizes


def train(network, training, validation, *, epochs, batch_size=128, seed=0, after_epoch=None):
    """Train with Adam on the mean cross-entropy.

    Args:
        network: changed in place. It may be on any device.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        seed: for the order of the examples and for dropout.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    torch.manual_seed(seed)
    images, labels = to_tensors(training, network)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7)
    history = {"loss": [], "accuracy": [], "validation_loss": [], "validation_accuracy": []}
    for epoch in range(1, epochs + 1):
        network.train()
        loss_sum = correct = 0
        for batch in torch.randperm(len(images), device=images.device).split(batch_size):
            logits = network(images[batch])
            loss = cross_entropy(logits, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(batch)
            correct += (logits.argmax(dim=1) == labels[batch]).sum()
        validation_loss, validation_accuracy = evaluate(network, validation)
        history["loss"].append(float(loss_sum) / len(images))
        history["accuracy"].append(int(correct) / len(images))
        history["validation_loss"].append(validation_loss)
        history["validation_accuracy"].append(validation_accuracy)
        if after_epoch is not None:
            after_epoch(epoch, history["loss"][-1])
    return history


def train_mlp(network, training, validation, *, epochs=20, **settings):
    """Train the network of 3.2 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


def train_lenet(network, training, validation, *, epochs=10, **settings):
    """Train the network of 4.2 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


def train_lenet_dropout(network, training, validation, *, epochs=15, **settings):
    """Train the network of 4.3.1 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


def train_lenet_batch_norm(network, training, validation, *, epochs=15, **settings):
    """Train the network of 4.3.2 as the handout says. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


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


def confusion_matrix(network, examples):
    """Count examples by true class (row) and predicted class (column), (10, 10). Its trace / N is the accuracy."""
    _, labels = examples
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (labels.argmax(axis=1), predict(network, examples).argmax(axis=1)), 1)
    return counts
