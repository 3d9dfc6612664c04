"""How long the audit of a notebook of 40 cells takes, with the outputs of six trainings stored in it.

    python benchmarks/audit.py [--runs N]

In a process of its own, as in a worker: reading the notebook (JSON, syntax trees, facts), decoding the facts and
looking for findings. Importing nbformat and IPython, which a worker does anyway to read any notebook, is counted apart.
The same follows for notebooks made to be slow, as large as a worker tells of: how long the session looks at each.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import machine, spread

ROOT = Path(__file__).resolve().parent.parent
GOAL_S = 1.0
CELLS = 40
TRAININGS = 6
EPOCHS = 30
BAR = (
    "469/469 \u2501\u2501\u2501\u2501 2s 3ms/step - accuracy: 0.9{0:03} - loss: 0.1{0:03} - "
    "val_accuracy: 0.9{0:03} - val_loss: 0.1{0:03}"
)
AUDIT = """
import sys, time
from pathlib import Path
started = time.perf_counter()
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
TransformerManager().transform_cell("%matplotlib inline")
from grader.audit.audit import audit
from grader.audit.facts import decode
from grader.sandbox.worker.operations.notebook_facts import read_notebook
class Bench:
    root = Path(sys.argv[1])
imported = time.perf_counter()
(facts,) = read_notebook(Bench(), ("work.ipynb",), {})
read = time.perf_counter()
findings = audit(decode(facts.tobytes()))
done = time.perf_counter()
print(imported - started, read - imported, done - read, len(findings), facts.nbytes)
"""

SLOW = ("accuracy of ", "f'{", "[1/1 ", "is better than ", "1.", "epochs=1", "x.predict(", "kernel of size ", "a b ")
"""Pieces of lines that the readers' patterns nearly match, again and again."""
LINE = 1_000
TEXT = 2**19


def hostile(piece):
    """A notebook that is full of one piece, in text, code and outputs."""
    line = (piece * LINE)[: LINE - 1]
    part = "\n".join([line] * (TEXT // LINE // 60))
    cells = []
    for number in range(1, 21):
        quoted = "\n".join(f"# {one[:-2]}" for one in part.split("\n"))
        cells += [markdown(part), code(f"m.compile('adam')\nh = m.fit(x, y, epochs=3)\n{quoted}", part)]
        cells[-1]["execution_count"] = number
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}


def notebook():
    """A notebook of 40 cells: preparation, six networks with their logs drawn over and over, evaluations, texts."""
    load = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\nx_train = x_train / 255"
    cells = [markdown("# MNIST"), code("from tensorflow import keras\nfrom tensorflow.keras import layers"), code(load)]
    for number in range(TRAININGS):
        name = f"net_{number}"
        cells += [
            markdown(f"## Network {number}\nIt has a test accuracy of 97.{number}1 %, and was trained for 30 epochs."),
            code(f"{name} = keras.Sequential([layers.Dense(10)])\n{name}.compile('adam', metrics=['accuracy'])"),
            code(f"history = {name}.fit(x_train, y_train, epochs={EPOCHS}, batch_size=128)", log()),
            code(
                f"score = {name}.evaluate(x_test, y_test, verbose=0)\nprint('Test accuracy:', score[1])",
                f"Test accuracy: 0.97{number}\n",
            ),
        ]
    while len(cells) < CELLS:
        cells.append(code("import matplotlib.pyplot as plt\nplt.plot(history.history['loss'])\nplt.show()"))
    for count, cell in enumerate(cells, start=1):
        if cell["cell_type"] == "code":
            cell["execution_count"] = count
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells[:CELLS]}


def log():
    """A training's output as Jupyter stores it: every state of every progress bar."""
    lines = []
    for epoch in range(1, EPOCHS + 1):
        lines.append(f"Epoch {epoch}/{EPOCHS}\n")
        lines += [f"\r{step}/469 \u2501\u2501 1s - loss: 0.{step:04}" for step in range(1, 469, 8)]
        lines.append("\r" + BAR.format(epoch) + "\n")
    return "".join(lines)


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text, output=""):
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    return {"cell_type": "code", "metadata": {}, "source": text, "outputs": outputs, "execution_count": None}


def measured(folder, content):
    """Return seconds of imports, reading and looking, the number of findings, and the bytes of the facts."""
    (Path(folder) / "work.ipynb").write_text(json.dumps(content))
    answer = subprocess.run([sys.executable, "-c", AUDIT, folder], check=True, cwd=ROOT, capture_output=True, text=True)
    return [float(word) for word in answer.stdout.split()]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=7)
    runs = options.parse_args().runs
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        figures = [measured(folder, notebook()) for _ in range(runs)]
        size_kib = (Path(folder) / "work.ipynb").stat().st_size / 1024
        slow = {piece: measured(folder, hostile(piece)) for piece in SLOW}
    imports, reading, finding, count, facts_bytes = zip(*figures, strict=True)
    print(f"a notebook of {CELLS} cells and {size_kib:,.0f} KiB; its facts are {facts_bytes[0] / 1024:,.0f} KiB")
    print(f"  {count[0]:.0f} findings")
    print(f"  imports    {spread(imports)}")
    print(f"  reading    {spread(reading)}")
    print(f"  findings   {spread(finding)}")
    worst_s = max(sum(parts) for parts in zip(reading, finding, strict=True))
    is_met = worst_s <= GOAL_S
    print(
        f"  both, at worst {worst_s * 1000:.0f} ms; the goal is {GOAL_S * 1000:.0f} ms: {'met' if is_met else 'missed'}"
    )
    print(f"notebooks made to be slow, {TEXT >> 10} KiB of text each")
    for piece, (_, reading_s, finding_s, _, _) in slow.items():
        print(f"  {piece!r:18} reading {reading_s:5.2f} s, findings {finding_s:5.2f} s")
    return not is_met


if __name__ == "__main__":
    sys.exit(main())
