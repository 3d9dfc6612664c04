"""How long it takes to load a data set and make it ready for training.

    python benchmarks/data.py [--runs N]

Needs the full files on this machine (``grader data status``). Every figure is a process of its own that has imported
NumPy and the loader before the clock starts: the arrays are read, checked and, in the second column, turned into
float32 between 0 and 1 with a last axis for the channel. "packed" starts from the .gz files with an empty cache and
leaves unpacked copies there; "unpacked" starts from these, or from files that were found unpacked.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import machine

ROOT = Path(__file__).resolve().parent.parent
TIMED = """
import sys, time
import numpy as np
from grader.data.load import load

started = time.perf_counter()
data = load(sys.argv[1], sys.argv[2])
loaded = time.perf_counter()
for images in (data.train_images, data.test_images):
    np.multiply(images[..., None], np.float32(1 / 255), dtype=np.float32)
print(loaded - started, time.perf_counter() - started)
"""


def seconds(dataset, source, cache, folder=""):
    """Seconds for loading, and for loading and preparing, with the full files in ``folder``."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "GRADER_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", TIMED, dataset, source]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return tuple(map(float, done.stdout.split()))


def measured(title, times):
    """Print one line and return the median seconds of the last column."""
    columns = [
        f"{statistics.median(c) * 1000:5.0f} ms  ({min(c) * 1000:.0f}-{max(c) * 1000:.0f})"
        for c in zip(*times, strict=True)
    ]
    print(f"{title:30}" + "".join(f"{column:24}" for column in columns))
    return statistics.median(last for *_, last in times)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=7)
    runs = options.parse_args().runs
    sys.path.insert(0, str(ROOT))
    from grader.data.catalogue import ENTRIES
    from grader.data.errors import DataError
    from grader.data.find import find

    print(machine())
    print(f"{f'median (range) of {runs}':30}{'load':24}{'load and prepare':24}")
    for entry in ENTRIES.values():
        with tempfile.TemporaryDirectory() as empty:
            measured(f"{entry.name}, subset", [seconds(entry.name, "subset", empty) for _ in range(runs)])
        try:
            found = find(entry)
        except DataError as error:
            print(error)
            continue
        folder = found.place.folder
        if any(path.suffix == ".gz" for path in found.paths):
            times = []
            for _ in range(runs):
                with tempfile.TemporaryDirectory() as empty:
                    times.append(seconds(entry.name, "full", empty, folder))
            measured(f"{entry.name}, full, packed", times)
        with tempfile.TemporaryDirectory() as cache:
            seconds(entry.name, "full", cache, folder)
            times = [seconds(entry.name, "full", cache, folder) for _ in range(runs)]
            middle = measured(f"{entry.name}, full, unpacked", times)
        print(f"  the goal is 1 s for the last line: {'met' if middle <= 1 else 'not met'}")


if __name__ == "__main__":
    main()
