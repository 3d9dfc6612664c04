"""What grading a backprop submission costs at the very least: import NumPy, load the file, make the same calls.

    python benchmarks/bare.py SUBMISSION_FILE CASES_FILE CALLS_JSON

``CALLS_JSON`` lists ``[function, case function, how often]``; nothing is compared and nothing is walled off. Used by
``single_run.py``, which makes the list from the report of a real run.
"""

import importlib.util
import json
import sys

import numpy as np


def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    submission, cases = load(sys.argv[1], "submission"), load(sys.argv[2], "cases")
    rng = np.random.default_rng(0)
    for function, draw, count in json.loads(sys.argv[3]):
        case = getattr(cases, draw)(rng)
        for _ in range(count):
            weights = {name: value.copy() for name, value in case["weights"].items()}
            if function == "forward_propagation":
                submission.forward_propagation(case["X"], weights)
            else:
                submission.back_propagation(case["X"], case["Y_T"], weights)


if __name__ == "__main__":
    main()
