"""Both networks as torch.nn.Sequential, logits at the end, "same" padding by the framework."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy


def build_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Conv2d(64, 32, 2, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(26 * 26 * 32, 256),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 10),
    )


def build_shallow_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 64, 3),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(13 * 13 * 64, 1024),
        nn.ReLU(),
        nn.Linear(1024, 10),
    )


def network_weights(network):
    kernel, conv1_bias, dense1, dense1_bias, logits, logits_bias = (
        values.detach().numpy() for values in network.state_dict().values()
    )
    dense1 = dense1.reshape(1024, 64, 13, 13).transpose(2, 3, 1, 0).reshape(13 * 13 * 64, 1024)
    return {
        "conv1_kernel": kernel.transpose(2, 3, 1, 0),
        "conv1_bias": conv1_bias,
        "dense1_kernel": dense1,
        "dense1_bias": dense1_bias,
        "logits_kernel": logits.T,
        "logits_bias": logits_bias,
    }


def train(model, x_train, y_train, x_validation, y_validation, epochs):
    x_train, x_validation = (torch.from_numpy(x).unsqueeze(1) for x in (x_train, x_validation))
    y_train, y_validation = map(torch.from_numpy, (y_train, y_validation))
    optimizer = torch.optim.Adam(model.parameters())
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    best, best_loss = None, float("inf")
    for _ in range(epochs):
        model.train()
        loss_sum = correct = 0
        for batch in torch.randperm(len(x_train)).split(64):
            logits = model(x_train[batch])
            loss = cross_entropy(logits, y_train[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(batch)
            correct += (logits.argmax(1) == y_train[batch]).sum().item()
        model.eval()
        with torch.no_grad():
            logits = torch.cat([model(batch) for batch in x_validation.split(500)])
        history["loss"].append(loss_sum / len(x_train))
        history["accuracy"].append(correct / len(x_train))
        history["val_loss"].append(cross_entropy(logits, y_validation).item())
        history["val_accuracy"].append((logits.argmax(1) == y_validation).float().mean().item())
        if history["val_loss"][-1] < best_loss:
            best_loss = history["val_loss"][-1]
            best = {name: values.clone() for name, values in model.state_dict().items()}
    model.load_state_dict(best)
    return history


train_cnn = train
train_shallow_cnn = train
