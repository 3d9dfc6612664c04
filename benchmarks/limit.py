"""How far an epoch of LeNet-5 is from the machine's arithmetic limit in PyTorch, and what the gap consists of.

    python benchmarks/limit.py [--epochs N]

The limit is the time that the additions and multiplications of an epoch would take at the rate of a large product of
two matrices. The epoch is that of ``reference_epoch.py``: the reference on 4800 images of the embedded subset, with
1200 for validation, in one thread. Its time is that of the processor, whoever else uses the machine; a profiler says
which operators it is spent in. The least time of a layer is its share of the limit, that of a ReLU or a pool the time
to copy as many bytes as it reads and writes.
"""

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
BYTES = {"number": 4, "position": 8}
# multiplications with their additions in one forward pass, layer by layer
FORWARD = {
    "conv1": 28 * 28 * 6 * 5 * 5 * 1,
    "conv2": 10 * 10 * 16 * 5 * 5 * 6,
    "conv3": 1 * 1 * 120 * 5 * 5 * 16,
    "dense1": 120 * 84,
    "logits": 84 * 10,
}
# what the layers give for one image: convolutions and their ReLU, pools, dense1
CONVOLVED = 28 * 28 * 6 + 10 * 10 * 16
POOLED = 14 * 14 * 6 + 5 * 5 * 16


def operations(training, validation, layers=tuple(FORWARD)):
    """Additions and multiplications of an epoch: backwards each layer costs twice its forward pass, once for the
    weights and once for what came in, which the first layer does not need.

    Args:
        training, validation: numbers of images.
    """
    forward = sum(FORWARD[layer] for layer in layers)
    needless = FORWARD["conv1"] if "conv1" in layers else 0
    return 2 * (training * (3 * forward - needless) + validation * forward)


def moved(training, validation):
    """Bytes that an epoch has to read and write for its ReLUs and its pools, at least: ``{kind: bytes}``.

    A ReLU reads and writes each number; backwards it reads two and writes one. A pool reads all, writes a quarter with
    its positions; backwards it reads these and writes all.
    """
    relu = (CONVOLVED + 120 + 84) * BYTES["number"]
    pooled = POOLED * (BYTES["number"] + BYTES["position"])
    convolved = CONVOLVED * BYTES["number"]
    return {
        "ReLU": training * 5 * relu + validation * 2 * relu,
        "max pooling": training * 2 * (convolved + pooled) + validation * (convolved + pooled),
    }


def rate_torch():
    """Additions and multiplications per processor second in a product of two matrices."""
    import torch

    left, right = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return 2 * 1024**3 / shortest(lambda: left @ right)


def rate_keras():
    """Additions and multiplications per processor second in a product of two matrices."""
    import tensorflow as tf

    left, right = tf.random.uniform((1024, 1024)), tf.random.uniform((1024, 1024))
    return 2 * 1024**3 / shortest(lambda: tf.matmul(left, right).numpy())


def copy_rate():
    """Bytes per processor second, read and written, in a copy of a batch of what ``conv1`` gives."""
    import torch

    source = torch.rand(128, 6, 28, 28)
    target = torch.empty_like(source)
    return 2 * source.nbytes / shortest(lambda: target.copy_(source))


def shortest(work, times=20):
    """Processor seconds of the fastest of some calls, after one that is not counted."""
    work()
    seconds = []
    for _ in range(times):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return min(seconds)


def kind(operator, shapes):
    """Return the row of the table that an operator's own time belongs to."""
    if operator in ("aten::mkldnn_convolution", "aten::convolution_backward"):
        channels = shapes[2][0] if operator.endswith("backward") else shapes[1][0]
        return {6: "conv1", 16: "conv2", 120: "conv3"}[channels]
    if operator in ("aten::addmm", "aten::mm"):
        return "dense layers"
    if operator.startswith("aten::max_pool2d"):
        return "max pooling"
    if operator in ("aten::clamp_min", "aten::threshold_backward"):
        return "ReLU"
    return "the rest"


def profile(oracle, examples, epochs):
    """Return processor seconds of an epoch: of the whole, and by :func:`kind` and for the optimizer."""
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as recording

    network = oracle.build_lenet()
    oracle.train_lenet(network, examples["training"], examples["validation"], epochs=1)
    started = time.process_time()
    oracle.train_lenet(network, examples["training"], examples["validation"], epochs=epochs)
    whole = (time.process_time() - started) / epochs
    with recording(activities=[ProfilerActivity.CPU], record_shapes=True) as recorded:
        oracle.train_lenet(network, examples["training"], examples["validation"], epochs=epochs)
    events = recorded.key_averages(group_by_input_shape=True)
    spent = Counter()
    for event in events:
        spent[kind(event.key, event.input_shapes)] += event.self_cpu_time_total
    spent["Adam"] = sum(event.cpu_time_total for event in events if event.key == "Optimizer.step#Adam.step")
    spent["the rest"] -= spent["Adam"]
    return whole, {name: whole * time / spent.total() for name, time in spent.most_common()}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--epochs", type=int, default=5)
    given = options.parse_args()
    sys.path.insert(0, str(ROOT))
    from grader.data.load import load
    from grader.oracle.frameworks import FRAMEWORKS
    from grader.oracle.run import load_module

    os.environ.update(FRAMEWORKS["torch"].environment(threads=1))
    folder = ROOT / "reference" / "backprop_to_lenet"
    data = load("fashion-mnist")
    examples = load_module(folder / "preparation.py").prepare(
        data.train_images, data.train_labels, data.test_images, data.test_labels
    )
    counts = len(examples["training"][0]), len(examples["validation"][0])
    whole, spent = profile(load_module(folder / "oracle_torch.py"), examples, given.epochs)
    arithmetic, copied = rate_torch(), copy_rate()
    bound = {layer: operations(*counts, [layer]) / arithmetic for layer in ("conv1", "conv2", "conv3")}
    bound["dense layers"] = operations(*counts, ["dense1", "logits"]) / arithmetic
    limit = sum(bound.values())
    bound |= {name: count / copied for name, count in moved(*counts).items()}
    print(f"{machine()}; one thread, {given.epochs} epochs")
    print(f"a product of matrices: {arithmetic / 1e9:.0f} Gop/s; a copy: {copied / 1e9:.0f} GB/s read and written")
    print(f"an epoch {whole:.2f} s, {whole / limit:.1f} times the limit of {limit:.3f} s")
    print(f"{'':14}{'seconds':>9}{'share':>8}{'least':>9}{'times as long':>15}")
    for name, seconds in spent.items():
        compared = f"{bound[name]:9.3f}{seconds / bound[name]:15.1f}" if name in bound else ""
        print(f"{name:14}{seconds:9.3f}{seconds / whole:8.0%}{compared}")


if __name__ == "__main__":
    main()
