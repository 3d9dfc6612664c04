"""How long an epoch of the reference takes, compared with a bare loop written by hand in the same framework.

    python benchmarks/reference_epoch.py [--framework torch|keras] [--threads N] [--rounds N]

The network is LeNet-5 of ``backprop_to_lenet``, the images are the embedded subset: 4800 for training, 1200 for
validation after each epoch. The bare loop takes the same steps and keeps no loss, no accuracy and no history. The two
take turns, so that a machine whose speed drifts still gives a fair ratio; each is warmed up by an epoch that is not
counted. Each framework runs in a process of its own.

For the distance from the machine's limit, the additions and multiplications of a training epoch are counted and
divided by the rate of a large matrix product in the same framework with the same threads.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
BATCH_SIZE = 128
EPOCHS = 2
# multiplications with their additions in one forward pass, layer by layer
FORWARD = {
    "conv1": 28 * 28 * 6 * 5 * 5 * 1,
    "conv2": 10 * 10 * 16 * 5 * 5 * 6,
    "conv3": 1 * 1 * 120 * 5 * 5 * 16,
    "dense1": 120 * 84,
    "logits": 84 * 10,
}


def operations(training, validation):
    """Additions and multiplications of an epoch: backwards each layer costs twice its forward pass, once for the
    weights and once for what came in, which the first layer does not need.
    """
    forward = sum(FORWARD.values())
    return 2 * (training * (3 * forward - FORWARD["conv1"]) + validation * forward)


def seconds_of_epochs(run):
    """Call ``run`` with a function that marks the end of an epoch; return the seconds of all epochs but the first."""
    marks = []
    run(lambda *_: marks.append(time.perf_counter()))
    return [after - before for before, after in itertools.pairwise(marks)]


def bare_torch(oracle, examples, mark):
    import torch
    from torch.nn.functional import cross_entropy

    network = oracle.build_lenet()
    images, labels = oracle.to_tensors(examples["training"], network)
    held_out, _ = oracle.to_tensors(examples["validation"], network)
    optimizer = torch.optim.Adam(network.parameters(), eps=1e-7)
    for _ in range(EPOCHS + 1):
        network.train()
        for batch in torch.randperm(len(images)).split(BATCH_SIZE):
            optimizer.zero_grad()
            cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            for batch in held_out.split(1000):
                network(batch)
        mark()


def rate_torch():
    """Operations a second in a product of two matrices."""
    import torch

    left, right = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return rate(lambda: left @ right)


def bare_keras(oracle, examples, mark):
    import keras
    import tensorflow as tf

    network = oracle.build_lenet()
    optimizer = keras.optimizers.Adam(**oracle.ADAM)
    optimizer.build(network.trainable_variables)
    images, labels = map(tf.constant, examples["training"])
    held_out = tf.constant(examples["validation"][0])

    @tf.function(reduce_retracing=True)
    def step(batch):
        with tf.GradientTape() as tape:
            logits = network(tf.gather(images, batch), training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.gather(labels, batch), logits))
        variables = network.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    @tf.function(reduce_retracing=True)
    def predict(batch):
        return network(batch, training=False)

    for _ in range(EPOCHS + 1):
        order = tf.random.shuffle(tf.range(len(images)))
        for start in range(0, len(images), BATCH_SIZE):
            step(order[start : start + BATCH_SIZE])
        for start in range(0, len(held_out), BATCH_SIZE):
            predict(held_out[start : start + BATCH_SIZE])
        mark()


def rate_keras():
    """Operations a second in a product of two matrices."""
    import tensorflow as tf

    left, right = tf.random.uniform((1024, 1024)), tf.random.uniform((1024, 1024))
    return rate(lambda: tf.matmul(left, right).numpy())


def rate(multiply):
    multiply()
    times = []
    for _ in range(20):
        started = time.perf_counter()
        multiply()
        times.append(time.perf_counter() - started)
    return 2 * 1024**3 / min(times)


def compare(framework, rounds):
    """Print what was measured in one framework. Runs in a process that has imported no other."""
    sys.path.insert(0, str(ROOT))
    from grader.data.load import load
    from grader.oracle.run import load_module

    folder = ROOT / "reference" / "backprop_to_lenet"
    oracle = load_module(folder / f"oracle_{framework}.py")
    data = load("fashion-mnist")
    examples = load_module(folder / "preparation.py").prepare(
        data.train_images, data.train_labels, data.test_images, data.test_labels
    )
    bare, best_rate = {"torch": (bare_torch, rate_torch), "keras": (bare_keras, rate_keras)}[framework]

    def reference(mark):
        oracle.train_lenet(
            oracle.build_lenet(), examples["training"], examples["validation"], epochs=EPOCHS + 1, after_epoch=mark
        )

    ours, theirs = [], []
    for _ in range(rounds):
        ours += seconds_of_epochs(reference)
        theirs += seconds_of_epochs(lambda mark: bare(oracle, examples, mark))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    ratio = statistics.median(ours) / statistics.median(theirs)
    limit = operations(len(examples["training"][0]), len(examples["validation"][0])) / best_rate()
    print(f"{framework:6} reference {statistics.median(ours):6.2f} s   bare loop {statistics.median(theirs):6.2f} s")
    print(f"       ratio of the medians {ratio:.3f}, pair by pair {min(ratios):.3f}-{max(ratios):.3f}")
    print(f"       the goal is 1.05: {'met' if ratio <= 1.05 else 'not met'}")
    print(f"       at the rate of a matrix product {limit:.3f} s, so the reference takes ", end="")
    print(f"{statistics.median(ours) / limit:.1f} times as long")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--framework", choices=["torch", "keras"], action="append")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.here:
        compare(given.framework[0], given.rounds)
        return
    print(f"{machine()}; {given.threads} thread(s), {given.rounds} rounds of {EPOCHS} epochs", flush=True)
    sys.path.insert(0, str(ROOT))
    from grader.oracle.frameworks import FRAMEWORKS

    for name in given.framework or FRAMEWORKS:
        command = [sys.executable, __file__, "--here", "--framework", name, "--rounds", str(given.rounds)]
        subprocess.run(command, check=True, env={**os.environ, **FRAMEWORKS[name].environment(given.threads)})


if __name__ == "__main__":
    main()
