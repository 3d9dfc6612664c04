"""What is timed against the references does the references' work."""

import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark_module(monkeypatch):
    """Return a function that imports a file of the benchmarks by its name."""
    monkeypatch.syspath_prepend(BENCHMARKS)

    def load(name):
        monkeypatch.delitem(sys.modules, name, raising=False)
        return __import__(name)

    return load


def test_stacked_networks_become_what_the_reference_makes_of_each(
    benchmark_module, oracle, torch_networks, draw_examples
):
    reference = oracle("weight_decay", torch_networks)
    examples = draw_examples(300, seed=5)
    runs = [(1e-3, 0), (1e-3, 1), (1e-6, 0)]
    stacked, losses = benchmark_module("stacked").train_stacked(reference, runs, examples, epochs=2)
    for number, (factor, seed) in enumerate(runs):
        network = reference.build_wide_mlp(factor, seed)
        history = reference.train_wide_mlp(network, examples, examples, epochs=2, seed=seed)
        assert losses[number].item() == pytest.approx(history["loss"][-1], rel=1e-5)
        for name, expected in network.named_parameters():
            np.testing.assert_allclose(
                stacked[name][number].detach(), expected.detach(), atol=1e-5, err_msg=f"{name}, run {factor, seed}"
            )


def test_the_bare_loop_in_pytorch_gives_the_history_of_the_reference(
    benchmark_module, oracle, torch_networks, draw_examples
):
    timed = benchmark_module("reference_epoch")
    reference = oracle("backprop_to_lenet", torch_networks)
    examples = {"training": draw_examples(300, seed=6), "validation": draw_examples(100, seed=7)}
    marks = []
    history = timed.bare_torch(reference, examples, lambda: marks.append(1))
    expected = reference.train_lenet(
        reference.build_lenet(), examples["training"], examples["validation"], epochs=len(marks)
    )
    assert len(marks) == timed.EPOCHS + 1
    for name, values in expected.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-4, err_msg=name)


def test_the_bare_loop_in_keras_learns_like_the_reference(benchmark_module, oracle, keras_networks, draw_examples):
    """The orders of the examples differ, so the histories are only alike."""
    timed = benchmark_module("reference_epoch")
    reference = oracle("backprop_to_lenet", keras_networks)
    examples = {"training": draw_examples(600, seed=6), "validation": draw_examples(100, seed=7)}
    history = timed.bare_keras(reference, examples, lambda: None)
    expected = reference.train_lenet(
        reference.build_lenet(), examples["training"], examples["validation"], epochs=timed.EPOCHS + 1
    )
    assert set(history) == set(expected)
    for name in ("loss", "validation_loss"):
        np.testing.assert_allclose(history[name], expected[name], rtol=0.3, err_msg=name)


def test_the_operations_of_an_epoch_are_those_of_its_layers(benchmark_module, oracle, torch_networks):
    """PyTorch counts the same for one image forwards, and forwards and backwards."""
    import torch
    from torch.nn.functional import cross_entropy
    from torch.utils.flop_counter import FlopCounterMode

    limit = benchmark_module("limit")
    network = oracle("backprop_to_lenet", torch_networks).build_lenet()
    image, label = torch.zeros(1, 1, 28, 28), torch.zeros(1, dtype=torch.long)
    with FlopCounterMode(display=False) as forwards, torch.no_grad():
        network(image)
    with FlopCounterMode(display=False) as both:
        cross_entropy(network(image), label).backward()
    assert limit.operations(training=0, validation=1) == forwards.get_total_flops()
    assert limit.operations(training=1, validation=0) == both.get_total_flops()
    shares = sum(limit.operations(2, 1, [layer]) for layer in limit.FORWARD)
    assert shares == limit.operations(2, 1)
