"""Networks of weight_decay in both frameworks, in one file: PyTorch for the wider MLP, Keras for the other two."""

import examples
import keras
import oracle_keras
import oracle_torch
import plots
import torch


def build_mlp():
    return oracle_keras.build_mlp()


def build_wide_mlp(l2_factor=0.0):
    return oracle_torch.build_wide_mlp(l2_factor)


def build_cnn():
    return oracle_keras.build_cnn()


def train_mlp(model, *data):
    assert isinstance(model, keras.Model)
    return examples.trained(oracle_keras.train_mlp, model, *data)


def train_wide_mlp(model, *data):
    assert isinstance(model, torch.nn.Module)
    return examples.trained(oracle_torch.train_wide_mlp, model, *data)


def l2_penalty(model):
    return model.penalty()


def plot_accuracy(history):
    plots.curves(history, "accuracy")
