"""Model answer in PyTorch: softmax regression, an MLP and a variant of LeNet for MNIST.

    softmax     output      parameters                    LeNet variant  output      parameters
    flatten        784             0                      conv1     28×28×32     5·5·1·32 + 32    =     832
    logits          10  784·10 + 10 = 7850                pool1     14×14×32                              0
                                                          conv2     14×14×64     5·5·32·64 + 64   =   51264
    MLP         output      parameters                    pool2       7×7×64                              0
    flatten        784                0                   flatten       3136                              0
    dense1         512  784·512 + 512 = 401920            dense1        1024     3136·1024 + 1024 = 3212288
    logits          10  512·10 + 10   =   5130            logits          10     1024·10 + 10     =   10250
                               in all   407050                                             in all   3274634

PyTorch keeps images channels first, (N, 1, 28, 28); the tables are written channels last like the handout's.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start as in the given programs: the MLP and the LeNet variant from N(0, 0.1), 0.1 being the standard
deviation, with biases of 0.1, the softmax regression from zeros. PyTorch's own, kernels and biases uniform
within 1/√fan_in, are not used. Adam's ε is 1e-7 as in Keras. One small difference remains: Keras adds ε before it
corrects for Adam's first steps, PyTorch after.
"""

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


def build_softmax_regression(seed=0):  # noqa: ARG001 - every network is built with a seed; this one draws nothing
    """Return the first network, untrained: 7850 parameters, all zero."""
    network = nn.Sequential(OrderedDict(flatten=nn.Flatten(), logits=nn.Linear(28 * 28, 10)))
    nn.init.zeros_(network.logits.weight)
    nn.init.zeros_(network.logits.bias)
    return network


def build_mlp(seed=0):
    """Return the second network, untrained: 407050 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        flatten=nn.Flatten(),
        dense1=nn.Linear(28 * 28, 512),
        relu1=nn.ReLU(),
        logits=nn.Linear(512, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def build_lenet(seed=0):
    """Return the third network, untrained: 3274634 parameters. Half of what the first dense layer gives is dropped."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 32, kernel_size=5, padding="same"),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(32, 64, kernel_size=5, padding="same"),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2),
        flatten=nn.Flatten(),
        dense1=nn.Linear(7 * 7 * 64, 1024),
        relu3=nn.ReLU(),
        dropout1=nn.Dropout(0.5),
        logits=nn.Linear(1024, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def initialize(layer):
    """Draw the weights of one layer as the given programs do."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.normal_(layer.weight, mean=0.0, std=0.1)
        nn.init.constant_(layer.bias, 0.1)


def train(
    network,
    training,
    validation,
    *,
    optimizer,
    checkpoint,
    epochs,
    batch_size,
    seed=0,
    log_folder=None,
    after_epoch=None,
):
    """Train on the mean cross-entropy; in the end the network has the weights whose validation loss was lowest.

    Args:
        network: changed in place. It may be on any device.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        optimizer: one that holds the network's parameters.
        checkpoint: path of a file, ``.pt`` by custom, for the best weights so far.
        seed: for the order of the examples and for dropout.
        log_folder: folder for TensorBoard, which shows it with ``tensorboard --logdir FOLDER``. Writing it takes the
            package ``tensorboard``; None writes nothing.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    torch.manual_seed(seed)
    writer = None
    if log_folder is not None:
        from torch.utils.tensorboard import SummaryWriter  # here, since nothing else needs the package

        writer = SummaryWriter(log_folder)
    images, labels = to_tensors(training, network)
    history = {"loss": [], "accuracy": [], "validation_loss": [], "validation_accuracy": []}
    lowest = float("inf")
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
        if validation_loss < lowest:
            lowest = validation_loss
            torch.save(network.state_dict(), checkpoint)
        if writer is not None:
            for name, values in history.items():
                writer.add_scalar(name, values[-1], epoch)
        if after_epoch is not None:
            after_epoch(epoch, history["loss"][-1])
    if writer is not None:
        writer.close()
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    return history


def train_softmax_regression(network, training, validation, *, checkpoint, epochs=18, batch_size=100, **settings):
    """Train the first network as given: gradient descent with learning rate 0.5. As :func:`train` otherwise."""
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def train_mlp(network, training, validation, *, checkpoint, epochs=18, batch_size=50, **settings):
    """Train the second network as given: Adam with learning rate 1e-4. As :func:`train` otherwise."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-7)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def train_lenet(network, training, validation, *, checkpoint, epochs=18, batch_size=50, **settings):
    """Train the third network as given: Adam with learning rate 1e-4. As :func:`train` otherwise."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-7)
    how = {"optimizer": optimizer, "checkpoint": checkpoint, "epochs": epochs, "batch_size": batch_size}
    return train(network, training, validation, **how, **settings)


def to_tensors(examples, network):
    """Return images (N, 1, 28, 28) and class numbers (N,) as tensors, where the network is and in its precision."""
    images, labels = examples
    weight = next(network.parameters())
    channels_first = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return channels_first.to(weight), torch.from_numpy(labels.argmax(axis=1)).to(weight.device)


@torch.no_grad()
def predict(network, examples):
    """Return the logits (N, 10) of a set of examples, with dropout off."""
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


def random_digits(network, examples, count=10, seed=0):
    """Draw some examples and say what the network takes them for.

    Returns:
        ``(images, right, assigned)``: images (count, 28, 28, 1), and their true and predicted classes (count,).
    """
    images, labels = examples
    drawn = np.random.default_rng(seed).choice(len(images), count, replace=False)
    chosen = images[drawn], labels[drawn]
    return chosen[0], chosen[1].argmax(axis=1), predict(network, chosen).argmax(axis=1)
