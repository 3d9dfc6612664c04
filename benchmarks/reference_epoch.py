"""How long an epoch of the reference takes, compared with a bare loop written by hand in the same framework.

    python benchmarks/reference_epoch.py [--framework torch|keras] [--threads N] [--rounds N]

The network is LeNet-5 of ``backprop_to_lenet``, the images are the embedded subset: 4800 for training, 1200 for
validation after each epoch. The bare loop does the same work: it draws a new order for every epoch, takes the same
steps and returns the same four figures of every epoch. The two take turns, so that a machine whose speed drifts still
gives a fair ratio; each is warmed up by an epoch that is not counted. Each framework runs in a process of its own.
"processor" is what it computed, whoever else used the machine meanwhile.

For the distance from the machine's limit, the additions and multiplications of a training epoch are counted and
divided by the rate of a large matrix product in the same framework with the same threads, both in processor time.
``limit.py`` says what the distance consists of.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from limit import operations, rate_keras, rate_torch
from measure import machine

ROOT = Path(__file__).resolve().parent.parent
BATCH_SIZE = 128
EPOCHS = 2
FIELDS = ("loss", "accuracy", "validation_loss", "validation_accuracy")


class Seconds(NamedTuple):
    """What an epoch took: by the clock, and of the processor's time."""

    whole: float
    processor: float


def seconds_of_epochs(run):
    """Call ``run`` with a function that marks the end of an epoch; return the :class:`Seconds` of all but the first."""
    marks = []
    run(lambda *_: marks.append((time.perf_counter(), time.process_time())))
    return [Seconds(after[0] - before[0], after[1] - before[1]) for before, after in itertools.pairwise(marks)]


def bare_torch(oracle, examples, mark):
    import torch
    from torch.nn.functional import cross_entropy

    network = oracle.build_lenet()
    torch.manual_seed(0)
    images, labels = oracle.to_tensors(examples["training"], network)
    held_out, answers = oracle.to_tensors(examples["validation"], network)
    optimizer = torch.optim.Adam(network.parameters(), eps=1e-7)
    history = []
    for _ in range(EPOCHS + 1):
        network.train()
        loss_sum = correct = 0
        for batch in torch.randperm(len(images)).split(BATCH_SIZE):
            logits = network(images[batch])
            loss = cross_entropy(logits, labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(batch)
            correct += (logits.argmax(1) == labels[batch]).sum()
        network.eval()
        with torch.no_grad():
            logits = torch.cat([network(batch) for batch in held_out.split(1000)])
            validation = cross_entropy(logits, answers), (logits.argmax(1) == answers).float().mean()
        history.append([float(loss_sum) / len(images), int(correct) / len(images), *map(float, validation)])
        mark()
    return dict(zip(FIELDS, zip(*history, strict=True), strict=True))


def bare_keras(oracle, examples, mark):
    import keras
    import tensorflow as tf

    network = oracle.build_lenet()
    keras.utils.set_random_seed(0)
    optimizer = keras.optimizers.Adam(**oracle.ADAM)
    optimizer.build(network.trainable_variables)
    images, labels = map(tf.constant, examples["training"])
    held_out, answers = map(tf.constant, examples["validation"])

    def sums(truth, logits):
        """Return the cross-entropy and the number of right answers, both summed over a batch."""
        losses = tf.nn.softmax_cross_entropy_with_logits(truth, logits)
        right = tf.equal(tf.argmax(truth, axis=1), tf.argmax(logits, axis=1))
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(tf.cast(right, tf.float32))])

    @tf.function(reduce_retracing=True)
    def step(batch):
        truth = tf.gather(labels, batch)
        with tf.GradientTape() as tape:
            found = sums(truth, network(tf.gather(images, batch), training=True))
            loss = found[0] / tf.cast(len(batch), tf.float32)
        variables = network.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
        return found

    @tf.function(reduce_retracing=True)
    def measure(batch, truth):
        return sums(truth, network(batch, training=False))

    history = []
    for _ in range(EPOCHS + 1):
        order = tf.random.shuffle(tf.range(len(images)))
        trained = tf.zeros(2)
        for start in range(0, len(images), BATCH_SIZE):
            trained += step(order[start : start + BATCH_SIZE])
        tested = tf.zeros(2)
        for start in range(0, len(held_out), 1000):
            tested += measure(held_out[start : start + 1000], answers[start : start + 1000])
        history.append([*map(float, trained / len(images)), *map(float, tested / len(held_out))])
        mark()
    return dict(zip(FIELDS, zip(*history, strict=True), strict=True))


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
    limit = operations(len(examples["training"][0]), len(examples["validation"][0])) / best_rate()
    print(f"{framework:10}{'reference':>11}{'bare loop':>11}{'ratio of medians':>18}{'pair by pair':>17}")
    for name, mine, bare_ones in (
        ("whole", *([times.whole for times in epochs] for epochs in (ours, theirs))),
        ("processor", *([times.processor for times in epochs] for epochs in (ours, theirs))),
    ):
        middle = statistics.median(mine), statistics.median(bare_ones)
        ratios = [a / b for a, b in zip(mine, bare_ones, strict=True)]
        print(f"{name:10}{middle[0]:9.2f} s{middle[1]:9.2f} s{middle[0] / middle[1]:18.3f}", end="")
        print(f"{f'{min(ratios):.3f}-{max(ratios):.3f}':>17}")
    whole = [statistics.median(times.whole for times in epochs) for epochs in (ours, theirs)]
    print(f"the goal is 1.05 for the whole: {'met' if whole[0] / whole[1] <= 1.05 else 'not met'}")
    processor = statistics.median(times.processor for times in ours)
    print(
        f"at the rate of a matrix product {limit:.3f} s; the reference computes {processor / limit:.1f} times as long"
    )


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--framework", choices=["torch", "keras"], action="append")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--rounds", type=int, default=5)
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
