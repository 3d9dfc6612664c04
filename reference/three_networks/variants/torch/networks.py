"""Three networks in PyTorch, with modules in a row."""

import os  # to make folders

import matplotlib.pyplot as plt  # to draw the digits
import numpy as np  # to prepare the data
import torch  # tensors and optimizers
from torch import nn  # layers


def prepare(train_images, train_labels, test_images, test_labels):
    """Scale the images, encode the labels and set a twelfth aside."""
    # pixels from 0 to 1, and an axis for the single channel
    x = (train_images / 255).astype(np.float32)[..., None]
    x_test = (test_images / 255).astype(np.float32)[..., None]
    # the rows of a unit matrix are one-hot vectors
    y = np.eye(10, dtype=np.float32)[train_labels]
    y_test = np.eye(10, dtype=np.float32)[test_labels]
    count = len(x) // 12  # 5000 of 60000
    # like the function of TensorFlow 1, take the first ones
    return x[count:], y[count:], x[:count], y[:count], x_test, y_test


def initialize(layer):
    """Start one layer as the given programs do."""
    # only these two kinds have weights
    if isinstance(layer, (nn.Linear, nn.Conv2d)):
        # tf.random_normal with stddev 0.1, and tf.constant 0.1
        nn.init.normal_(layer.weight, 0.0, 0.1)
        nn.init.constant_(layer.bias, 0.1)


def build_softmax_regression():
    """One dense layer that starts from zeros."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))  # the matmul and the bias
    # tf.zeros for both
    nn.init.zeros_(model[1].weight)
    nn.init.zeros_(model[1].bias)
    # the softmax is in the loss
    return model


def build_mlp():
    """One hidden layer of 512 units."""
    # flatten, hidden layer with its ReLU, ten logits
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 10))
    return model.apply(initialize)  # starts every layer


def build_lenet():
    """Two convolutions, a large dense layer, dropout."""
    # "SAME" padding of a 5x5 kernel is two pixels on every side
    model = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(7 * 7 * 64, 1024),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(1024, 10),
    )
    return model.apply(initialize)  # starts every layer


def evaluate(model, x, y):
    """Return loss and accuracy with dropout off."""
    model.eval()  # dropout lets everything through
    # nothing to learn here
    with torch.no_grad():
        logits = model(x)  # scores of all images
        loss = nn.functional.cross_entropy(logits, y)  # mean over the images
    # plain numbers, for the history
    return loss.item(), (logits.argmax(1) == y).float().mean().item()


def train(model, x_train, y_train, x_validation, y_validation, epochs, name, optimizer, batch_size):
    """Train and keep the best weights by validation loss."""
    from torch.utils.tensorboard import SummaryWriter  # writes event files

    # tensors with an axis for the channel
    x_train, x_validation = (torch.tensor(x).unsqueeze(1) for x in (x_train, x_validation))
    y_train, y_validation = torch.tensor(y_train), torch.tensor(y_validation)
    os.makedirs("checkpoints", exist_ok=True)  # torch.save needs the folder
    writer = SummaryWriter(os.path.join("logs", name))  # one folder for each network
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}  # one number per epoch
    # every pass over the training images
    for epoch in range(epochs):
        model.train()  # dropout on
        # a new order every time
        for batch in torch.randperm(len(x_train)).split(batch_size):
            loss = nn.functional.cross_entropy(model(x_train[batch]), y_train[batch])  # softmax included
            # one step down the gradient
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        # both sets, with dropout off
        for prefix, x, y in (("", x_train, y_train), ("val_", x_validation, y_validation)):
            loss, accuracy = evaluate(model, x, y)  # after the epoch
            # into the history
            history[prefix + "loss"].append(loss)
            history[prefix + "accuracy"].append(accuracy)
        # the curves for TensorBoard
        for key, values in history.items():
            writer.add_scalar(key, values[-1], epoch)  # the latest value
        # the best epoch so far
        if history["val_loss"][-1] == min(history["val_loss"]):
            torch.save(model.state_dict(), os.path.join("checkpoints", name + ".pt"))  # replaces the older one
    writer.close()  # writes what is left
    return history  # as the handout wants it


def train_softmax_regression(model, *data):
    """Gradient descent with learning rate 0.5, batches of 100."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)  # no momentum
    return train(model, *data, "softmax_regression", optimizer, 100)  # as all networks


def train_mlp(model, *data):
    """Adam with learning rate 1e-4, batches of 50."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)  # other constants as in TensorFlow
    return train(model, *data, "mlp", optimizer, 50)  # as all networks


def train_lenet(model, *data):
    """Adam with learning rate 1e-4, batches of 50."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)  # other constants as in TensorFlow
    return train(model, *data, "lenet", optimizer, 50)  # as all networks


def plot_digits(images, labels, predictions):
    """Show ten digits with right and assigned label."""
    figure, axes = plt.subplots(2, 5, figsize=(10, 5))  # two rows of five
    # each digit in its place
    for ax, image, label, prediction in zip(axes.flat, images, labels, predictions):
        # black background, white strokes
        ax.imshow(image, cmap="gray")
        ax.set_title(f"right: {label}, assigned: {prediction}")
        ax.axis("off")
    plt.show()  # in a notebook this is where it appears
