"""What the tests of the references share: the oracles, images to train on, and one way to look into any network."""

import contextlib
import os
from pathlib import Path

import numpy as np
import pytest

from grader.oracle.run import load_module

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # read when tensorflow is imported: no notes about missing GPUs
for threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(threads, "1")  # on networks this small, threads spend their time waiting for each other

# PyTorch loads triton with its first optimizer. Both triton and tensorflow bring LLVM, and the process crashes if
# tensorflow was there first.
with contextlib.suppress(ImportError):
    import triton  # noqa: F401

REFERENCE = Path(__file__).parents[2] / "reference"

# tensorflow's variables have not followed NumPy 2's __array__(copy=...); saving Keras weights meets it
KNOWN_WARNINGS = ["ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"]


def pytest_collection_modifyitems(items):
    """Let known warnings of the frameworks pass, in this folder only."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for warning in KNOWN_WARNINGS:
                item.add_marker(pytest.mark.filterwarnings(warning))


class TorchNetworks:
    """Looks into PyTorch networks. What comes out is channels last, as Keras has it."""

    name = "torch"
    checkpoint_suffix = ".pt"

    def layer_names(self, network):
        return [name for name, _ in network.named_children()]

    def parameters(self, network):
        """Return how many parameters each layer has that has any, trained or not."""
        tensors = {
            name: [*layer.parameters(), *(buffer for buffer in layer.buffers() if buffer.is_floating_point())]
            for name, layer in network.named_children()
        }
        return {name: sum(t.numel() for t in found) for name, found in tensors.items() if found}

    def trainable(self, network):
        return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)

    def sizes(self, network):
        """Run two images through the network and return the size of each layer's output for one."""
        import torch

        values, sizes = torch.zeros(2, 1, 28, 28), {}
        network.eval()
        for name, layer in network.named_children():
            values = layer(values)
            size = tuple(values.shape[1:])
            sizes[name] = (size[1], size[2], size[0]) if len(size) == 3 else size
        return sizes

    def weights(self, network):
        """Return ``{layer: (kernel, bias)}`` of convolutions, (height, width, in, out), and dense layers, (in, out)."""
        from torch import nn

        found = {}
        for name, layer in network.named_children():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                kernel = layer.weight.detach().numpy().copy()
                axes = (2, 3, 1, 0) if kernel.ndim == 4 else (1, 0)
                found[name] = kernel.transpose(axes), layer.bias.detach().numpy().copy()
        return found

    def dropout_rates(self, network):
        from torch import nn

        return {name: layer.p for name, layer in network.named_children() if isinstance(layer, nn.Dropout)}

    def batch_norms(self, network):
        """Return, for each batch norm, ε, the share of the running figures kept, and scale, shift, mean, variance."""
        return {
            name: (
                layer.eps,
                1 - layer.momentum,
                *(t.detach().numpy() for t in (layer.weight, layer.bias, layer.running_mean, layer.running_var)),
            )
            for name, layer in network.named_children()
            if hasattr(layer, "running_mean")
        }

    def penalty(self, network):
        """Return the penalty and its gradient by each kernel and bias: ``(value, {layer: (array, array)})``."""
        import torch

        network.zero_grad()
        penalty = network.penalty()
        penalty.backward()
        gradients = {}
        for name, layer in network.named_children():
            if hasattr(layer, "weight"):
                of_kernel, of_bias = (
                    torch.zeros_like(p) if p.grad is None else p.grad for p in (layer.weight, layer.bias)
                )
                axes = (2, 3, 1, 0) if of_kernel.ndim == 4 else (1, 0)
                gradients[name] = of_kernel.numpy().transpose(axes), of_bias.numpy()
        return penalty.item(), gradients

    def penalty_value(self, network):
        import torch

        with torch.no_grad():
            return float(network.penalty())

    def load_checkpoint(self, network, path):
        import torch

        network.load_state_dict(torch.load(path, weights_only=True))


class KerasNetworks:
    """Looks into Keras networks. The methods are those of :class:`TorchNetworks`."""

    name = "keras"
    checkpoint_suffix = ".weights.h5"

    def layer_names(self, network):
        return [layer.name for layer in network.layers]

    def parameters(self, network):
        counts = {layer.name: layer.count_params() for layer in network.layers}
        return {name: count for name, count in counts.items() if count}

    def trainable(self, network):
        return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)

    def sizes(self, network):
        import keras

        traced = keras.Model(network.inputs[0], [layer.output for layer in network.layers])
        outputs = traced(np.zeros((2, 28, 28, 1), np.float32))
        return {layer.name: tuple(out.shape[1:]) for layer, out in zip(network.layers, outputs, strict=True)}

    def weights(self, network):
        return {layer.name: tuple(layer.get_weights()) for layer in network.layers if hasattr(layer, "kernel")}

    def dropout_rates(self, network):
        return {layer.name: layer.rate for layer in network.layers if hasattr(layer, "rate")}

    def batch_norms(self, network):
        return {
            layer.name: (layer.epsilon, layer.momentum, *layer.get_weights())
            for layer in network.layers
            if hasattr(layer, "moving_mean")
        }

    def penalty(self, network):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            penalty = sum(network.losses)
        named = [layer for layer in network.layers if hasattr(layer, "kernel")]
        pairs = tape.gradient(
            penalty,
            [(layer.kernel.value, layer.bias.value) for layer in named],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        gradients = {layer.name: tuple(g.numpy() for g in pair) for layer, pair in zip(named, pairs, strict=True)}
        return float(penalty), gradients

    def penalty_value(self, network):
        return float(sum(network.losses))

    def load_checkpoint(self, network, path):
        network.load_weights(path)


@pytest.fixture(params=["torch", "keras"])
def networks(request):
    """The framework under test; the test is skipped where it is not installed."""
    pytest.importorskip(request.param)
    return {"torch": TorchNetworks, "keras": KerasNetworks}[request.param]()


@pytest.fixture
def torch_networks():
    pytest.importorskip("torch")
    return TorchNetworks()


@pytest.fixture
def keras_networks():
    pytest.importorskip("keras")
    return KerasNetworks()


@pytest.fixture(scope="session")
def oracle():
    """Return a function that loads the oracle of an assignment for the framework of a ``networks`` object."""
    return lambda assignment, networks: load_module(REFERENCE / assignment / f"oracle_{networks.name}.py")


@pytest.fixture(scope="session")
def draw_examples():
    """Return a function ``(count, seed) -> (images, labels)`` with noisy images of one pattern per class."""

    def draw(count, seed):
        fixed = np.random.default_rng(0)
        patterns = fixed.random((10, 28, 28, 1)) * (fixed.random((10, 28, 28, 1)) < 0.25)  # dark, like MNIST
        rng = np.random.default_rng([seed, count])
        classes = rng.integers(0, 10, count)
        images = np.clip(patterns[classes] + rng.normal(0, 0.1, (count, 28, 28, 1)), 0, 1)
        return images.astype(np.float32), np.eye(10, dtype=np.float32)[classes]

    return draw
