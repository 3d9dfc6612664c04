"""Model answer to parts 1 and 2a in PyTorch: two convolutional networks for Fashion-MNIST.

    part 1      output      parameters                    part 2a     output      parameters
    conv1     28×28×64      2·2·1·64 + 64     =     320   conv1     26×26×64      3·3·1·64 + 64     =      640
    pool1     27×27×64                                0   pool1     13×13×64                                 0
    conv2     27×27×32      2·2·64·32 + 32    =    8224   relu1     13×13×64                                 0
    pool2     26×26×32                                0   flatten      10816                                 0
    flatten      21632                                0   dense1        1024      10816·1024 + 1024 = 11076608
    dense1         256      21632·256 + 256   = 5538048   logits          10      1024·10 + 10      =    10250
    logits          10      256·10 + 10       =    2570                                      in all   11087498
                                       in all   5549162

PyTorch keeps images channels first, (N, 1, 28, 28); the tables are written channels last like the handout's. A 2×2
convolution keeps its size with one more row and one more column of zeros, and which side they are on is a choice:
here, as in TensorFlow, the bottom and the right.

The networks return logits, not probabilities: cross-entropy computed from logits cannot take the logarithm of zero.
``probabilities`` applies the softmax that the handout puts last; it has no parameters.

Weights start from Glorot-uniform kernels, U(−a, a) with a² = 6 / (fan_in + fan_out), and zero biases, the defaults
of Keras, with which the published figures were obtained; PyTorch's own are kernels and biases uniform within
1/√fan_in. For the same reason Adam's ε is 1e-7. One small difference remains: Keras adds ε before it corrects for
Adam's first steps, PyTorch after.
"""

from collections import OrderedDict

import torch
from torch import nn
from torch.nn.functional import cross_entropy


def build_cnn(seed=0):
    """Return the network of part 1, untrained: 5549162 parameters."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        pad1=nn.ZeroPad2d((0, 1, 0, 1)),
        conv1=nn.Conv2d(1, 64, kernel_size=2),
        relu1=nn.ReLU(),
        pool1=nn.MaxPool2d(2, stride=1),
        dropout1=nn.Dropout(0.3),
        pad2=nn.ZeroPad2d((0, 1, 0, 1)),
        conv2=nn.Conv2d(64, 32, kernel_size=2),
        relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(2, stride=1),
        dropout2=nn.Dropout(0.3),
        flatten=nn.Flatten(),
        dense1=nn.Linear(26 * 26 * 32, 256),
        relu3=nn.ReLU(),
        dropout3=nn.Dropout(0.5),
        logits=nn.Linear(256, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def build_shallow_cnn(seed=0):
    """Return the network of part 2a, untrained: 11087498 parameters. Its ReLU comes after the pooling."""
    torch.manual_seed(seed)
    layers = OrderedDict(
        conv1=nn.Conv2d(1, 64, kernel_size=3),
        pool1=nn.MaxPool2d(2),
        relu1=nn.ReLU(),
        flatten=nn.Flatten(),
        dense1=nn.Linear(13 * 13 * 64, 1024),
        relu2=nn.ReLU(),
        logits=nn.Linear(1024, 10),
    )
    return nn.Sequential(layers).apply(initialize)


def initialize(layer):
    """Draw the weights of one layer as Keras does."""
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)


def train(network, training, validation, *, epochs, batch_size=64, seed=0, checkpoint=None, after_epoch=None):
    """Train with Adam on the mean cross-entropy.

    Args:
        network: changed in place. It may be on any device.
        training, validation: pairs ``(images, labels)``, (N, 28, 28, 1) and one-hot (N, 10), both float32.
        seed: for the order of the examples and for dropout.
        checkpoint: path of a file, ``.pt`` by custom, for the weights of the epoch whose validation loss is lowest;
            they are loaded again in the end. Without it the network keeps the weights of the last epoch.
        after_epoch: called with the number of the epoch, from 1, and its loss.

    Returns:
        dict of lists with one number per epoch: ``loss``, ``accuracy``, ``validation_loss``, ``validation_accuracy``.
        The first two are means over the epoch's batches, taken while the weights change.
    """
    torch.manual_seed(seed)
    images, labels = to_tensors(training, network)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7)
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
        if checkpoint is not None and validation_loss < lowest:
            lowest = validation_loss
            torch.save(network.state_dict(), checkpoint)
        if after_epoch is not None:
            after_epoch(epoch, history["loss"][-1])
    if checkpoint is not None:
        network.load_state_dict(torch.load(checkpoint, weights_only=True))
    return history


def train_cnn(network, training, validation, *, checkpoint, epochs=10, **settings):
    """Train the network of part 1 as the handout says: the best weights by validation loss are saved and reloaded.

    Arguments and what is returned: as for :func:`train`.
    """
    return train(network, training, validation, epochs=epochs, checkpoint=checkpoint, **settings)


def train_shallow_cnn(network, training, validation, *, epochs=5, **settings):
    """Train the network of part 2a; the weights of the last epoch count. As :func:`train` otherwise."""
    return train(network, training, validation, epochs=epochs, **settings)


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
    return torch.cat([network(batch) for batch in images.split(200)]).cpu().numpy()


def probabilities(logits):
    """Return the softmax of logits (N, 10): positive, with a sum of 1 in each row."""
    return torch.softmax(torch.from_numpy(logits), dim=1).numpy()


def evaluate(network, examples):
    """Return ``(loss, accuracy)``: the mean cross-entropy and the share of images whose largest logit is right."""
    _, labels = examples
    logits, classes = predict(network, examples), labels.argmax(axis=1)
    loss = cross_entropy(torch.from_numpy(logits), torch.from_numpy(classes))
    return loss.item(), float((logits.argmax(axis=1) == classes).mean())
