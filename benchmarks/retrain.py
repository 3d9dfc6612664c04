"""How long retraining a network takes, compared with a bare loop written by hand over the same steps.

    python benchmarks/retrain.py [--epochs N] [--images N] [--seeds N] [--rounds N]

The network is LeNet-5 of ``backprop_to_lenet`` in PyTorch, in one thread. Ours is what grading does: a process that
reads the described network, builds it, and trains and tests it by the recipe of the assignment, once for each seed.
The bare loop is a process that imports PyTorch, loads the same images, builds the network with ``torch.nn`` and trains,
validates and tests it as often. Whole processes take turns, so that a machine whose speed drifts still gives a fair
ratio; one of each warms up and is not counted. ``trainings`` leaves out what comes before the first step: the start of
Python, the import of PyTorch and the images.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import ONE_THREAD, machine, spread

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "reference" / "backprop_to_lenet"

BARE = """
import json, sys, time
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from grader.data.load import load

epochs, images, seeds = map(int, sys.argv[1:])
data = load("fashion-mnist")
count = images or len(data.train_images)
validated = round(0.2 * count)


def prepared(pixels):
    return torch.from_numpy((pixels.astype(np.float32) / np.float32(255))[:, None])


x, y = prepared(data.train_images[:count]), torch.from_numpy(data.train_labels[:count].astype(np.int64))
tested, wanted = prepared(data.test_images), torch.from_numpy(data.test_labels.astype(np.int64))
started = time.perf_counter()
for seed in range(seeds):
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )
    optimizer = torch.optim.Adam(network.parameters())
    for _ in range(epochs):
        network.train()
        for rows in (validated + torch.randperm(count - validated)).split(128):
            optimizer.zero_grad()
            cross_entropy(network(x[rows]), y[rows]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            for batch in x[:validated].split(1000):
                network(batch)
    with torch.no_grad():
        torch.cat([network(batch) for batch in tested.split(1000)]).argmax(1).eq(wanted).float().mean()
print(json.dumps(time.perf_counter() - started))
"""


def ours(epochs, images, seeds):
    """Seconds of the whole and of the trainings alone."""
    import numpy as np

    from grader.networks.evaluate import without_softmax
    from grader.networks.initial import initialized
    from grader.oracle.budgets import experiment_of
    from grader.oracle.retraining import make_retraining, retrain
    from grader.oracle.run import load_module
    from grader.oracle.store import Store
    from grader.transplant.transplant import trace

    oracle = load_module(FOLDER / "oracle_torch.py")
    network = without_softmax(trace(oracle.build_lenet(), (28, 28, 1)).network)
    jobs = [
        make_retraining(
            experiment_of(FOLDER, "lenet"),
            "torch",
            seed=seed,
            epochs=epochs,
            images=images,
            build="build_lenet",
            network=initialized(network, np.random.default_rng(seed), "pytorch"),
        )
        for seed in range(seeds)
    ]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        runs = retrain(jobs, Store(Path(folder)), 3600)
        whole = time.perf_counter() - started
    return whole, sum(runs[job].made.seconds for job in jobs)


def bare(epochs, images, seeds):
    """Seconds of the whole and of the trainings alone."""
    from grader.oracle.schedule import process_environment

    started = time.perf_counter()
    arguments = [sys.executable, "-c", BARE, *map(str, (epochs, images, seeds))]
    environment = process_environment("torch", 1) | ONE_THREAD
    done = subprocess.run(arguments, check=True, capture_output=True, env=environment)
    return time.perf_counter() - started, json.loads(done.stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--images", type=int, default=0)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    sys.path.insert(0, str(ROOT))
    print(
        f"{machine()}; {given.seeds} trainings of {given.epochs} epochs on {given.images or 'all'} images", flush=True
    )
    budget = (given.epochs, given.images, given.seeds)
    pairs = [(ours(*budget), bare(*budget)) for _ in range(given.rounds + 1)][1:]
    for position, what in enumerate(("whole process", "trainings")):
        here = [own[position] for own, _ in pairs]
        there = [other[position] for _, other in pairs]
        ratios = [a / b for a, b in zip(here, there, strict=True)]
        ratio = statistics.median(here) / statistics.median(there)
        print(f"{what:14} retrained {spread(here)}   bare loop {spread(there)}")
        print(f"{'':14} ratio of the medians {ratio:.3f}, pair by pair {min(ratios):.3f}-{max(ratios):.3f}; goal 1.05")


if __name__ == "__main__":
    main()
