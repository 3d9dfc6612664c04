"""How far the regularization networks get on raw pixels, with the loss of today and with that of early Keras.

    python benchmarks/raw_pixels.py [--network one_none]... [--seeds N] [--data full|subset] [--jobs N]

Trains networks of ``regularization`` on pixels from 0 to 255 with the reference in PyTorch, from many seeds, and prints
the validation accuracy after the last epoch. Of the two losses

- ``logits`` is the reference's, and what Keras computes today: cross-entropy from logits, log Σ exp z − z of the class;
- ``clipped`` is what Keras with TensorFlow computed before it looked behind a softmax for its logits
  (``keras.backend.categorical_crossentropy`` in Keras 2.0 to 2.2): − log p of the class, with p clipped to
  [1e-7, 1 − 1e-7]. Where p is clipped, the gradient is zero: an example that is entirely wrong changes nothing.

Raw pixels make first logits so large that most probabilities are clipped; so the two losses train differently there,
though they are the same function of moderate logits. Seeds are those of the recorded results, from 0.
"""

import argparse
import multiprocessing
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from unittest.mock import patch

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
CONVOLUTIONS = {"one": 1, "two": 2}
NETWORKS = ("one_none", "one_l2", "two_none", "two_l2")
LOSSES = ("logits", "clipped")
CLIPPED_AT = 1e-7
LEARNT = 0.2  # a network that stays at chance ends within 0.01 of 0.1


def clipped_cross_entropy(logits, classes):
    """Return the mean of − log p, with p, the probability of each right class, clipped as early Keras did."""
    chosen = logits.softmax(dim=1).clamp(CLIPPED_AT, 1 - CLIPPED_AT).gather(1, classes[:, None])
    return -chosen.log().mean()


def trained(network, loss, seed, source):
    """Train one network from one seed, in one thread, and return its validation accuracy after each epoch."""
    sys.path.insert(0, str(ROOT))
    import torch

    from grader.data.load import load
    from grader.oracle.run import load_module

    torch.set_num_threads(1)
    folder = ROOT / "reference" / "regularization"
    oracle, preparation = (load_module(folder / f"{name}.py") for name in ("oracle_torch", "preparation"))
    data = load("fashion-mnist", source)
    examples = preparation.prepare(data.train_images, data.train_labels, scaled=False)
    convolutions, _, regularizer = network.partition("_")
    built = oracle.build(CONVOLUTIONS[convolutions], regularizer, seed=seed)
    used = clipped_cross_entropy if loss == "clipped" else oracle.cross_entropy
    with patch.object(oracle, "cross_entropy", used):
        return oracle.train(built, examples["training"], examples["validation"], seed=seed)["validation_accuracy"]


def summary(values):
    """Say of how many seeds a network learnt, and where those ended."""
    learnt = sorted(value for value in values if value > LEARNT)
    if not learnt:
        return f"learns from 0 of {len(values)} seeds"
    return (
        f"learns from {len(learnt)} of {len(values)} seeds: "
        f"median {statistics.median(learnt):.3f} ({learnt[0]:.3f}-{learnt[-1]:.3f})"
    )


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--network", action="append", help=f"such as {', '.join(NETWORKS)}, the default")
    options.add_argument("--loss", choices=LOSSES, action="append")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--data", choices=["full", "subset"], default="full")
    options.add_argument("--jobs", type=int, default=2)
    given = options.parse_args()
    networks, losses = given.network or NETWORKS, given.loss or LOSSES
    print(f"{machine()}; seeds 0 to {given.seeds - 1}, {given.data} data", flush=True)
    found = {(network, loss): {} for network in networks for loss in losses}
    with ProcessPoolExecutor(given.jobs, multiprocessing.get_context("spawn")) as pool:
        started = {
            pool.submit(trained, *key, seed, given.data): (key, seed) for key in found for seed in range(given.seeds)
        }
        for done in as_completed(started):
            key, seed = started[done]
            found[key][seed] = done.result()[-1]
            print(f"  {' '.join(key):20} seed {seed:2}: {' '.join(f'{v:.4f}' for v in done.result())}", flush=True)
    for (network, loss), values in found.items():
        print(f"{network:12}{loss:10}{summary(values.values())}")


if __name__ == "__main__":
    main()
