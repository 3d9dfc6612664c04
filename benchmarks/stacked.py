"""Whether it pays to train several wide MLPs of the weight-decay sweep as one, with stacked weights, in PyTorch.

    python benchmarks/stacked.py [--rounds N]

Compares the processor time of the reference for one network with that of 3, 5 and 15 networks whose steps are taken
together by ``torch.func.vmap``, per network, in one thread: an epoch on the embedded subset each, in turns, without
validation. It is what was weighed against processes side by side (``sweep.py``) and no part of the references: each
network has its own factor, initial weights and order of the examples, and ends, up to rounding, with the weights that
the reference gives it.
"""

import argparse
import os
import statistics
import sys
import time
from functools import partial
from pathlib import Path

from measure import ONE_THREAD, machine

ROOT = Path(__file__).resolve().parent.parent
BATCH_SIZE = 128


def train_stacked(oracle, runs, examples, epochs):
    """Train one wide MLP for each of ``runs``, pairs ``(factor, seed)``, all at once.

    Args:
        oracle: the module ``reference/weight_decay/oracle_torch.py``.
        examples: ``(images, labels)`` as its ``train`` takes them.

    Returns:
        ``(parameters, losses)``: the tensors of all networks by name, with the networks along the first axis, and the
        losses of the last epoch (networks,).
    """
    import torch
    from torch.func import functional_call, stack_module_state, vmap
    from torch.nn.functional import cross_entropy

    networks = [oracle.build_wide_mlp(factor, seed) for factor, seed in runs]
    parameters, _ = stack_module_state(networks)
    factors = torch.tensor([factor for factor, _ in runs])
    one = networks[0]
    images, labels = oracle.to_tensors(examples, one)

    def loss_of_one(parameters, factor, images, labels):
        logits = functional_call(one, parameters, (images,))
        kernels = [parameters[f"{name}.weight"] for name in one.l2_layers]
        loss = cross_entropy(logits, labels) + factor * sum(kernel.square().sum() for kernel in kernels)
        return loss, (logits.argmax(dim=1) == labels).sum()

    losses_of_all = vmap(loss_of_one)
    optimizer = torch.optim.SGD(parameters.values(), lr=0.1)
    generators = {seed: torch.Generator().manual_seed(seed) for _, seed in runs}
    for _ in range(epochs):
        orders = {seed: torch.randperm(len(images), generator=drawn) for seed, drawn in generators.items()}
        rows = torch.stack([orders[seed] for _, seed in runs])
        loss_sums, correct = torch.zeros(len(runs)), torch.zeros(len(runs), dtype=torch.long)
        for batch in rows.split(BATCH_SIZE, dim=1):
            losses, right = losses_of_all(parameters, factors, images[batch], labels[batch])
            optimizer.zero_grad()
            losses.sum().backward()
            optimizer.step()
            loss_sums += losses.detach() * batch.shape[1]
            correct += right
    return parameters, loss_sums / len(images)


def processor_seconds(work):
    """Seconds that this process computes, whoever else uses the machine."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    os.environ.update(ONE_THREAD)
    sys.path.insert(0, str(ROOT))
    from grader.data.load import load
    from grader.oracle.run import load_module

    folder = ROOT / "reference" / "weight_decay"
    oracle = load_module(folder / "oracle_torch.py")
    data = load("mnist")
    examples = load_module(folder / "preparation.py").prepare(
        data.train_images, data.train_labels, data.test_images, data.test_labels
    )
    training = examples["training"]
    one_image = tuple(array[:1] for array in examples["validation"])
    runs = [(factor, seed) for factor in oracle.FACTORS for seed in oracle.SEEDS]

    def one():
        network = oracle.build_wide_mlp(*runs[0])
        oracle.train_wide_mlp(network, training, one_image, epochs=1)

    print(f"{machine()}; processor seconds of an epoch, median of {rounds}")
    one()
    alone, stacked = [], {3: [], 5: [], 15: []}
    for _ in range(rounds):
        alone.append(processor_seconds(one))
        for count, times in stacked.items():
            work = partial(train_stacked, oracle, runs[:count], training, epochs=1)
            times.append(processor_seconds(work) / count)
    print(f"one network            {statistics.median(alone):.2f} s")
    for count, times in stacked.items():
        ratios = [a / b for a, b in zip(times, alone, strict=True)]
        print(f"{count:2} stacked, per network {statistics.median(times):.2f} s", end="")
        print(f"   ratio {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
